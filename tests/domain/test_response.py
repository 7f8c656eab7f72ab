"""What people do inside an incident."""

import pytest

from bot.domain.access import Role
from bot.domain.actions import (
    Acknowledge,
    Action,
    AddNote,
    Assign,
    GiveUpdate,
    Join,
    PagePeople,
    RecordChange,
    SetSeverity,
)
from bot.domain.effects import Announce, DrawCard, Invite, Page, Say, Tell
from bot.domain.incident import AlertTally, EscalationState, Status
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
    a_called_incident,
    an_answered_incident,
    an_ended_incident,
    an_incident,
    decided,
    of_type,
    to_person,
    to_schedule,
    to_team,
)
from tests.domain.refused import refused

ENDED = [Status.RESOLVED, Status.CLOSED, Status.CANCELLED]


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize(
    "action",
    [
        Acknowledge(),
        SetSeverity(Severity.SEV1),
        Assign(Role.SCRIBE, "p-omar"),
        PagePeople((to_person("p-omar"),)),
        GiveUpdate("all is well"),
    ],
)
def test_an_ended_incident_is_worked_on_only_after_reopening(status: Status, action: Action) -> None:
    assert refused(an_ended_incident(status), action) == ("incident.ended", {"ref": "INC-42", "status": status})


class TestAcknowledging:
    def test_ends_the_calling_and_begins_the_work(self) -> None:
        decision = decided(a_called_incident(), Acknowledge(), OMAR)
        after = decision.incident
        assert (after.status, after.acknowledged_by, after.acknowledged_at) == (Status.INVESTIGATING, "p-omar", NOW)
        assert (after.escalation.state, after.escalation.due_at) == (EscalationState.ACKNOWLEDGED, None)
        assert decision.acknowledges_pages
        assert after.participants == ("p-amira", "p-omar")
        assert of_type(decision.effects, Invite) == [Invite(("p-omar",))]
        assert [event.kind for event in decision.events] == [EventKind.ACKNOWLEDGED]
        assert decision.reply.key == "reply.acknowledged"

    def test_twice_changes_nothing(self) -> None:
        incident = an_answered_incident()
        decision = decided(incident, Acknowledge(), AMIRA)
        assert (decision.incident, decision.events, decision.effects) == (incident, (), ())
        assert decision.reply.key == "reply.already_acknowledged"
        assert decision.reply.fields == {"ref": "INC-42", "person": "p-amira"}

    def test_by_a_source_ends_the_calling_once(self) -> None:
        first = decided(a_called_incident(), Acknowledge(), PROM)
        assert first.incident.escalation.state is EscalationState.ACKNOWLEDGED
        assert (first.incident.acknowledged_at, first.incident.acknowledged_by) == (NOW, None)
        again = decided(first.incident, Acknowledge(), PROM)
        assert (again.incident, again.events, again.effects) == (first.incident, (), ())

    def test_by_somebody_else_is_heard_and_ends_their_pages_but_the_first_keeps_it(self) -> None:
        decision = decided(an_answered_incident(), Acknowledge(), OMAR, NOW + HOUR)
        after = decision.incident
        assert (after.acknowledged_by, after.acknowledged_at) == ("p-amira", NOW)
        assert after.participants == ("p-amira", "p-omar")
        assert decision.acknowledges_pages
        assert [(event.kind, event.fields) for event in decision.events] == [
            (EventKind.ACKNOWLEDGED, {"person": "p-amira"})
        ]
        assert decision.reply.fields == {"ref": "INC-42", "person": "p-amira"}

    def test_by_a_script_after_a_person_changes_nothing(self) -> None:
        assert decided(an_answered_incident(), Acknowledge(), PROM).events == ()

    def test_by_a_script_is_taken_over_by_the_first_person(self) -> None:
        by_script = decided(a_called_incident(), Acknowledge(), PROM).incident
        assert (by_script.acknowledged_by, by_script.acknowledged_at) == (None, NOW)
        after = decided(by_script, Acknowledge(), OMAR, NOW + MINUTE).incident
        assert (after.acknowledged_by, after.acknowledged_at) == ("p-omar", NOW)

    @pytest.mark.parametrize("state", [EscalationState.EXHAUSTED, EscalationState.NONE, EscalationState.STOPPED])
    def test_late_is_better_than_never(self, state: EscalationState) -> None:
        incident = a_called_incident()
        decision = decided(decided(incident, Acknowledge(), OMAR).incident, Acknowledge(), OMAR)
        assert decision.reply.key == "reply.already_acknowledged"
        late = a_called_incident(escalation=_in(state))
        assert decided(late, Acknowledge(), OMAR).incident.acknowledged_by == "p-omar"

    def test_leaves_a_mitigated_one_mitigated(self) -> None:
        mitigated = a_called_incident(status=Status.MITIGATED)
        assert decided(mitigated, Acknowledge()).incident.status is Status.MITIGATED


