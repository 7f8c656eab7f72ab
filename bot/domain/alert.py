"""Alerts: what one report (an alert event) does to what is known of the alert."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

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
class Alert:
    """One alert from its first report to its resolve. Firing again after that is another alert, same fingerprint."""

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

    @property
    def is_live(self) -> bool:
        """Whether it fires, suppressed or not."""
        return self.state is not AlertState.RESOLVED


class Absorbed(StrEnum):
    """What a report meant for an alert that was known."""

    REPEATED = "repeated"
    WORSENED = "worsened"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """As much of a live alert as a further report needs: intake carries thousands of these a second.

    `reports` counts what was absorbed since it was read, and `last_at` is the latest of them; storage adds both.
    """

    id: str
    state: AlertState
    severity: Severity
    incident: str | None
    last_at: datetime
    reports: int = 0
    resolved_at: datetime | None = None
    reason: str | None = None


def absorb(
    live: LiveAlert, *, is_firing: bool, severity: Severity, received_at: datetime
) -> tuple[LiveAlert, Absorbed]:
    """Return the alert after a report, and what the report meant.

    `severity` is the report's, already mapped. A milder severity is taken over without a word; a worse one is
    `WORSENED`. Every report counts, the resolving one included.
    """
    last_at = max(live.last_at, received_at)
    if not is_firing:
        ended = replace(
            live, state=AlertState.RESOLVED, reports=live.reports + 1, last_at=last_at, resolved_at=received_at
        )
        return ended, Absorbed.RESOLVED
    meaning = Absorbed.WORSENED if severity.is_worse_than(live.severity) else Absorbed.REPEATED
    return replace(live, severity=severity, reports=live.reports + 1, last_at=last_at), meaning


def expire(live: LiveAlert, now: datetime) -> LiveAlert:
    """Return the alert as ended because it was not reported any more: its source may be gone."""
    return replace(live, state=AlertState.RESOLVED, resolved_at=now, reason="expired")
