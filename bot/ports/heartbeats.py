"""What Tocsin asks of its memory about heartbeats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Heart:
    """A heartbeat as it is remembered. `missed_at` is set while its alert fires."""

    name: str
    watched_since: datetime
    beat_at: datetime | None = None
    missed_at: datetime | None = None


class Heartbeats(Protocol):
    """Heartbeats that are waited for, each with a timer of its own, and since when Tocsin could have heard them."""

    async def all(self) -> Sequence[Heart]:
        """Return all that are watched, by name."""
        ...

    async def get(self, name: str) -> Heart | None:
        """Return one; within the unit, nobody else writes it until the commit."""
        ...

    async def watch(self, name: str, since: datetime) -> Heart:
        """Return one as `get` does, and wait for it from an instant on if nobody does yet."""
        ...

    async def save(self, heart: Heart, due_at: datetime | None) -> None:
        """Store one and set when it is missed; None: nothing is ahead of it."""
        ...

    async def forget(self, name: str) -> None:
        """Watch one no longer."""
        ...

    async def pulse(self, now: datetime, gap: timedelta) -> datetime:
        """Note that Tocsin is up, and return since when it has been: a pulse that came later than `gap` starts anew.

        Any replica's pulse counts: while one is up, Tocsin is.
        """
        ...

    async def up_since(self) -> datetime | None:
        """Return since when Tocsin has been up, by its pulses; None before the first."""
        ...