def _in(state: EscalationState) -> object:
    from bot.domain.incident import Escalation

    return Escalation(state, "ml-oncall", 6, None, episode=1)


class TestSeverity:
    def test_a_rise_is_announced_and_calls_nobody(self) -> None:
        decision = decided(an_answered_incident(), SetSeverity(Severity.SEV1, "all requests fail"))
        assert decision.incident.severity is Severity.SEV1
        assert decision.events[0].fields == {"before": "SEV2", "severity": "SEV1", "reason": "all requests fail"}
        assert [one.message.key for one in of_type(decision.effects, Announce)] == ["announce.severity_changed"]
        assert of_type(decision.effects, Page) == []
        assert decision.incident.escalation.state is EscalationState.ACKNOWLEDGED

    def test_a_fall_is_told_in_the_room_only(self) -> None:
        decision = decided(an_answered_incident(), SetSeverity(Severity.SEV4))
        assert of_type(decision.effects, Announce) == []
        assert len(of_type(decision.effects, Say)) == 1

    def test_by_a_person_leaves_what_the_alerts_had_brought(self) -> None:
        known = an_incident(alerts=AlertTally(2, 2, Severity.SEV1))
        assert decided(known, SetSeverity(Severity.SEV4)).incident.alerts.worst is Severity.SEV1
        of_an_older_release = an_incident(alerts=AlertTally(2, 2))
        assert decided(of_an_older_release, SetSeverity(Severity.SEV4)).incident.alerts.worst is Severity.SEV2
        declared = an_incident(alerts=AlertTally())
        assert decided(declared, SetSeverity(Severity.SEV4)).incident.alerts.worst is None

    def test_the_same_again_is_refused(self) -> None:
        action = SetSeverity(Severity.SEV2)
        assert refused(an_incident(), action) == ("severity.already", {"ref": "INC-42", "severity": "SEV2"})

    def test_a_rise_brings_the_next_update_forward_and_never_puts_it_off(self) -> None:
        worse = SetSeverity(Severity.SEV1)
        assert decided(an_incident(), worse).incident.update_due_at == NOW + HOUR / 2
        promised = an_incident(update_due_at=NOW + 10 * MINUTE)
        assert decided(promised, worse).incident.update_due_at == NOW + 10 * MINUTE

    def test_a_fall_gives_more_time(self) -> None:
        after = decided(an_incident(commander_due_at=NOW + MINUTE), SetSeverity(Severity.SEV4)).incident
        assert (after.update_due_at, after.commander_due_at) == (NOW + DAY, None)

    def test_a_change_does_not_put_off_the_question_of_who_leads(self) -> None:
        after = decided(an_incident(commander_due_at=NOW + MINUTE), SetSeverity(Severity.SEV1)).incident
        assert after.commander_due_at == NOW + MINUTE

    def test_nobody_is_asked_to_lead_one_that_is_led_or_mitigated(self) -> None:
        led = an_incident(roles=((Role.COMMANDER, "p-omar"),))
        assert decided(led, SetSeverity(Severity.SEV1)).incident.commander_due_at is None
        mitigated = an_answered_incident(status=Status.MITIGATED)
        assert decided(mitigated, SetSeverity(Severity.SEV1)).incident.commander_due_at is None


