"""How an incident begins."""

import pytest

from bot.domain.access import Visibility
from bot.domain.actions import AlertsChanged
from bot.domain.alert_rules import RepeatLimit
from bot.domain.effects import Announce, DrawCard, Invite, OpenRoom, Page, Say
from bot.domain.incident import AlertTally, Escalation, EscalationState, Incident, TimerKind
from bot.domain.opening import declare, open_by_alerts
from bot.domain.organisation import IncidentRules, Route
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind
from tests.builders import (
    AMIRA,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OMAR,
    PROM,
    a_draft,
    a_policy,
    a_step,
    an_organisation,
    of_type,
    to_person,
)

FIRED = AlertsChanged(fired=2, worst=Severity.SEV2, titles=("Slow", "Slower"))


def a_new_incident(severity: Severity = Severity.SEV2, **changes: object) -> Incident:
    about: dict[str, object] = {"opened_by": "p-omar", "escalation": Escalation(policy="ml-oncall"), **changes}
    return Incident("i-1", 1, "Gateway is slow", severity, NOW, **about)  # type: ignore[arg-type]


def test_alerts_open_a_room_and_call_who_is_on_call_at_once() -> None:
    decision = open_by_alerts(a_draft(a_new_incident(opened_by=None), PROM), FIRED)
    assert decision.incident.alerts == AlertTally(total=2, firing=2, worst=Severity.SEV2)
    assert [event.kind for event in decision.events] == [EventKind.OPENED_BY_ALERT, EventKind.PAGED]
    assert decision.events[0].fields == {"severity": "SEV2", "service": None, "count": 2, "titles": "Slow; Slower"}
    kinds = [type(effect) for effect in decision.effects]
    assert kinds == [OpenRoom, Invite, DrawCard, Say, Announce, Page]
    [say] = of_type(decision.effects, Say)
    assert [message.key for message in (say.message, *say.also)] == ["timeline.opened_by_alert", "timeline.paged"]
    [page] = of_type(decision.effects, Page)
    assert (page.person, page.step, page.episode) == ("p-amira", 1, 1)
    assert page.reason.key == "page.incident"
    assert page.reason.fields == {"ref": "INC-1", "title": "Gateway is slow", "severity": "SEV2", "service": None}
    assert decision.incident.escalation == Escalation(EscalationState.RUNNING, "ml-oncall", 1, NOW + 5 * MINUTE, 1)
    assert decision.incident.participants == ("p-amira",)


def test_whoever_declares_and_whoever_is_called_come_into_the_new_room_together() -> None:
    decision = declare(a_draft(a_new_incident(), OMAR), rings=True)
    assert decision.effects[:2] == (OpenRoom(), Invite(("p-omar", "p-amira")))
    assert len(of_type(decision.effects, Invite)) == 1


def test_a_first_step_with_a_delay_calls_nobody_yet() -> None:
    org = an_organisation(policies=(a_policy(a_step(to_person("p-omar"), after=2 * MINUTE)),))
    decision = open_by_alerts(a_draft(a_new_incident(opened_by=None), PROM, org), FIRED)
    assert of_type(decision.effects, Page) == []
    assert decision.incident.timers()[TimerKind.ESCALATE] == NOW + 2 * MINUTE


def test_without_any_policy_everyone_hears_that_nobody_was_called() -> None:
    org = an_organisation(policies=(), routes=(Route(),))
    decision = open_by_alerts(a_draft(a_new_incident(), PROM, org), FIRED)
    assert decision.incident.escalation.state is EscalationState.NONE
    assert [one.message.key for one in of_type(decision.effects, Announce)] == [
        "announce.opened_by_alert",
        "announce.nobody_to_page",
    ]
    assert decision.incident.timers()


def test_whoever_declares_takes_part_and_rings_only_if_wanted() -> None:
    quiet = declare(a_draft(a_new_incident(), OMAR), rings=False)
    assert quiet.incident.participants == ("p-omar",)
    assert of_type(quiet.effects, Invite) == [Invite(("p-omar",))]
    assert of_type(quiet.effects, Page) == []
    assert quiet.incident.escalation.state is EscalationState.NONE
    assert quiet.reply.fields == {"ref": "INC-1", "title": "Gateway is slow", "severity": "SEV2"}
    ringing = declare(a_draft(a_new_incident(), OMAR), rings=True)
    assert [page.person for page in of_type(ringing.effects, Page)] == ["p-amira"]
    assert ringing.incident.participants == ("p-omar", "p-amira")


def test_a_declarer_who_takes_part_already_is_not_listed_twice() -> None:
    incident = a_new_incident(participants=("p-omar", "p-lina"))
    assert declare(a_draft(incident), rings=False).incident.participants == ("p-omar", "p-lina")


def test_one_that_a_part_of_tocsin_declares_has_no_opener() -> None:
    decision = declare(a_draft(a_new_incident(opened_by=None), PROM), rings=False)
    assert decision.incident.participants == ()
    assert of_type(decision.effects, Invite) == []


def test_a_private_one_is_announced_nowhere_from_its_first_moment() -> None:
    decision = declare(a_draft(a_new_incident(visibility=Visibility.PRIVATE), AMIRA), rings=True)
    assert of_type(decision.effects, Announce) == []


@pytest.mark.parametrize(
    ("severity", "update", "wants_commander"),
    [
        (Severity.SEV1, HOUR / 2, True),
        (Severity.SEV2, HOUR, True),
        (Severity.SEV3, DAY, True),
        (Severity.SEV4, DAY, False),
        (Severity.SEV5, DAY, False),
    ],
)
def test_the_severity_says_what_is_owed(severity: Severity, update: object, wants_commander: bool) -> None:
    incident = declare(a_draft(a_new_incident(severity)), rings=False).incident
    assert incident.update_due_at is not None
    assert incident.update_due_at - NOW == update
    assert incident.commander_due_at == (NOW + 10 * MINUTE if wants_commander else None)


def test_opening_is_the_first_ring_where_rings_are_limited() -> None:
    limited = an_organisation(rules=IncidentRules(repeat=RepeatLimit(2, HOUR)))
    assert open_by_alerts(a_draft(a_new_incident(), PROM, limited), FIRED).incident.rings == (NOW,)
    assert open_by_alerts(a_draft(a_new_incident(), PROM), FIRED).incident.rings == ()
