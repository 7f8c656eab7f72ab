"""Every chat listens until Tocsin stops: one that fails is logged and listens again after a growing pause."""

import asyncio
from time import monotonic
from typing import Final

import structlog

from bot.ports.chat import Chat, ChatInbox

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
_STEADY_SECONDS: Final = 120.0
"""Who has listened for so long was well; the next failure is a first one."""


async def listen(chat: Chat, inbox: ChatInbox) -> None:
    """Let one chat listen until cancelled."""
    failures = 0
    while True:
        begun_at = monotonic()
        try:
            await chat.listen(inbox)
            log.warning("chat_stopped_listening", chat=chat.name)
        except Exception as error:  # noqa: BLE001 - a chat's trouble must not end Tocsin
            failures = 0 if monotonic() - begun_at > _STEADY_SECONDS else failures
            # What a library says may hold an address with a token in it: its kind is enough to look further.
            log.warning("chat_failed_to_listen", chat=chat.name, error=type(error).__name__, failures=failures)
        pause = min(FIRST_PAUSE_SECONDS * 2**failures, LONGEST_PAUSE_SECONDS)
        failures += 1
        await asyncio.sleep(pause)
