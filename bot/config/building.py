"""Make the organisation, as the rules know it, from the sections of a file and the ids of its people."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.config.building_rules import (
    alert_rule,
    business_hours,
    incident_rules,
    stored_alert_rule,
    stored_hours,
    stored_rules,
)
from bot.config.file import File, PersonSection, PolicySection, RouteSection, ScheduleSection, TeamSection
from bot.config.hushing import inhibition, maintenance_window, stored_hush
from bot.domain.heartbeat import Heartbeat
from bot.domain.organisation import (
    Account,
    Organisation,
    Person,
    Policy,
    Route,
    Service,
    Step,
    Target,
    TargetKind,
    Team,
)
from bot.domain.retention import RetentionRules
from bot.domain.rotation import Layer, Months, Schedule
from bot.domain.storm import StormRules
from bot.ports.store import PersonEntry


def person_entries(file: File) -> tuple[PersonEntry, ...]:
    """Return the people of a file on their way to the one table that holds names and addresses."""
    return tuple(
        PersonEntry(
            name=person.name,
            access=person.access,
            timezone=person.timezone or file.organisation.timezone,
            language=person.language,
            email=person.email,
            accounts=_accounts(person),
        )
        for person in file.people
    )


def build(file: File, ids: Mapping[str, str], version: str = "") -> Organisation:
    """Return the organisation of a file that was found without problems; `ids` holds every person's id by name."""
    return Organisation(
        name=file.organisation.name,
        timezone=file.organisation.timezone,
        people=tuple(
            Person(
                id=ids[entry.name],
                name=entry.name,
                access=entry.access,
                timezone=entry.timezone,
                language=entry.language,
                email=entry.email,
                accounts=entry.accounts,
            )
            for entry in person_entries(file)
        ),
        teams=tuple(_team(team, ids) for team in file.teams),
        services=tuple(
            Service(each.name, each.team, each.policy, each.depends_on, each.runbook, each.dashboards)
            for each in file.services
        ),
        schedules=tuple(_schedule(schedule, file.organisation.timezone, ids) for schedule in file.schedules),
        policies=tuple(_policy(policy, ids) for policy in file.policies),
        routes=_routes(file),
        severities=tuple((word.strip().lower(), severity) for word, severity in file.severities.items()),
        rules=incident_rules(file),
        alert_rules=tuple(alert_rule(rule) for rule in file.rules),
        hours=business_hours(file),
        storm=StormRules(file.storm.groups, file.storm.within, file.storm.quiet, file.storm.critical),
        retention=_retention(file),
        heartbeats=tuple(
            Heartbeat(each.name, each.every, each.grace, each.service, each.severity) for each in file.heartbeats
        ),
        maintenance=tuple(maintenance_window(each, file.organisation.timezone) for each in file.maintenance),
        inhibitions=tuple(inhibition(each) for each in file.inhibit),
        version=version,
    )


def with_accounts(organisation: Organisation, linked: Mapping[str, Sequence[Account]]) -> Organisation:
    """Return the organisation with the accounts that people linked themselves, behind the configured ones."""
    people = (
        replace(person, accounts=tuple(dict.fromkeys((*person.accounts, *linked.get(person.id, ())))))
        for person in organisation.people
    )
    return replace(organisation, people=tuple(people))


