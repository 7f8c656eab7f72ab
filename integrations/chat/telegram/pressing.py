"""Pressed buttons: a button is a command, asked about first where it says so; a question's button is an answer."""

from dataclasses import dataclass
from typing import Any, Final

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.ports.chat import Answer, ChatInbox
from bot.wording.speech import Speech
from integrations.chat.telegram import asking as forms
from integrations.chat.telegram import buttons
from integrations.chat.telegram import wizard as steps
from integrations.chat.telegram.answering import Answering
from integrations.chat.telegram.asking import Asking
from integrations.chat.telegram.buttons import Buttons, Meaning, Pressed
from integrations.chat.telegram.calls import Undone, ask
from integrations.chat.telegram.conversing import Conversing, line_of
from integrations.chat.telegram.markup import LONGEST_TOAST, units
from integrations.chat.telegram.post import SENT_LIFE, Pen
from integrations.chat.telegram.reading import Tapped
from integrations.chat.telegram.voices import Voices

log = structlog.get_logger(__name__)

_BEFORE: Final = "confirm"


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a command's button: who pressed, what stands behind it, and the update that told us."""

    tapped: Tapped
    pressed: Pressed
    meaning: Meaning
    update: str


class Pressing:
    """Handles presses. Every press is answered, or Telegram shows a clock on the button for minutes."""

    def __init__(
        self, pen: Pen, drawn: Buttons, answering: Answering, conversing: Conversing, *, asking: Asking, voices: Voices
    ) -> None:
        self._pen = pen
        self._buttons = drawn
        self._answering = answering
        self._asking = asking
        self._conversing = conversing
        self._voices = voices

    async def tapped(self, tapped: Tapped, update: str, inbox: ChatInbox) -> None:
        """Handle one press."""
        speech = await self._voices.to(tapped.account)
        if not self._conversing.is_at_home(tapped.where):
            await self._answering.toast(tapped, speech.words("telegram.elsewhere"), is_alert=True)
        elif tapped.data.startswith(f"{forms.DATA}."):
            await self._in_form(tapped, update, inbox, speech)
        elif (pressed := buttons.read(tapped.data)) is None or (
            meaning := await self._buttons.meaning(pressed)
        ) is None:
            await self._answering.toast(tapped, speech.words("telegram.button_old"), is_alert=True)
        else:
            await self._press(Press(tapped, pressed, meaning, update), inbox, speech)

    async def _press(self, press: Press, inbox: ChatInbox, speech: Speech) -> None:
        tapped, pressed, meaning = press.tapped, press.pressed, press.meaning
        await self._remove_twin(tapped, pressed)
        if pressed.step == buttons.BACK:
            await self._restore(tapped)
            await self._answering.toast(tapped)
            return
        if pressed.step == buttons.PRESS and meaning.confirm:
            await self._confirm(tapped, pressed, meaning, speech)
            await self._answering.toast(tapped, meaning.confirm)
            return
        if pressed.step == buttons.SURELY:
            # Before the command, since that draws the card anew, and this would put its old buttons back.
            await self._restore(tapped)
        incoming = line_of(press.update, meaning.command, tapped.account, tapped.where, pressed.version)
        answer = await inbox.take(incoming)
        await self._answering.toast(tapped, "" if answer.form else answer.text, is_alert=not answer.ok)
        if tapped.where.is_private or not (answer.is_told or _fits_toast(answer)):
            await self._answering.show(answer, tapped.where, tapped.account, press.update, speech)

    async def _confirm(self, tapped: Tapped, pressed: Pressed, meaning: Meaning, speech: Speech) -> None:
        """Put the question in place of the buttons, and keep those for afterwards."""
        surely = InlineKeyboardButton(
            speech.words("telegram.surely", label=meaning.label), callback_data=pressed.data(buttons.SURELY)
        )
        back = InlineKeyboardButton(speech.words("telegram.form.back"), callback_data=pressed.data(buttons.BACK))
        expires_at = self._pen.clock.now() + SENT_LIFE
        # The second press of an impatient finger finds the question there already: the buttons before it are kept.
        if not any(data.startswith(f"{buttons.SURELY}.") for data in _data_of(tapped.keyboard)):
            await self._pen.memory.put(_BEFORE, _key(tapped), dict(tapped.keyboard), expires_at=expires_at)
        await self._draw(tapped, InlineKeyboardMarkup([[surely], [back]]))

    async def _restore(self, tapped: Tapped) -> None:
        before = await self._pen.memory.get(_BEFORE, _key(tapped))
        if before is None:
            return
        await self._draw(tapped, InlineKeyboardMarkup.de_json(dict(before), None))
        await self._pen.memory.drop(_BEFORE, _key(tapped))

    async def _draw(self, tapped: Tapped, keyboard: InlineKeyboardMarkup) -> None:
        chat, message = tapped.where.place.chat, tapped.where.message
        try:
            await ask(lambda: self._pen.bot.edit_message_reply_markup(chat, message, reply_markup=keyboard), chat)
        except BadRequest:
            log.info("telegram_keyboard_not_drawn")

    async def _in_form(self, tapped: Tapped, update: str, inbox: ChatInbox, speech: Speech) -> None:
        where, account = tapped.where, tapped.account
        _, wizard_id, step, what = [*tapped.data.split("."), "", "", ""][:4]
        wizard = await self._asking.under_way(where.place.chat, account)
        if wizard is None or wizard.id != wizard_id:
            await self._answering.toast(tapped, speech.words("telegram.form.not_yours"), is_alert=True)
            return
        if what == steps.CANCEL:
            await self._answering.toast(tapped, speech.words("telegram.form.cancelled"))
            await self._asking.take_buttons(where.place, where.message)
            await self._asking.end(where.place.chat, account)
            return
        if wizard.last != update:
            after = wizard.tapped(what, update) if step == str(wizard.step) else None
            if after is None:
                await self._answering.toast(tapped, speech.words("telegram.form.answered"))
                return
            await self._asking.put(after, where.place.chat, account)
            wizard = after
        await self._asking.take_buttons(where.place, where.message)
        if wizard.question is not None:
            await self._answering.toast(tapped)
            await self._asking.ask(wizard, where, account, speech)
            return
        answer = await self._conversing.submit(line_of(update, "", account, where), where, inbox)
        await self._answering.toast(tapped, answer.text if answer is not None and answer.form is None else "")

    async def _remove_twin(self, tapped: Tapped, pressed: Pressed) -> None:
        """Delete a card that Telegram wrote without telling us, so that it was written again: the other one is kept."""
        known = await self._pen.recall(pressed.tag) if pressed.tag and not tapped.where.is_private else None
        if known is None or known[1] in {None, tapped.where.message} or known[0] != tapped.where.place.room:
            return
        chat, message = tapped.where.place.chat, tapped.where.message
        log.info("telegram_twin_deleted")
        try:
            await ask(lambda: self._pen.bot.delete_message(chat, message), chat)
        except (BadRequest, Undone):
            log.warning("telegram_twin_not_deleted")


def _fits_toast(answer: Answer) -> bool:
    return answer.card is None and answer.form is None and units(answer.text) <= LONGEST_TOAST


def _data_of(keyboard: Any) -> list[str]:
    rows = keyboard.get("inline_keyboard", [])
    return [str(button.get("callback_data", "")) for row in rows for button in row]


def _key(tapped: Tapped) -> str:
    return f"{tapped.where.place.chat}:{tapped.where.message}"
