"""The only place that asks what time it is."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; everything in Tocsin that needs it is given one of these."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class DatabaseClock:
    """The database's clock: this machine's, corrected by an offset that is measured at every tick.

    So a replica whose own clock is wrong pages nobody early, and all replicas agree on what is due. A clock that is set
    while Tocsin runs counts for a tick at most.
    """

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the database's time as last measured."""
        return datetime.now(UTC) + self._offset

    def measured(self, database_at: datetime, asked_at: datetime, answered_at: datetime) -> None:
        """Take over one measurement: what the database said between two readings of this machine's clock.

        An offset that the measurement allows is kept, so that slow answers don't make the time jump.
        """
        if not database_at - answered_at <= self._offset <= database_at - asked_at:
            self._offset = database_at - (asked_at + (answered_at - asked_at) / 2)


class SteeredClock:
    """A clock that can be moved forward by hand, for rehearsals and tests; otherwise it runs as the inner one."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the inner clock's time plus all that it was moved by."""
        return self._inner.now() + self._ahead

    @property
    def ahead(self) -> timedelta:
        """All that it was moved by."""
        return self._ahead

    def forward(self, by: timedelta) -> None:
        """Move the time forward."""
        self._ahead += by
