"""Keeps to Slack's limits: so many calls a minute for each method, a post a second in each channel, pages first.

It is politeness of this process, not a promise: what Slack itself refuses is honoured too. Its quotas are per method
(docs.slack.dev, “Rate limits”); only what is posted counts by channel, so that a throttled channel holds up nobody's page.
"""

from collections import deque
from typing import Final

from integrations.chat.slack.needs import NEEDS, Call

MINUTE: Final = 60.0
POSTS_AT_ONCE: Final = 3
"""So many posts may follow one another in a channel; after them it is one a second."""

PAGES_SHARE: Final = 0.2
"""This part of every method's minute is left to pages."""

_MOST_CHANNELS: Final = 10_000


class Limiter:
    """Says how long a call must wait. Times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._made: dict[Call, deque[float]] = {}
        self._next_post: dict[str, float] = {}
        self._shut: dict[tuple[Call, str], float] = {}

    def wait(self, call: Call, channel: str, now: float, *, is_page: bool) -> float:
        """Return how many seconds the call has to wait; 0: it may be made now, and counts as made."""
        waits = [self._shut.get(_quota(call, channel), 0) - now, self._full_until(call, now, is_page=is_page) - now]
        paced = call is Call.POST and bool(channel)
        if paced:
            waits.append(self._next_post.get(channel, 0) - now - (POSTS_AT_ONCE - 1))
        if (longest := max(waits)) > 0:
            return longest
        self._made.setdefault(call, deque()).append(now)
        if paced:
            self._next_post[channel] = max(now, self._next_post.get(channel, 0)) + 1
            self._forget(now)
        return 0

    def refused(self, call: Call, channel: str, now: float, seconds: float) -> None:
        """Note that Slack wants this method left alone for a while; posts in this channel only."""
        self._shut[_quota(call, channel)] = now + seconds

    def _full_until(self, call: Call, now: float, *, is_page: bool) -> float:
        made = self._made.setdefault(call, deque())
        while made and made[0] <= now - MINUTE:
            made.popleft()
        limit = NEEDS[call].per_minute
        if not is_page:
            limit = max(1, int(limit * (1 - PAGES_SHARE)))
        return made[-limit] + MINUTE if len(made) >= limit else 0

    def _forget(self, now: float) -> None:
        if len(self._next_post) > _MOST_CHANNELS:
            self._next_post = {channel: at for channel, at in self._next_post.items() if at > now}
            self._shut = {what: at for what, at in self._shut.items() if at > now}


def _quota(call: Call, channel: str) -> tuple[Call, str]:
    """Return what shares a quota with a call."""
    return call, channel if call is Call.POST else ""
