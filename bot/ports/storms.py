"""What Tocsin asks of its memory about storms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.severity import Severity
from bot.domain.storm import Storm


@dataclass(frozen=True, slots=True)
class Weather:
    """How many groups were new lately, counted up to what was asked for, and the storm that is on."""

    recent: int
    storm: Storm | None


@dataclass(frozen=True, slots=True)
class Folded:
    """A group that folds into a storm, and its service."""

    group_key: str
    service: str | None


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a storm reaches: groups that folded into it, and their services."""

    groups: int
    services: int


class Storms(Protocol):
    """Storms, at most one of them on, each under its incident and with a timer of its own."""

    async def weather(self, since: datetime, *, most: int) -> Weather:
        """Return how many groups opened an incident or folded after an instant, at most so many, and the storm.

        Until the commit nobody else can ask.
        """
        ...

    async def spared_since(self, since: datetime, critical: Severity, *, most: int) -> Sequence[tuple[int, str]]:
        """Return number and title of the open incidents of groups as bad as this that began after an instant.

        The latest so many, oldest first; private ones are left out.
        """
        ...

    async def get(self, incident_id: str) -> Storm | None:
        """Return the storm of an incident; None when the incident is no storm's."""
        ...

    async def extent(self, incident_id: str) -> Extent:
        """Return how far the storm of an incident reaches."""
        ...

    async def fold(self, incident_id: str, groups: Sequence[Folded], at: datetime) -> int:
        """Note that groups fold into a storm; returns how many of them had not yet."""
        ...

    async def save(self, storm: Storm, due_at: datetime | None = None) -> None:
        """Store a storm, and set when to see whether it is over; without `due_at` that stays as it was.

        Raises `Conflict` when another one is on.
        """
        ...
