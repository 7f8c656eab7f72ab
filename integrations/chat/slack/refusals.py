"""Whoever is turned away at the door is logged, and audited so often that an attack shows and does not fill the disk."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock

log = structlog.get_logger(__name__)

AUDITED_EVERY: Final = timedelta(minutes=1)


class Refusals:
    """Takes note of requests that are refused; of each status one a minute goes into the audit."""

    def __init__(self, clock: Clock, denied: Callable[[str], Awaitable[None]]) -> None:
        self._clock = clock
        self._denied = denied
        self._audited_at: dict[int, datetime] = {}

    async def note(self, status: int, reason: str) -> None:
        """Take note of one; `reason` holds nothing that the caller has sent."""
        log.warning("slack_request_refused", status=status, reason=reason)
        now, last = self._clock.now(), self._audited_at.get(status)
        if last is not None and now - last < AUDITED_EVERY:
            return
        self._audited_at[status] = now
        try:
            await self._denied(f"a request to Slack's door: {reason}")
        except Exception:
            # That the audit is away must not turn a refusal into a 500.
            log.exception("slack_refusal_not_audited")
