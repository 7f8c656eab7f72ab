"""A bearable pace for what may be repeated: a few at once, then no more than so many in a while."""

from collections import deque
from datetime import datetime, timedelta

AT_ONCE = 4
WITHIN = timedelta(seconds=5)
MOST_KEYS = 10_000
PAUSES = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=60))
"""How long to gather what only counts, growing while it goes on; after the longest of them without any, anew."""


class Pace:
    """Remembers when things were last done, in this process alone: it is politeness, not a promise."""

    def __init__(self) -> None:
        self._done: dict[str, deque[datetime]] = {}

    def wait(self, key: str, now: datetime) -> timedelta | None:
        """Return how long to put the next one off, or None when it may be done now and counts as done."""
        times = self._done.get(key)
        if times is None:
            if len(self._done) >= MOST_KEYS:
                self._done = {key: times for key, times in self._done.items() if now - times[-1] < WITHIN}
            times = self._done[key] = deque(maxlen=AT_ONCE)
        if len(times) == AT_ONCE and now - times[0] < WITHIN:
            return times[0] + WITHIN - now
        times.append(now)
        return None


class Gathering:
    """Lets the first of what keeps coming go at once and the next at growing pauses, so that many become one.

    Remembered in this process alone, as by `Pace`.
    """

    def __init__(self) -> None:
        self._gone: dict[str, tuple[datetime, int]] = {}

    def wait(self, key: str, now: datetime) -> timedelta | None:
        """Return how long to put the next one off, or None when it may be done now and counts as done."""
        last, times = self._gone.get(key, (now, 0))
        if times and now - last >= 2 * PAUSES[-1]:
            times = 0
        if times and (left := last + PAUSES[min(times, len(PAUSES)) - 1] - now) > timedelta():
            return left
        if len(self._gone) >= MOST_KEYS:
            self._gone = {key: gone for key, gone in self._gone.items() if now - gone[0] < 2 * PAUSES[-1]}
        self._gone[key] = (now, times + 1)
        return None
