"""How often a login may fail before it has to wait."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

_MOST_KEYS: Final = 10_000


@dataclass(slots=True)
class Throttle:
    """Lets `limit` attempts fail within `per`; what comes then waits until the first of them is forgotten.

    It remembers ten thousand keys at most, the latest: an attacker with endless addresses fills no memory.
    """

    limit: int
    per: timedelta
    _failures: OrderedDict[str, list[datetime]] = field(default_factory=OrderedDict)

    def wait(self, key: str, now: datetime) -> timedelta | None:
        """Return how long this key has to wait; None: it may try."""
        recent = self._recent(key, now)
        return None if len(recent) < self.limit else recent[-self.limit] + self.per - now

    def failed(self, key: str, now: datetime) -> None:
        """Count a failure."""
        self._failures[key] = [*self._recent(key, now), now][-self.limit :]
        self._failures.move_to_end(key)
        while len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the failures of a key."""
        self._failures.pop(key, None)

    def _recent(self, key: str, now: datetime) -> list[datetime]:
        return [at for at in self._failures.get(key, ()) if at + self.per > now]
