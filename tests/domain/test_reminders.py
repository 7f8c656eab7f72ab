"""What Tocsin reminds of, and the sweeper's look."""

import pytest

from bot.domain.access import Role
from bot.domain.actions import CommanderDue, Sweep, UpdateDue
from bot.domain.effects import Say, Tell
from bot.domain.incident import Escalation, EscalationState, Incident, Status, TimerKind
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind
from tests.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    TIMER,
    a_called_incident,
    an_ended_incident,
    an_incident,
    decided,
    of_type,
)

LED = ((Role.COMMANDER, "p-omar"),)


def test_an_overdue_update_is_told_to_the_room_and_to_whoever_leads() -> None:
    decision = decided(an_incident(roles=LED), UpdateDue(), TIMER, NOW + HOUR)
    assert decision.events[0].fields == {"due_at": (NOW + HOUR).isoformat()}
    assert [say.loud for say in of_type(decision.effects, Say)] == [True]
    [tell] = of_type(decision.effects, Tell)
    assert (tell.person, tell.message.key) == ("p-omar", "remind.update")
    assert decision.incident.update_due_at == NOW + 2 * HOUR


def test_after_downtime_it_is_told_once() -> None:
    decision = decided(an_incident(), UpdateDue(), TIMER, NOW + DAY)
    assert len(decision.events) == 1
    assert of_type(decision.effects, Tell) == []
    assert decision.incident.update_due_at == NOW + DAY + HOUR


def test_a_mild_one_is_asked_about_once_a_day() -> None:
    decision = decided(an_incident(severity=Severity.SEV5), UpdateDue(), TIMER, NOW + HOUR)
    assert decision.incident.update_due_at == NOW + HOUR + DAY


def test_while_nobody_leads_the_room_is_asked_less_and_less_often() -> None:
    decision = decided(an_incident(commander_due_at=NOW), CommanderDue(), TIMER)
    assert [event.kind for event in decision.events] == [EventKind.COMMANDER_MISSING]
    [say] = of_type(decision.effects, Say)
    assert (say.loud, say.actions) == (True, ("lead",))
    assert decision.incident.commander_due_at == NOW + 30 * MINUTE


def test_once_somebody_leads_the_question_is_taken_back() -> None:
    decision = decided(an_incident(commander_due_at=NOW, roles=LED), CommanderDue(), TIMER)
    assert (decision.incident.commander_due_at, decision.events) == (None, ())


@pytest.mark.parametrize(
    ("action", "incident"),
    [
        (UpdateDue(), an_incident()),
        (UpdateDue(), an_incident(update_due_at=None)),
        (UpdateDue(), an_ended_incident(update_due_at=NOW)),
        (CommanderDue(), an_incident()),
        (CommanderDue(), an_incident(commander_due_at=NOW + MINUTE)),
        (CommanderDue(), an_ended_incident(commander_due_at=NOW)),
        (Sweep(), an_incident()),
        (Sweep(), a_called_incident()),
        (Sweep(), an_ended_incident()),
    ],
)
def test_what_is_stale_or_in_order_is_left_alone(action: UpdateDue | CommanderDue | Sweep, incident: Incident) -> None:
    decision = decided(incident, action, TIMER)
    assert (decision.incident, decision.events, decision.effects) == (incident, (), ())
    assert decision.reply.key == "reply.nothing"


@pytest.mark.parametrize("status", [Status.TRIAGE, Status.INVESTIGATING, Status.MITIGATED])
def test_the_sweeper_gives_an_open_incident_a_next_step_without_a_word(status: Status) -> None:
    decision = decided(an_incident(status=status, update_due_at=None), Sweep(), TIMER)
    assert decision.incident.timers() == {TimerKind.UPDATE: NOW + HOUR}
    assert [event.kind for event in decision.events] == [EventKind.SWEPT]
    assert of_type(decision.effects, Say) == []


@pytest.mark.parametrize("update_due_at", [None, NOW + HOUR])
def test_the_sweeper_takes_up_a_calling_that_lost_its_next_step(update_due_at: object) -> None:
    escalation = Escalation(EscalationState.RUNNING, "ml-oncall", 1, None, 1)
    incident = an_incident(escalation=escalation, update_due_at=update_due_at)
    after = decided(incident, Sweep(), TIMER).incident
    assert after.timers()[TimerKind.ESCALATE] == NOW
    assert after.update_due_at == NOW + HOUR
