"""Where alerts go, remembered by their labels: the same alerts are reported again and again."""

from collections.abc import Mapping
from typing import Final

from bot.domain.alert import AlertEvent, LiveAlert
from bot.domain.flapping import FLAPPING
from bot.domain.organisation import IncidentRules, Organisation
from bot.domain.routing import Destination, destination
from bot.domain.severity import Severity

MOST: Final = 20_000
"""How many label sets are remembered; one more, and all are forgotten."""


class Destinations:
    """Answers for one version of the organisation."""

    def __init__(self, org: Organisation) -> None:
        self.org = org
        every = (org.rules, *(org.rules_of(rule.name) for rule in org.alert_rules))
        self._looks_at_turns = any(rules.flap_turns for rules in every)
        self._known: dict[tuple[tuple[str, str], ...], Destination] = {}

    def of(self, labels: Mapping[str, str]) -> Destination:
        """Return where an alert with these labels goes."""
        key = tuple(labels.items())
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[key] = destination(self.org, labels)
        return found

    def ruled(self, labels: Mapping[str, str]) -> Destination | None:
        """Return where it goes if that may matter for each of its reports: when the file has rules for alerts."""
        return self.of(labels) if self.org.alert_rules else None

    def rules(self, labels: Mapping[str, str]) -> IncidentRules:
        """Return the rules that hold for an alert with these labels."""
        return self.of(labels).rules if self.org.alert_rules else self.org.rules

    def severity(self, event: AlertEvent) -> Severity:
        """Return how bad an alert is by its rule, or else by its source's word."""
        goes_to = self.ruled(event.labels)
        if goes_to is not None and goes_to.rule is not None and goes_to.rule.severity is not None:
            return goes_to.rule.severity
        return self.org.severity_for(event.severity)

    def may_turn(self, event: AlertEvent, live: Mapping[str, LiveAlert]) -> bool:
        """Say whether a report may be one by which its alert comes or goes, where somebody looks at that."""
        if not self._looks_at_turns:
            return False
        known = live.get(event.fingerprint)
        return known is None or not event.is_firing or known.reason == FLAPPING