class TestRoles:
    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.RESPONDER])
    def test_one_person_holds_each(self, role: Role) -> None:
        held = an_incident(roles=((role, "p-amira"), (Role.RESPONDER, "p-amira")))
        after = decided(held, Assign(role, "p-omar")).incident
        assert after.roles == ((Role.RESPONDER, "p-amira"), (role, "p-omar"))

    def test_responders_are_many(self) -> None:
        held = an_incident(roles=((Role.RESPONDER, "p-amira"),))
        after = decided(held, Assign(Role.RESPONDER, "p-omar")).incident
        assert after.roles == ((Role.RESPONDER, "p-amira"), (Role.RESPONDER, "p-omar"))

    def test_whoever_is_given_one_is_told_and_brought_into_the_room(self) -> None:
        decision = decided(a_called_incident(), Assign(Role.SCRIBE, "p-lina"))
        [tell] = of_type(decision.effects, Tell)
        assert (tell.person, tell.message.key, tell.message.fields["role"]) == ("p-lina", "tell.role", "scribe")
        assert of_type(decision.effects, Invite) == [Invite(("p-lina",))]
        assert decision.reply.fields == {"ref": "INC-42", "role": "scribe", "person": "p-lina"}

    def test_whoever_takes_one_is_not_told_of_it(self) -> None:
        assert of_type(decided(a_called_incident(), Assign(Role.SCRIBE, "p-amira")).effects, Tell) == []

    def test_taking_the_lead_acknowledges_whatever_became_of_the_calling(self) -> None:
        for state in (EscalationState.RUNNING, EscalationState.EXHAUSTED, EscalationState.NONE):
            incident = a_called_incident(escalation=_in(state), commander_due_at=NOW + MINUTE)
            decision = decided(incident, Assign(Role.COMMANDER, "p-amira"))
            after = decision.incident
            assert (after.commander, after.acknowledged_by, after.status) == (
                "p-amira",
                "p-amira",
                Status.INVESTIGATING,
            )
            assert (after.escalation.state, after.commander_due_at) == (EscalationState.ACKNOWLEDGED, None)
            assert decision.acknowledges_pages

    def test_being_given_the_lead_acknowledges_nothing(self) -> None:
        decision = decided(a_called_incident(), Assign(Role.COMMANDER, "p-omar"))
        assert decision.incident.escalation.state is EscalationState.RUNNING
        assert not decision.acknowledges_pages

    def test_the_same_again_is_refused(self) -> None:
        held = an_incident(roles=((Role.SCRIBE, "p-omar"),))
        fields = {"ref": "INC-42", "role": "scribe", "person": "p-omar"}
        assert refused(held, Assign(Role.SCRIBE, "p-omar")) == ("role.already", fields)

    def test_somebody_who_has_left_gets_none(self) -> None:
        assert refused(an_incident(), Assign(Role.SCRIBE, "p-gone")) == ("person.gone", {"ref": "INC-42"})


class TestNotes:
    @pytest.mark.parametrize("status", Status)
    def test_are_taken_whatever_the_status(self, status: Status) -> None:
        decision = decided(an_incident(status=status), AddNote("cache was cold"))
        assert [event.kind for event in decision.events] == [EventKind.NOTE]
        assert of_type(decision.effects, DrawCard) == []

    def test_tell_of_the_past_and_not_of_the_future(self) -> None:
        decision = decided(an_incident(), AddNote("it began", NOW - HOUR))
        assert decision.events[0].occurred_at == NOW - HOUR
        assert refused(an_incident(), AddNote("it will end", NOW + MINUTE)) == ("note.future", {})

    def test_say_something(self) -> None:
        assert refused(an_incident(), AddNote(" \n")) == ("note.empty", {})


