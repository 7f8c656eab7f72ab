"""Business hours: when somebody is at work anyway, and what mild alerts are worth outside of them."""

from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.severity import Severity

HELD: Final = "held until business hours"
"""The reason of an alert that waits."""

NEVER_LOWERED: Final = frozenset({Severity.SEV1, Severity.SEV2})
"""What is so bad that the hour does not matter."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Work is from `begins` up to `ends` on these days (0: Monday), on the clock of the zone (an IANA name).

    `outside` says what a severity is worth at other times; None: its alerts wait until work begins.
    """

    zone: str
    days: frozenset[int]
    begins: time
    ends: time
    outside: tuple[tuple[Severity, Severity | None], ...] = ()

    def include(self, at: datetime) -> bool:
        """Whether work goes on at an instant; the instant at which it ends is outside."""
        local = at.astimezone(_zone(self.zone))
        return local.weekday() in self.days and self.begins <= local.time() < self.ends

    def worth(self, severity: Severity, at: datetime) -> Severity | None:
        """Return what an alert of a severity that begins at an instant is worth; None: it waits."""
        if severity in NEVER_LOWERED or self.include(at):
            return severity
        return dict(self.outside).get(severity, severity)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
