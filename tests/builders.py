"""Make the things that tests speak of, each with what a test does not care about filled in.

The organisation is Acme AI in Dubai: amira (admin, leads ml-platform, on call this week), omar and lina (responders)
and noor (viewer, in no team). Its policy calls amira at once, omar five minutes later and the team ten minutes after
that, all of it twice.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.domain.access import Access
from bot.domain.decide import decide
from bot.domain.decision import Decision, Draft
from bot.domain.followup import Followup
from bot.domain.incident import AlertTally, Escalation, EscalationState, Incident, Status
from bot.domain.matchers import parse_matchers
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
from bot.domain.rotation import Layer, Schedule
from bot.domain.severity import Severity
from bot.domain.timeline import Actor

NOW = datetime(2026, 1, 6, 23, 0, tzinfo=UTC)
"""03:00 on a Wednesday in Dubai; amira's week."""

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

AMIRA = Actor(person="p-amira")
OMAR = Actor(person="p-omar")
PROM = Actor(part="source:prom")
TIMER = Actor(part="timer")

T = TypeVar("T")


def a_person(name: str, access: Access = Access.RESPONDER, **changes: Any) -> Person:
    """A person whose id is `p-` and the name, known to Slack as U and the name in capitals."""
    account = Account("slack", "T1", f"U{name.upper()}")
    person = Person(id=f"p-{name}", name=name, access=access, timezone="Asia/Dubai", accounts=(account,))
    return replace(person, **changes)


def to_person(person_id: str) -> Target:
    return Target(TargetKind.PERSON, person_id)


def to_schedule(name: str) -> Target:
    return Target(TargetKind.SCHEDULE, name)


def to_team(name: str) -> Target:
    return Target(TargetKind.TEAM, name)


def a_step(*targets: Target, after: timedelta = timedelta()) -> Step:
    return Step(after, targets)


def a_schedule(*people: str, name: str = "ml-primary", **changes: Any) -> Schedule:
    """A weekly rotation in Dubai that began on Monday, 5 January 2026 at 09:00."""
    layer = Layer("weekly", people or ("p-amira", "p-omar"), timedelta(weeks=1), datetime(2026, 1, 5, 9, 0))  # noqa: DTZ001
    return replace(Schedule(name, "Asia/Dubai", (layer,)), **changes)


def a_policy(*steps: Step, name: str = "ml-oncall", repeat: int = 1) -> Policy:
    """The schedule at once, omar after 5 minutes, the team after 10 more; unless `steps` are given."""
    usual = (
        a_step(to_schedule("ml-primary")),
        a_step(to_person("p-omar"), after=5 * MINUTE),
        a_step(to_team("ml-platform"), after=10 * MINUTE),
    )
    return Policy(name, steps or usual, repeat)


def an_organisation(**changes: Any) -> Organisation:
    """Acme AI. Changes replace whole fields: `policies=(...)`, `rules=...`."""
    people = (a_person("amira", Access.ADMIN), a_person("omar"), a_person("lina"), a_person("noor", Access.VIEWER))
    org = Organisation(
        name="Acme AI",
        timezone="Asia/Dubai",
        people=people,
        teams=(Team("ml-platform", ("p-omar", "p-amira", "p-lina"), lead="p-amira"),),
        services=(
            Service("inference-gateway", team="ml-platform", policy="ml-oncall", depends_on=("feature-store",)),
            Service("feature-store", team="ml-platform"),
        ),
        schedules=(a_schedule(),),
        policies=(a_policy(),),
        routes=(
            Route(parse_matchers('team="ml", severity=~"critical|error"'), service="inference-gateway"),
            Route(policy="ml-oncall"),
        ),
        severities=(
            ("critical", Severity.SEV2),
            ("error", Severity.SEV3),
            ("warning", Severity.SEV4),
            ("info", Severity.SEV5),
        ),
        version="v1",
    )
    return replace(org, **changes)


def an_incident(**changes: Any) -> Incident:
    """INC-42, in triage since now at SEV2, with two firing alerts; nobody is called yet."""
    incident = Incident(
        id="i-42",
        number=42,
        title="Gateway answers slowly",
        severity=Severity.SEV2,
        opened_at=NOW,
        service="inference-gateway",
        team="ml-platform",
        group_key="g-1",
        alerts=AlertTally(total=2, firing=2),
        escalation=Escalation(policy="ml-oncall"),
        update_due_at=NOW + HOUR,
        configuration="v1",
        version=7,
    )
    return replace(incident, **changes)


def a_called_incident(sent: int = 1, **changes: Any) -> Incident:
    """INC-42 while people are called: `sent` steps are behind it, the next is due in five minutes."""
    escalation = Escalation(EscalationState.RUNNING, "ml-oncall", sent, NOW + 5 * MINUTE, episode=1)
    return an_incident(**{"escalation": escalation, "participants": ("p-amira",), **changes})


def an_answered_incident(**changes: Any) -> Incident:
    """INC-42, which amira has acknowledged."""
    answered: dict[str, Any] = {
        "status": Status.INVESTIGATING,
        "escalation": Escalation(EscalationState.ACKNOWLEDGED, "ml-oncall", 1, None, episode=1),
        "acknowledged_at": NOW,
        "acknowledged_by": "p-amira",
        "participants": ("p-amira",),
    }
    return an_incident(**{**answered, **changes})


def an_ended_incident(status: Status = Status.RESOLVED, **changes: Any) -> Incident:
    """INC-42 after it ended, all its alerts silent."""
    ended: dict[str, Any] = {
        "status": status,
        "alerts": AlertTally(total=2, firing=0),
        "update_due_at": None,
        "mitigated_at": NOW,
        "resolved_at": NOW,
        "closed_at": None if status is Status.RESOLVED else NOW,
    }
    return an_answered_incident(**{**ended, **changes})


def a_followup(**changes: Any) -> Followup:
    """Omar is to raise a limit within a week; amira wrote it down."""
    followup = Followup(
        id="f-1",
        incident="i-42",
        text="Raise the pool's limit",
        owner="p-omar",
        due_at=NOW + 7 * DAY,
        created_by="p-amira",
        created_at=NOW,
        remind_at=NOW + 7 * DAY,
    )
    return replace(followup, **changes)


def a_draft(incident: Incident | None = None, actor: Actor = AMIRA, org: Organisation | None = None) -> Draft:
    return Draft(incident or an_incident(), actor, NOW, org or an_organisation())


def decided(
    incident: Incident, action: Any, actor: Actor = AMIRA, now: datetime = NOW, org: Organisation | None = None
) -> Decision:
    """What is decided about an incident, by default by amira, now, at Acme AI."""
    return decide(incident, action, actor, now, org or an_organisation())


def of_type(items: Iterable[object], kind: type[T]) -> list[T]:
    """Those of the items that are of a kind, in order."""
    return [item for item in items if isinstance(item, kind)]
