"""Where alerts go, remembered by those of their labels that decide it: the same are reported again and again."""

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

from bot.domain.alert import AlertEvent, LiveAlert
from bot.domain.flapping import FLAPPING
from bot.domain.organisation import IncidentRules, Organisation
from bot.domain.routing import Destination, destination
from bot.domain.severity import Severity

Key = TypeVar("Key")
Value = TypeVar("Value")

MOST: Final = 20_000
"""How many sets of labels, and words for severities, are remembered; one more, and all are forgotten."""


class Destinations:
    """Answers for one version of the organisation."""

    def __init__(self, org: Organisation) -> None:
        self.org = org
        every = (org.rules, *(org.rules_of(rule.name) for rule in org.alert_rules))
        self._looks_at_turns = any(rules.flap_turns for rules in every)
        self._deciding = _deciding_labels(org, every)
        self._known: dict[tuple[str | None, ...], Destination] = {}
        self._words: dict[str | None, Severity] = {}

    def of(self, labels: Mapping[str, str]) -> Destination:
        """Return where an alert with these labels goes."""
        key = tuple(map(labels.get, self._deciding))
        found = self._known.get(key)
        if found is None:
            found = _remember(self._known, key, destination(self.org, labels))
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
        found = self._words.get(event.severity)
        if found is None:
            found = _remember(self._words, event.severity, self.org.severity_for(event.severity))
        return found

    def turning(self, events: Collection[AlertEvent], live: Mapping[str, LiveAlert]) -> set[str]:
        """Return the fingerprints that may come or go by these reports, where somebody looks at that."""
        if not self._looks_at_turns:
            return set()
        return {
            event.fingerprint
            for event in events
            if not event.is_firing or (known := live.get(event.fingerprint)) is None or known.reason == FLAPPING
        }


def _deciding_labels(org: Organisation, rules: Collection[IncidentRules]) -> tuple[str, ...]:
    """Return the names of all labels that `bot.domain.routing.destination` may look at."""
    asking = (*(route.matchers for route in org.routes), *(rule.matchers for rule in org.alert_rules))
    names = {matcher.name for matchers in asking for matcher in matchers}
    return tuple(names.union(org.rules.service_labels, *(each.group_by for each in rules)))


def _remember(known: dict[Key, Value], key: Key, value: Value) -> Value:
    if len(known) >= MOST:
        known.clear()
    known[key] = value
    return value