class TestChangesInTheService:
    def test_are_written_down_as_of_when_they_were_made_and_call_nobody(self) -> None:
        change = RecordChange("Release 42", "https://ci.example/42", NOW - HOUR)
        decision = decided(a_called_incident(), change, PROM)
        [event] = decision.events
        assert (event.kind, event.occurred_at) == (EventKind.SERVICE_CHANGED, NOW - HOUR)
        assert event.fields == {"text": "Release 42", "url": "https://ci.example/42"}
        assert decision.incident == a_called_incident()
        assert of_type(decision.effects, Page) == []

    def test_that_are_told_ahead_of_time_count_as_made_now(self) -> None:
        decision = decided(an_incident(), RecordChange("Release 42", None, NOW + HOUR), PROM)
        assert decision.events[0].occurred_at == NOW

    def test_are_nothing_to_an_incident_that_has_ended(self) -> None:
        ended = an_incident(status=Status.RESOLVED)
        assert refused(ended, RecordChange("Release 42", None, NOW), PROM)[0] == "incident.ended"


class TestCallingMore:
    def test_calls_everyone_named_once_beside_the_escalation_and_as_none_of_its_steps(self) -> None:
        targets = (to_person("p-omar"), to_schedule("ml-primary"), to_team("ml-platform"), to_person("p-gone"))
        incident = a_called_incident(sent=2)
        decision = decided(incident, PagePeople(targets, "I know no Kafka"))
        pages = of_type(decision.effects, Page)
        assert [page.person for page in pages] == ["p-omar", "p-amira", "p-lina"]
        assert {(page.step, page.episode) for page in pages} == {(0, 1)}
        assert decision.events[0].fields == {"people": "p-omar,p-amira,p-lina", "step": 0, "person": "p-amira"}
        assert pages[0].reason.key == "page.asked"
        assert pages[0].reason.fields["reason"] == "I know no Kafka"
        assert pages[0].reason.fields["by"] == "person:p-amira"
        assert decision.incident.escalation == incident.escalation
        assert decision.reply.fields["people"] == "p-omar,p-amira,p-lina"

    def test_without_a_reason_reads_like_any_page(self) -> None:
        decision = decided(an_answered_incident(), PagePeople((to_person("p-omar"),)))
        assert [page.reason.key for page in of_type(decision.effects, Page)] == ["page.incident"]
        assert decision.incident.escalation.state is EscalationState.ACKNOWLEDGED

    def test_is_refused_where_nobody_is_there(self) -> None:
        action = PagePeople((to_person("p-gone"), to_schedule("gone"), to_team("gone")))
        assert refused(an_incident(), action) == ("page.nobody", {"ref": "INC-42"})


class TestUpdates:
    def test_are_announced_and_promise_the_next_by_severity(self) -> None:
        decision = decided(an_answered_incident(), GiveUpdate("rolling back"))
        next_at = (NOW + HOUR).isoformat()
        assert decision.incident.update_due_at == NOW + HOUR
        assert decision.events[0].fields == {"text": "rolling back", "next_at": next_at}
        [announced] = of_type(decision.effects, Announce)
        assert announced.message.fields["text"] == "rolling back"
        assert decision.reply.fields["next_at"] == next_at

    def test_may_promise_the_next_sooner_or_later(self) -> None:
        decision = decided(an_answered_incident(), GiveUpdate("rolling back", 3 * HOUR))
        assert decision.incident.update_due_at == NOW + 3 * HOUR

    def test_say_something(self) -> None:
        assert refused(an_incident(), GiveUpdate("  ")) == ("update.empty", {})


def test_somebody_is_brought_in_once_whatever_the_status() -> None:
    ended = an_ended_incident(Status.RESOLVED)
    brought = decided(ended, Join("p-lina"))
    assert brought.incident.participants == ("p-amira", "p-lina")
    assert of_type(brought.effects, Invite) == [Invite(("p-lina",))]
    assert decided(brought.incident, Join("p-lina")).incident == brought.incident
