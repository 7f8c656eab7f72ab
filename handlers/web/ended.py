"""Sessions that were ended before their time: a signed cookie is good until it expires, wherever it was copied to."""

import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.ports.store import ChatMemory

FRESH: Final = timedelta(seconds=2)
"""How long a session that had not ended is believed without asking again: another replica may have ended it."""

MOST_REMEMBERED: Final = 10_000
_KIND: Final = "ended-session"


class EndedSessions:
    """Remembers ended sessions by their hash until they would have expired, for every replica."""

    def __init__(self, memory: ChatMemory, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock
        # Of each session looked at lately: until when the answer holds, and whether it has ended.
        self._known: OrderedDict[str, tuple[datetime, bool]] = OrderedDict()

    async def end(self, session: str, expires_at: datetime) -> None:
        """End a session: from now on it is good for nothing here, and in a moment on every replica."""
        key = _hash(session)
        await self._memory.put(_KIND, key, {}, expires_at=expires_at)
        self._note(key, expires_at, has_ended=True)

    async def has_ended(self, session: str, expires_at: datetime) -> bool:
        """Say whether a session was ended; seldom asks the database."""
        key, now = _hash(session), self._clock.now()
        until, has_ended = self._known.get(key, (now, False))
        if now < until:
            return has_ended
        has_ended = await self._memory.get(_KIND, key) is not None
        self._note(key, expires_at if has_ended else now + FRESH, has_ended=has_ended)
        return has_ended

    def _note(self, key: str, until: datetime, *, has_ended: bool) -> None:
        self._known[key] = until, has_ended
        self._known.move_to_end(key)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


def _hash(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()
