"""What Tocsin asks of its memory about what holds alerts back: silences, and alerts that inhibit others."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.access import Viewer
from bot.domain.hush import Inhibitor, Silence, Standing
from bot.domain.silencing import Sample
from bot.ports.records import Window


class SilenceStage(StrEnum):
    """Where a silence stands at an instant."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Silences(Protocol):
    """Silences, by number; each has the timers of its own end with it."""

    async def next_number(self) -> int:
        """Take the tenant's next number of a silence; never given twice, a gap is possible."""
        ...

    async def save(self, silence: Silence, timers: Mapping[str, datetime]) -> None:
        """Store a silence and make these its timers, by subject: see `handlers.timers.silence`."""
        ...

    async def get(self, number: int) -> Silence | None:
        """Return one; within the unit, nobody else ends it until the commit."""
        ...

    async def many(self, numbers: Collection[int]) -> Mapping[int, Silence]:
        """Return silences by number."""
        ...

    async def in_force(self, at: datetime) -> Sequence[Silence]:
        """Return those that hold alerts back at an instant."""
        ...

    async def window(
        self, stages: Collection[SilenceStage], at: datetime, *, cursor: str | None = None, limit: int = 100
    ) -> Window[Silence]:
        """Return those that stand so at an instant, the newest first."""
        ...

    async def hid(self, counts: Mapping[int, int]) -> None:
        """Add to how many alerts they have held back, by number."""
        ...

    async def file_hid(self, counts: Mapping[str, int]) -> None:
        """Add to how many alerts windows and rules of the file have held back, by `maintenance:NAME` and the like."""
        ...

    async def hidden_by_file(self, holders: Collection[str]) -> Mapping[str, int]:
        """Return how many alerts these windows and rules have held back in all; none: left out."""
        ...

    async def recent_alerts(self, since: datetime, viewer: Viewer, *, limit: int) -> Sequence[Sample]:
        """Return alerts that began since an instant or still fire, newest first, for a preview."""
        ...


class Inhibitors(Protocol):
    """Alerts that hold others back, for as long as they are live, and a little longer."""

    async def among(self, pairs: Collection[tuple[str, str]], ended_after: datetime) -> Sequence[Standing]:
        """Return for rules and keys where live alerts hold others back, and where those did that ended since."""
        ...

    async def add(self, inhibitors: Sequence[Inhibitor]) -> None:
        """Store them; those that are there already are left as they are."""
        ...

    async def forget(self, rules: Collection[str], ended_by: datetime) -> None:
        """Take away those whose alert was over by then, and those of any rule but these."""
        ...

    async def live_labels(self, after: str, *, limit: int) -> Sequence[tuple[str, Mapping[str, str]]]:
        """Return ids and labels of live alerts, in the order of their ids, from behind an id on."""
        ...
