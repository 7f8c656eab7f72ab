"""Flapping: an alert that keeps coming and going, judged by when its reports were received."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

FLAPPING: Final = "flapping"
"""The reason that an alert has while it is held: it counts as firing, whatever its last report said."""


class Swing(NamedTuple):
    """How an alert came and went lately. `times` are receipts of reports by which it turned, the oldest first.

    `is_firing` is what the last report said. Without a further turn it is steady from `steady_at` on.
    """

    times: tuple[datetime, ...]
    is_firing: bool
    is_flapping: bool
    steady_at: datetime

    def is_steady(self, at: datetime) -> bool:
        """Whether it has not turned for the whole window by an instant."""
        return self.steady_at <= at


def turned(before: Swing | None, *, is_firing: bool, at: datetime, limit: int, within: timedelta) -> Swing | None:
    """Return how an alert swings after a report received at an instant; None: there is nothing to remember.

    An alert that nobody knew, or that was steady, begins without a turn; its end is the first one, its return the
    second. With `limit` turns `within` a time it flaps, and goes on doing so until it is found steady.
    """
    if before is not None and not before.is_flapping and before.is_steady(at):
        before = None
    if before is None:
        if is_firing:
            return None
        before = Swing((), is_firing=True, is_flapping=False, steady_at=at)
    if before.is_firing == is_firing:
        return before
    times = (*(time for time in before.times if time > at - within), at)[-limit:]
    return Swing(times, is_firing, before.is_flapping or len(times) >= limit, max(before.steady_at, at + within))
