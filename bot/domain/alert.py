"""Alerts: what one report (an alert event) does to what is known of the alert."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.domain.severity import Severity


class AlertState(StrEnum):
    """Firing; suppressed: it fires but opens nothing (`reason` says why); resolved."""

    FIRING = "firing"
    SUPPRESSED = "suppressed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One report of one alert, as a source's `parse` returns it.

    `fingerprint` identifies the alert within its source. `severity` is the source's own word, mapped by the
    organisation's table. `starts_at` and `ends_at` are the sender's and decide nothing: order is order of receipt.
    """

    fingerprint: str
    is_firing: bool
    labels: Mapping[str, str]
    title: str
    severity: str | None = None
    summary: str = ""
    url: str | None = None
    runbook: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reminder(AlertEvent):
    """What nobody sent: an alert that was held back is to be looked at anew. It counts as no report."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert from its first report to its resolve. Firing again after that is another alert, same fingerprint.

    `held_by` is the key of what holds it back, see `bot.domain.hush`; with the state FIRING, that of what holds back
    that it has become worse.
    """

    id: str
    source: str
    fingerprint: str
    state: AlertState
    severity: Severity
    title: str
    labels: Mapping[str, str]
    first_at: datetime
    last_at: datetime
    count: int = 1
    service: str | None = None
    incident: str | None = None
    group_key: str | None = None
    summary: str = ""
    url: str | None = None
    reason: str | None = None
    resolved_at: datetime | None = None
    flaps: int = 0
    held_by: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether it fires, suppressed or not."""
        return self.state is not AlertState.RESOLVED


class Absorbed(StrEnum):
    """What a report meant for an alert that was known."""

    REPEATED = "repeated"
    WORSENED = "worsened"
    RESOLVED = "resolved"


class LiveAlert(NamedTuple):
    """As much of a live alert as a further report needs.

    Intake makes tens of thousands of these a second, and a named tuple is made in a third of a dataclass's time.
    `reports` counts what was absorbed since it was read, and `last_at` is the latest of them; storage adds both, and
    `flaps`, the returns while it was held as flapping.
    """

    id: str
    state: AlertState
    severity: Severity
    incident: str | None
    last_at: datetime
    reports: int = 0
    resolved_at: datetime | None = None
    reason: str | None = None
    flaps: int = 0
    held_by: str | None = None

    def repeated(self, count: int, last_at: datetime) -> "LiveAlert":
        """Return the alert after more reports that said what is known; `last_at` is the latest of them."""
        # In a third of the time of `_replace`.
        return LiveAlert(
            self.id,
            self.state,
            self.severity,
            self.incident,
            max(self.last_at, last_at),
            self.reports + count,
            self.resolved_at,
            self.reason,
            self.flaps,
            self.held_by,
        )


def absorb(
    live: LiveAlert, *, is_firing: bool, severity: Severity, received_at: datetime
) -> tuple[LiveAlert, Absorbed]:
    """Return the alert after a report, and what the report meant.

    `severity` is the report's, already mapped. A milder severity is taken over without a word; a worse one is
    `WORSENED`. Every report counts, the resolving one included.
    """
    last_at = max(live.last_at, received_at)
    if not is_firing:
        ended = AlertState.RESOLVED
        return (
            LiveAlert(
                live.id,
                ended,
                live.severity,
                live.incident,
                last_at,
                live.reports + 1,
                received_at,
                live.reason,
                live.flaps,
                live.held_by,
            ),
            Absorbed.RESOLVED,
        )
    meaning = Absorbed.WORSENED if severity.is_worse_than(live.severity) else Absorbed.REPEATED
    reports = live.reports + 1
    return LiveAlert(
        live.id, live.state, severity, live.incident, last_at, reports, None, live.reason, live.flaps, live.held_by
    ), meaning


def expire(live: LiveAlert, now: datetime) -> LiveAlert:
    """Return the alert as ended because it was not reported any more: its source may be gone."""
    return live._replace(state=AlertState.RESOLVED, resolved_at=now, reason="expired")
