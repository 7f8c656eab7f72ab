"""Whoever is turned away is logged, and audited so often that an attack shows and does not fill the disk."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock

log = structlog.get_logger(__name__)

AUDITED_EVERY: Final = timedelta(minutes=1)


class Refusals:
    """Takes note of what is refused; of each kind one a minute goes into the audit."""

    def __init__(self, clock: Clock, denied: Callable[[str], Awaitable[None]]) -> None:
        self._clock = clock
        self._denied = denied
        self._audited_at: dict[int | str, datetime] = {}

    async def note(self, status: int, reason: str) -> None:
        """Take note of a request that got this status; `reason` holds nothing that the caller has sent."""
        log.warning("slack_request_refused", status=status, reason=reason)
        await self._audit(status, f"a request to Slack's door: {reason}")

    async def unknown(self, what: str) -> None:
        """Take note of a button or a form that Tocsin never made: its sender is told so in Slack."""
        log.warning("slack_unknown", what=what)
        await self._audit(what, f"a {what} in Slack that Tocsin did not make")

    async def _audit(self, kind: int | str, what: str) -> None:
        now, last = self._clock.now(), self._audited_at.get(kind)
        if last is not None and now - last < AUDITED_EVERY:
            return
        self._audited_at[kind] = now
        try:
            await self._denied(what)
        except Exception:
            # That the audit is away must not turn a refusal into a 500.
            log.exception("slack_refusal_not_audited")
