"""One call of the Bot API: when it may be made, and what its failure means.

python-telegram-bot derives `BadRequest` from `NetworkError`, so the order of the cases below matters: a request that
Telegram refused did not happen and won't, a connection that broke may have done its work.
"""

import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

import httpx
import structlog
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.error import RetryAfter as Flood

from bot.domain.text import clip
from bot.log import hide
from bot.ports.chat import Failed, Receipt, RetryAfter, Unknown
from integrations.chat.telegram.limiter import Limiter, Priority

log = structlog.get_logger(__name__)

T = TypeVar("T")

# Without it the library warns of its own durations each time that Telegram asks us to wait.
os.environ.setdefault("PTB_TIMEDELTA", "true")

_PAUSE: Final = timedelta(seconds=2)
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_REASON_LIMIT: Final = 200


class Undone(Exception):
    """A call came to nothing, or nobody knows; `receipt` says how and what helps."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(getattr(receipt, "reason", ""))
        self.receipt = receipt


async def ask(call: Callable[[], Awaitable[T]], chat: int = 0, limiter: Limiter | None = None) -> T:
    """Make a call that writes no message.

    Raises `BadRequest` for what Telegram refuses, since that may well be fine: a caller knows what it asked for.
    Raises `Undone` for everything else.
    """
    try:
        return await call()
    except BadRequest:
        raise
    except TelegramError as error:
        if isinstance(error, Flood) and limiter is not None:
            limiter.block(chat, seconds_of(error))
        raise Undone(meaning(error)) from error


async def write(limiter: Limiter, chat: int, priority: Priority, call: Callable[[], Awaitable[T]]) -> T:
    """Make a call that writes into a chat, in its turn. Raises as `ask` does."""
    wait = await limiter.turn(chat, priority)
    if wait > 0:
        raise Undone(RetryAfter(timedelta(seconds=wait), "Telegram takes only so many messages a minute"))
    return await ask(call, chat, limiter)


def meaning(error: TelegramError) -> Receipt:
    """Return what a failure of the Bot API means for what was asked."""
    said = clip(hide(error.message), _REASON_LIMIT)
    match error:
        case Flood():
            return RetryAfter(timedelta(seconds=seconds_of(error)), "Telegram asks us to wait")
        case ChatMigrated():
            log.error("telegram_group_moved", new_id=error.new_chat_id, remedy="set chat.telegram.forum to the new id")
            return Failed(f"the group has become a supergroup; set chat.telegram.forum to {error.new_chat_id}")
        case Forbidden():
            return Failed(f"Telegram forbids it: {said}")
        case InvalidToken():
            return Failed("Telegram does not know this bot; set TOCSIN_TELEGRAM_BOT_TOKEN to its token from @BotFather")
        case BadRequest():
            return Failed(f"Telegram refuses it: {said}")
        case Conflict():
            return RetryAfter(_PAUSE, "somebody else asks Telegram for the same bot's news")
        case NetworkError() if isinstance(error.__cause__, _UNSENT):
            return RetryAfter(_PAUSE, "Telegram can't be reached")
        case NetworkError():
            return Unknown("Telegram did not answer, or answered with an error of its own")
        case _:
            return Unknown(f"Telegram's answer was not understood ({type(error).__name__})")


def seconds_of(error: Flood) -> float:
    """Return how long Telegram wants us to wait; the library gives a duration or seconds, as it was told to."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def says(error: BadRequest, *words: str) -> bool:
    """Say whether a refusal is one of these; Telegram tells them by words only, some in capitals with underscores."""
    said = error.message.casefold().replace("_", " ")
    return any(word in said for word in words)


NO_TOPIC: Final = ("message thread not found", "topic id invalid", "topic deleted")
SAME: Final = ("message is not modified",)
NO_MESSAGE: Final = ("message to edit not found", "message can't be edited", "message id invalid")
CLOSED: Final = ("topic closed",)
AS_IT_WAS: Final = ("topic not modified",)
"""What Telegram says, as `says` compares it."""
