"""Asking a form in a chat: one message a question, the way through it kept in the database."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.domain.forms import Form, Question
from bot.domain.organisation import Account
from bot.wording.speech import Speech
from integrations.chat.telegram import wizard as steps
from integrations.chat.telegram.buttons import digest, rows
from integrations.chat.telegram.calls import Undone, ask
from integrations.chat.telegram.limiter import Priority
from integrations.chat.telegram.markup import Run, bold, fit, shorten, to_html
from integrations.chat.telegram.post import Letter, Pen, Place
from integrations.chat.telegram.reading import Where
from integrations.chat.telegram.wizard import Wizard

_KIND: Final = "wizard"
_LIFE: Final = timedelta(hours=1)
"""How long a question waits: a form that somebody left takes nothing they write later for its answer."""

DATA: Final = "w"
_MOST_OPTIONS: Final = 90
"""Telegram takes a hundred buttons; the other options can still be written."""

_LONGEST_LABEL: Final = 60
_LONGEST_VALUE: Final = 300


class Asking:
    """The forms under way: at most one for each account in each chat."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    async def under_way(self, chat: int, account: Account) -> Wizard | None:
        """Return the form that somebody is filling in."""
        value = await self._pen.memory.get(_KIND, _key(chat, account))
        return None if value is None else steps.from_json(value)

    async def begin(self, form: Form, where: Where, account: Account, update: str, speech: Speech) -> None:
        """Ask the first question, in place of a form that was not finished. Asked again for an update: goes on."""
        wizard_id = digest(f"{where.place.chat}:{account.user}:{update}", 6)
        known = await self.under_way(where.place.chat, account)
        if known is None or known.id != wizard_id:
            known = steps.begin(form, wizard_id, update, where.place.topic)
        await self.put(known, where.place.chat, account)
        await self.ask(known, where, account, speech)

    async def put(self, wizard: Wizard, chat: int, account: Account) -> None:
        """Keep where somebody stands."""
        expires_at = self._pen.clock.now() + _LIFE
        await self._pen.memory.put(_KIND, _key(chat, account), steps.to_json(wizard), expires_at=expires_at)

    async def end(self, chat: int, account: Account) -> None:
        """Forget a form that is finished or given up."""
        await self._pen.memory.drop(_KIND, _key(chat, account))

    async def ask(self, wizard: Wizard, where: Where, account: Account, speech: Speech) -> None:
        """Write the question that is to be answered, unless it was written already. Raises `BadRequest`, `Undone`."""
        question = wizard.question
        if question is None or wizard.asked is not None:
            return
        html = to_html(fit(_words(wizard, question, speech, is_private=where.is_private)))
        reply_to = None if where.is_private else where.message
        letter = Letter(html, _keyboard(wizard, question, speech), is_silent=False, reply_to=reply_to)
        message = await self._pen.send(where.place, letter, Priority.REPLY)
        await self.put(replace(wizard, asked=message), where.place.chat, account)

    async def take_buttons(self, place: Place, message: int | None) -> None:
        """Take the buttons from a question that is done with; that it can't be is no matter."""
        if message is None:
            return
        try:
            await ask(lambda: self._pen.bot.edit_message_reply_markup(place.chat, message), place.chat)
        except (BadRequest, Undone):
            return


def _words(wizard: Wizard, question: Question, speech: Speech, *, is_private: bool) -> list[Run]:
    runs = [bold(wizard.form.title)]
    if len(wizard.todo) > 1:
        place = speech.words("telegram.form.place", at=wizard.at + 1, count=len(wizard.todo))
        runs += [Run(" · "), Run(place)]
    if wizard.step == 0 and len(wizard.todo) > 1:
        for number, each in enumerate(wizard.form.questions, 1):
            runs += [Run(f"\n{number}. "), Run(each.label, "i")]
    if (wrong := wizard.wrong.get(question.name)) is not None:
        runs.append(Run(f"\n\n⚠️ {wrong}"))
    runs += [Run("\n\n"), bold(question.label)]
    if question.hint:
        runs += [Run("\n"), Run(question.hint, "i")]
    if wizard.value:
        value = next((o.label for o in question.options if o.value == wizard.value), wizard.value)
        runs.append(Run(f"\n{speech.words('telegram.form.now', value=shorten(value, _LONGEST_VALUE))}"))
    if not is_private:
        runs += [Run("\n"), Run(speech.words("telegram.form.reply_here"), "i")]
    return runs


def _keyboard(wizard: Wizard, question: Question, speech: Speech) -> InlineKeyboardMarkup:
    def button(label: str, what: str) -> InlineKeyboardButton:
        text = shorten(label, _LONGEST_LABEL) or "?"
        return InlineKeyboardButton(text, callback_data=f"{DATA}.{wizard.id}.{wizard.step}.{what}")

    options = [
        button(option.label, f"{steps.OPTION}{number}")
        for number, option in enumerate(question.options[:_MOST_OPTIONS])
    ]
    ways = []
    if wizard.at > 0:
        ways.append(button(speech.words("telegram.form.back"), steps.BACK))
    if wizard.may_keep:
        ways.append(button(speech.words("telegram.form.keep"), steps.KEEP))
    if not question.required:
        ways.append(button(speech.words("telegram.form.skip"), steps.SKIP))
    ways.append(button(speech.words("telegram.form.cancel"), steps.CANCEL))
    return InlineKeyboardMarkup([*rows(options), *rows(ways)])


def _key(chat: int, account: Account) -> str:
    return f"{chat}:{account.user}"
