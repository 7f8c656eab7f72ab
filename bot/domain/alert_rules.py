"""Rules for some of the alerts: what is done otherwise with those that a rule names by their labels or their service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.matchers import Matcher, matches_all
from bot.domain.severity import Severity


@dataclass(frozen=True, slots=True)
class RepeatLimit:
    """One group rings at most `rings` times `within` a time; `always_from` and what is worse ring all the same."""

    rings: int
    within: timedelta
    always_from: Severity = Severity.SEV1


@dataclass(frozen=True, slots=True)
class AlertRule:
    """What is done otherwise with alerts of a service, or whose labels satisfy all matchers, or both; else with all.

    `changes` are fields of `IncidentRules` by name, with what stands in their place.
    """

    name: str
    matchers: tuple[Matcher, ...] = ()
    service: str | None = None
    severity: Severity | None = None
    policy: str | None = None
    team: str | None = None
    runbook: str | None = None
    changes: tuple[tuple[str, object], ...] = ()

    def fits(self, service: str | None, labels: Mapping[str, str]) -> bool:
        """Whether the rule is for an alert of this service with these labels."""
        return (self.service is None or self.service == service) and matches_all(self.matchers, labels)
