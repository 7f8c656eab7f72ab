"""Whoever a chat's door turns away is logged, and audited so that an attack shows and does not fill the disk."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock

log = structlog.get_logger(__name__)

AUDITED_EVERY: Final = timedelta(minutes=1)


@dataclass(slots=True)
class _Audited:
    """Since when a kind of refusal is not written again, and how many there were since."""

    at: datetime
    more: int = 0


class Refusals:
    """Takes note of what is refused. Of each kind one a minute goes into the audit, and then how many more there were."""

    def __init__(self, chat: str, clock: Clock, denied: Callable[[str], Awaitable[None]]) -> None:
        self._chat = chat
        self._clock = clock
        self._denied = denied
        self._audited: dict[str, _Audited] = {}

    async def note(self, what: str, *, status: int = 200, address: str = "") -> None:
        """Take note of a request that got this status. `what` is its kind, of a few; it holds nothing that was sent."""
        log.warning("chat_request_refused", chat=self._chat, status=status, reason=what, address=address)
        await self._count(lambda since: self._clock.now() - since >= AUDITED_EVERY)
        if (audited := self._audited.get(what)) is not None:
            audited.more += 1
            return
        self._audited[what] = _Audited(self._clock.now())
        await self._audit(f"{what}, from {address}" if address else what)

    async def close(self) -> None:
        """Write down what was counted and is not in the audit yet."""
        await self._count(lambda _since: True)

    async def _count(self, is_over: Callable[[datetime], bool]) -> None:
        for what, audited in list(self._audited.items()):
            if is_over(audited.at) and self._audited.pop(what, None) is not None and audited.more:
                await self._audit(f"{what}: {audited.more} more")

    async def _audit(self, what: str) -> None:
        try:
            await self._denied(what)
        except Exception:
            # That the audit is away must not turn a refusal into a 500.
            log.exception("chat_refusal_not_audited", chat=self._chat)
