"""Maintenance windows: times at which work on something is planned, so that its alerts call nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.matchers import Matcher, matches_all


@dataclass(frozen=True, slots=True)
class Once:
    """From one instant until just before another."""

    starts_at: datetime
    ends_at: datetime

    def end_of(self, at: datetime) -> datetime | None:
        """Return when what goes on at an instant ends, or None when nothing does."""
        return self.ends_at if self.starts_at <= at < self.ends_at else None


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these days of the week (Monday is 0), from a time on the wall clock of a zone, for so long.

    `lasts` is elapsed time, a week at most. Where the clock shows the time twice, the first is meant; one that it
    leaves out is moved forward by the gap.
    """

    days: tuple[int, ...]
    at: time
    lasts: timedelta
    timezone: str

    def end_of(self, at: datetime) -> datetime | None:
        """Return when what goes on at an instant ends, or None when nothing does; of two, the later end."""
        zone = ZoneInfo(self.timezone)
        today = at.astimezone(zone).date()
        ends: list[datetime] = []
        for back in range(self.lasts.days + 2):
            day = today - timedelta(days=back)
            if day.weekday() in self.days:
                starts_at = datetime.combine(day, self.at, zone).astimezone(UTC)
                if starts_at <= at < starts_at + self.lasts:
                    ends.append(starts_at + self.lasts)
        return max(ends, default=None)


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """Planned work on services, on what satisfies matchers, or, where it has both, on what is both."""

    name: str
    time: Once | Weekly
    services: tuple[str, ...] = ()
    matchers: tuple[Matcher, ...] = ()

    def end_of(self, at: datetime) -> datetime | None:
        """Return when the work that goes on at an instant ends, or None when none does."""
        return self.time.end_of(at)

    def covers(self, labels: Mapping[str, str], service: str | None) -> bool:
        """Whether an alert with these labels, of this service, is about what is worked on."""
        if self.services and service not in self.services:
            return False
        return matches_all(self.matchers, labels)
