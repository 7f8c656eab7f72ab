"""How many alert events go into one commit: as many as keep the writer busy for no longer than others can bear."""

from typing import Final

PEACE_SECONDS: Final = 0.2
"""How long a commit may take while nobody is known to wait: a command that comes just then waits for it."""

HURRY_SECONDS: Final = 0.020
"""The same while senders are at the door, or after a command had to wait."""

FIRST: Final = 300
FEWEST: Final = 150
"""Below this a commit costs much the same however few they are, and only takes turns from others."""

MOST: Final = 20_000


class Portion:
    """Learns from how long commits took. New alerts cost five times as much as repeated ones, and machines differ."""

    def __init__(self) -> None:
        self._in_peace = FIRST

    def events(self, *, is_hurried: bool) -> int:
        """Return how many events the next commit may have; a single delivery may have more."""
        if not is_hurried:
            return self._in_peace
        return max(FEWEST, int(self._in_peace * HURRY_SECONDS / PEACE_SECONDS))

    def took(self, events: int, seconds: float, *, is_hurried: bool) -> None:
        """Take note of a commit. One of few events that was quick says nothing about one of many."""
        bearable_seconds = HURRY_SECONDS if is_hurried else PEACE_SECONDS
        if seconds > bearable_seconds or events > self.events(is_hurried=is_hurried) / 2:
            bearable = int(events * PEACE_SECONDS / max(seconds, 1e-6))
            self._in_peace = min(max(bearable, FEWEST), 2 * self._in_peace, MOST)
