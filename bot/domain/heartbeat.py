"""Heartbeats: who must be heard of how often, and when one that was not heard counts as missed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.severity import Severity


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Something that must be heard of once every `every`; `grace` is how much later than that is still in time."""

    name: str
    every: timedelta
    grace: timedelta
    service: str | None
    severity: Severity


def missed_from(
    heartbeat: Heartbeat, *, watched_since: datetime, beat_at: datetime | None, up_since: datetime
) -> datetime:
    """Return when the next beat will have been missed if none comes until then.

    The time runs from the last beat, or from when it was first waited for; and never from before Tocsin was up, since
    nobody could be heard while it was down.
    """
    heard_at = beat_at or watched_since
    return max(heard_at, up_since) + heartbeat.every + heartbeat.grace
