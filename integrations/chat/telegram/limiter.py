"""How fast we may write: Telegram's limits for a bot, a chat and a group, kept by this process before it asks.

Telegram allows a bot about 30 messages a second, one a second into one chat, and 20 a minute into one group; all
topics of a group share that (core.telegram.org/bots/faq). Each urgency may use a share of it, so that what matters
more finds room when what matters less has filled its own. A chat that Telegram told to wait waits alone.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from time import monotonic
from typing import Final

OVERALL_PER_SECOND: Final = 30
PER_MINUTE: Final = 20
"""Messages a minute into one group."""

PATIENCE_SECONDS: Final = 2.0
"""How long a message waits here for its turn; for a longer wait its lane is told when to come back."""

_BURST_SECONDS: Final = 3.0
_MOST_CHATS: Final = 10_000


class Priority(IntEnum):
    """What goes first."""

    PAGE = 0
    REPLY = 1
    STATE = 2
    CARD = 3


_SHARE: Final = {Priority.PAGE: 1.0, Priority.REPLY: 1.0, Priority.STATE: 0.85, Priority.CARD: 0.7}


class Limiter:
    """Says when a message may be written. `per_minute` is what a group takes; more than 60 raises the pace, too."""

    def __init__(
        self, per_minute: Callable[[], int] = lambda: PER_MINUTE, now: Callable[[], float] = monotonic
    ) -> None:
        self._per_minute = per_minute
        self._now = now
        self._overall: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}
        self._blocked_until: dict[int, float] = {}

    async def turn(self, chat: int, priority: Priority) -> float:
        """Wait for a turn and take it; returns 0, or the seconds to come back in when that is too long to wait."""
        waited = 0.0
        while (wait := self.take(chat, priority)) > 0:
            if waited + wait > PATIENCE_SECONDS:
                return wait
            await asyncio.sleep(wait)
            waited += wait
        return 0.0

    def take(self, chat: int, priority: Priority) -> float:
        """Take a turn now and return 0, or return the seconds until there may be one."""
        now = self._now()
        self._forget(now)
        sent = self._chats.get(chat, deque())
        share = _SHARE[priority]
        pace = max(1.0, self._per_minute() / 60)
        wait = max(
            self._blocked_until.get(chat, now) - now,
            _until(self._overall, OVERALL_PER_SECOND * share, 1.0, now),
            _until(sent, pace * _BURST_SECONDS, _BURST_SECONDS, now),
            _until(sent, self._per_minute() * share, 60.0, now) if chat < 0 else 0.0,
        )
        if wait > 0:
            return wait
        self._chats[chat] = sent
        sent.append(now)
        self._overall.append(now)
        return 0.0

    def block(self, chat: int, seconds: float) -> None:
        """Note that Telegram wants no more for this chat for a while."""
        self._blocked_until[chat] = self._now() + seconds

    def _forget(self, now: float) -> None:
        while self._overall and self._overall[0] <= now - 1:
            self._overall.popleft()
        if len(self._chats) > _MOST_CHATS:
            self._chats = {chat: sent for chat, sent in self._chats.items() if sent and sent[-1] > now - 60}
        self._blocked_until = {chat: until for chat, until in self._blocked_until.items() if until > now}


def _until(sent: deque[float], limit: float, window: float, now: float) -> float:
    """Return the seconds until fewer than `limit` of the messages lie within the window."""
    while sent and sent[0] <= now - 60:
        sent.popleft()
    place = len(sent) - max(int(limit), 1)
    return max(sent[place] + window - now, 0.0) if place >= 0 else 0.0
