"""Showing somebody what came of what they wrote or pressed: as a reply where they did it, once for each update."""

from typing import Final

import structlog
from telegram.error import BadRequest

from bot.domain.organisation import Account
from bot.ports.chat import Answer, Failed, RetryAfter
from bot.wording.speech import Speech
from integrations.chat.telegram import drawing
from integrations.chat.telegram.asking import Asking
from integrations.chat.telegram.buttons import Buttons
from integrations.chat.telegram.calls import Undone, ask
from integrations.chat.telegram.limiter import Priority
from integrations.chat.telegram.markup import LONGEST_MESSAGE, LONGEST_TOAST, Run, parts, shorten, to_html
from integrations.chat.telegram.post import Letter, Pen, Place
from integrations.chat.telegram.reading import Tapped, Where

log = structlog.get_logger(__name__)

_LONG_IN_GROUP: Final = 600
"""A longer answer in the group is folded, so that it does not push away what others are reading."""

_FOLDED: Final = "blockquote expandable"
_TAKEN: Final = "👍"
_ANSWER: Final = "answer:"


class Answering:
    """Shows answers."""

    def __init__(self, pen: Pen, buttons: Buttons, asking: Asking) -> None:
        self._pen = pen
        self._buttons = buttons
        self._asking = asking

    async def show(self, answer: Answer, where: Where, account: Account, update: str, speech: Speech) -> None:
        """Write an answer: its text, its card with the buttons, or the first question of its form.

        What the topic is told anyway gets a sign below what was written: a group takes few messages.

        Raises `Undone` when Telegram could not be asked, so that the update is handled again.
        """
        try:
            if answer.form is not None:
                await self._asking.begin(answer.form, where, account, update, speech)
            elif answer.is_told and not where.is_private:
                await self._sign(where)
            elif await self._pen.recall(f"{_ANSWER}{update}") is None:
                await self._write(answer, where, update, speech)
        except BadRequest as error:
            log.warning("telegram_answer_refused", error=type(error).__name__)
        except Undone as undone:
            is_full = isinstance(undone.receipt, RetryAfter) and not where.is_private and bool(account.user)
            if is_full and await self._in_private(answer, where, account, update, speech):
                return
            if isinstance(undone.receipt, Failed):
                log.warning("telegram_answer_refused", reason=undone.receipt.reason)
            else:
                raise

    async def _sign(self, where: Where) -> None:
        try:
            await ask(lambda: self._pen.bot.set_message_reaction(where.place.chat, where.message, _TAKEN))
        except (BadRequest, Undone) as error:
            log.info("telegram_sign_not_given", error=type(error).__name__)

    async def _in_private(self, answer: Answer, where: Where, account: Account, update: str, speech: Speech) -> bool:
        """Tell in private what the group is too full for; says whether that was possible."""
        alone = Where(Place(int(account.user)), 0, is_private=True)
        try:
            if answer.form is not None:
                await self._asking.begin(answer.form, alone, account, update, speech)
                await self._asking.end(where.place.chat, account)
            else:
                await self._write(answer, alone, update, speech)
        except (BadRequest, Undone):
            if answer.form is not None:
                await self._asking.end(alone.place.chat, account)
            return False
        return True

    async def say(self, text: str, where: Where, update: str, speech: Speech) -> None:
        """Write words of our own as an answer."""
        await self.show(Answer(ok=True, text=text), where, Account("", "", ""), update, speech)

    async def toast(self, tapped: Tapped, text: str = "", *, is_alert: bool = False) -> None:
        """Answer a press: Telegram shows the text for a moment, or until it is put away. A press too old is let be."""
        words = shorten(text, LONGEST_TOAST) if text else None
        try:
            await ask(lambda: self._pen.bot.answer_callback_query(tapped.query, words, show_alert=is_alert))
        except BadRequest:
            log.info("telegram_press_too_old")
        except Undone as undone:
            log.warning("telegram_press_not_answered", reason=str(undone))

    async def _write(self, answer: Answer, where: Where, update: str, speech: Speech) -> None:
        keyboard = await self._buttons.keyboard(answer.card.actions) if answer.card is not None else None
        pages = self._pages(answer, where, speech)
        for number, html in enumerate(pages):
            is_last = number == len(pages) - 1
            letter = Letter(html, keyboard if is_last else None, is_silent=False, reply_to=where.message or None)
            message = await self._pen.send(where.place, letter, Priority.REPLY)
            if is_last:
                await self._pen.remember(f"{_ANSWER}{update}", where.place.room, message)

    def _pages(self, answer: Answer, where: Where, speech: Speech) -> list[str]:
        card = answer.card
        if card is not None and not (card.body and card.body in answer.text):
            drawn = drawing.message(card, speech)
            return (
                [drawn] if answer.text in {card.fallback, ""} else [to_html([Run(shorten(answer.text, 1000))]), drawn]
            )
        is_folded = not where.is_private and len(answer.text) > _LONG_IN_GROUP
        found = [to_html([Run(part, _FOLDED if is_folded else "")]) for part in parts(answer.text, LONGEST_MESSAGE)]
        return found or [drawing.message("", speech)]