def stored_body(organisation: Organisation) -> dict[str, Any]:
    """Return what is kept of a version: plain JSON, people by id, no name or address of theirs, no secret."""
    storm = organisation.storm
    return {
        "name": organisation.name,
        "timezone": organisation.timezone,
        "people": [
            {"id": person.id, "access": person.access.name.lower(), "timezone": person.timezone}
            for person in organisation.people
        ],
        "teams": [{"name": team.name, "members": list(team.members), "lead": team.lead} for team in organisation.teams],
        "services": [
            {
                "name": service.name,
                "team": service.team,
                "policy": service.policy,
                "depends_on": list(service.depends_on),
                "runbook": service.runbook,
                "dashboards": list(service.dashboards),
            }
            for service in organisation.services
        ],
        "schedules": [_stored_schedule(schedule) for schedule in organisation.schedules],
        "policies": [_stored_policy(policy) for policy in organisation.policies],
        "routes": [
            {
                "match": ", ".join(str(matcher) for matcher in route.matchers),
                "service": route.service,
                "policy": route.policy,
            }
            for route in organisation.routes
        ],
        "severities": {word: severity.name for word, severity in organisation.severities},
        "heartbeats": [
            {
                "name": each.name,
                "every": _seconds(each.every),
                "grace": _seconds(each.grace),
                "service": each.service,
                "severity": each.severity.name,
            }
            for each in organisation.heartbeats
        ],
        **stored_hush(organisation),
        "incidents": stored_rules(organisation.rules),
        "business_hours": stored_hours(organisation.hours),
        "rules": [stored_alert_rule(rule) for rule in organisation.alert_rules],
        "storm": {
            "groups": storm.groups,
            "within": _seconds(storm.within),
            "quiet": _seconds(storm.quiet),
            "critical": storm.critical.name,
        },
    }


def digest(body: Mapping[str, Any]) -> str:
    """Return the identity of a stored body: the same for the same content, in 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _accounts(person: PersonSection) -> tuple[Account, ...]:
    return tuple(Account(chat, "", user) for chat, user in person.accounts.items())


def _team(team: TeamSection, ids: Mapping[str, str]) -> Team:
    return Team(team.name, tuple(ids[name] for name in team.members), ids[team.lead] if team.lead else None)


def _schedule(schedule: ScheduleSection, timezone: str, ids: Mapping[str, str]) -> Schedule:
    layers = (
        Layer(layer.name, tuple(ids[name] for name in layer.people), layer.every, layer.handoff)
        for layer in schedule.layers
    )
    return Schedule(schedule.name, schedule.timezone or timezone, tuple(layers))


def _policy(policy: PolicySection, ids: Mapping[str, str]) -> Policy:
    steps = (Step(step.after, tuple(_target(target, ids) for target in step.page)) for step in policy.steps)
    return Policy(policy.name, tuple(steps), policy.repeat)


def _target(target: str, ids: Mapping[str, str]) -> Target:
    word, _, name = target.partition(":")
    kind = TargetKind(word)
    return Target(kind, ids[name] if kind is TargetKind.PERSON else name)


def _routes(file: File) -> tuple[Route, ...]:
    """Return the routes; the one that catches all always names its policy, since services fall back to it."""
    if not file.routes:
        return (Route(policy=file.policies[0].name if file.policies else None),)
    return tuple(Route(route.match or (), route.service, _route_policy(route, file)) for route in file.routes)


def _route_policy(route: RouteSection, file: File) -> str | None:
    if route.policy is not None or route.match is not None:
        return route.policy
    return next((service.policy for service in file.services if service.name == route.service), None)


def _retention(file: File) -> RetentionRules:
    given = file.retention
    return RetentionRules(
        deliveries=given.deliveries,
        deliveries_size_bytes=given.deliveries_size,
        quarantined=given.quarantined,
        receipts=given.receipts,
        changes=given.changes,
    )


def _stored_schedule(schedule: Schedule) -> dict[str, Any]:
    layers = [
        {
            "name": layer.name,
            "people": list(layer.people),
            "every": f"{layer.every.count} months" if isinstance(layer.every, Months) else _seconds(layer.every),
            "handoff": layer.handoff.isoformat(),
        }
        for layer in schedule.layers
    ]
    return {"name": schedule.name, "timezone": schedule.timezone, "layers": layers}


def _stored_policy(policy: Policy) -> dict[str, Any]:
    steps = [
        {"after": _seconds(step.after), "page": [f"{target.kind}:{target.name}" for target in step.page]}
        for step in policy.steps
    ]
    return {"name": policy.name, "repeat": policy.repeat, "steps": steps}


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
