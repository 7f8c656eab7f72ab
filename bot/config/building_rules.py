"""Make the rules for incidents and alerts from their sections, and plain JSON from the rules."""

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from bot.config.file import File
from bot.config.rule_sections import RuleSection
from bot.config.rule_values import DAYS
from bot.domain.alert_rules import AlertRule, RepeatLimit
from bot.domain.business_hours import BusinessHours
from bot.domain.organisation import IncidentRules
from bot.domain.severity import Severity

_CHANGED: Final = ("group_by", "group_window", "open_from", "resolve", "quiet_time")
"""What a rule may say in place of the incidents' section, under the same names."""


def incident_rules(file: File) -> IncidentRules:
    """Return how all incidents are looked after."""
    given = file.incidents
    return IncidentRules(
        open_from=given.open_from,
        group_by=given.group_by,
        service_labels=given.service_labels,
        group_window=given.group_window,
        resolve=given.resolve,
        quiet_time=given.quiet_time,
        alert_expiry=given.alert_expiry,
        flap_turns=given.flapping.turns,
        flap_window=given.flapping.within,
        commander_within=given.commander_within,
        update_every=tuple(sorted(given.update_every.items())),
        postmortem_from=given.postmortem_from,
    )


def alert_rule(given: RuleSection) -> AlertRule:
    """Return what is done otherwise with some of the alerts."""
    return AlertRule(
        name=given.name,
        matchers=given.match or (),
        service=given.service,
        severity=given.severity,
        policy=given.policy,
        team=given.team,
        runbook=given.runbook,
        changes=tuple((name, value) for name, value in _changes(given) if value is not None),
    )


def _changes(given: RuleSection) -> Iterator[tuple[str, object]]:
    yield from ((name, getattr(given, name)) for name in _CHANGED)
    if given.flapping is not None:
        yield "flap_turns", given.flapping.turns
        yield "flap_window", given.flapping.within
    repeat = given.repeat
    if repeat is not None:
        yield "repeat", RepeatLimit(repeat.at_most, repeat.within, repeat.always_from)


def business_hours(file: File) -> BusinessHours | None:
    """Return when people are at work, and what mild alerts are worth at other times."""
    given = file.business_hours
    if given is None:
        return None
    days = frozenset(DAYS.index(day) for day in given.days)
    outside = tuple(sorted(file.outside_hours.items()))
    return BusinessHours(given.timezone or file.organisation.timezone, days, given.begin, given.end, outside)


def stored_hours(hours: BusinessHours | None) -> dict[str, Any] | None:
    """Return what is kept of the business hours."""
    if hours is None:
        return None
    return {
        "timezone": hours.zone,
        "days": sorted(hours.days),
        "begin": hours.begins.isoformat(),
        "end": hours.ends.isoformat(),
        "outside": {severity.name: _plain(worth) for severity, worth in hours.outside},
    }


def stored_rules(rules: IncidentRules) -> dict[str, Any]:
    """Return what is kept of the rules for all incidents."""
    kept = {name: _plain(getattr(rules, name)) for name in IncidentRules.__slots__ if name != "update_every"}
    return {**kept, "update_every": {severity.name: _plain(every) for severity, every in rules.update_every}}


def stored_alert_rule(rule: AlertRule) -> dict[str, Any]:
    """Return what is kept of a rule for some alerts."""
    return {
        "name": rule.name,
        "match": ", ".join(str(matcher) for matcher in rule.matchers),
        "service": rule.service,
        "severity": _plain(rule.severity),
        "policy": rule.policy,
        "team": rule.team,
        "runbook": rule.runbook,
        **{name: _plain(value) for name, value in rule.changes},
    }


def _plain(value: Any) -> Any:
    match value:
        case Severity():
            return value.name
        case Enum():
            return value.value
        case timedelta():
            return int(value.total_seconds())
        case RepeatLimit():
            return {name: _plain(getattr(value, name)) for name in RepeatLimit.__slots__}
        case tuple():
            return [_plain(item) for item in value]
        case _:
            return value
