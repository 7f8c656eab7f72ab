"""Whom a policy calls, when, and what happens when nobody answers."""

from datetime import timedelta

import pytest

from bot.domain.actions import EscalationDue
from bot.domain.decision import Decision
from bot.domain.effects import Announce, Invite, Page, Say
from bot.domain.escalation import due_now, people_of, people_of_step, total_steps, wait_before
from bot.domain.incident import Escalation, EscalationState, Incident, Status, TimerKind
from bot.domain.organisation import Organisation, Policy, Route, Target, Team
from bot.domain.rotation import Schedule
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind
from tests.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    TIMER,
    a_called_incident,
    a_policy,
    a_schedule,
    a_step,
    an_answered_incident,
    an_incident,
    an_organisation,
    decided,
    of_type,
    to_person,
    to_schedule,
    to_team,
)

ORG = an_organisation()
DUE = NOW + 5 * MINUTE


def due(incident: Incident, at: timedelta = 5 * MINUTE, org: Organisation = ORG) -> Decision:
    return decided(incident, EscalationDue(), TIMER, NOW + at, org)


def called(decision: Decision) -> list[tuple[str, int]]:
    return [(page.person, page.step) for page in of_type(decision.effects, Page)]


def kinds(decision: Decision) -> list[EventKind]:
    return [event.kind for event in decision.events]


class TestPeople:
    @pytest.mark.parametrize(
        ("target", "people"),
        [
            (to_person("p-omar"), ("p-omar",)),
            (to_person("p-gone"), ()),
            (to_schedule("ml-primary"), ("p-amira",)),
            (to_schedule("gone"), ()),
            (to_team("ml-platform"), ("p-amira", "p-omar", "p-lina")),
            (to_team("gone"), ()),
            (to_team("no lead"), ("p-lina", "p-omar")),
            (to_team("lead from outside"), ("p-noor", "p-lina")),
        ],
    )
    def test_of_a_target_are_those_who_are_there_the_lead_first(self, target: Target, people: tuple[str, ...]) -> None:
        teams = (
            *ORG.teams,
            Team("no lead", ("p-lina", "p-gone", "p-omar")),
            Team("lead from outside", ("p-lina",), lead="p-noor"),
        )
        assert people_of(target, an_organisation(teams=teams), NOW) == people

    def test_of_a_schedule_change_at_the_handoff(self) -> None:
        handoff = NOW.replace(day=12, hour=5)
        assert people_of(to_schedule("ml-primary"), ORG, handoff - SECOND) == ("p-amira",)
        assert people_of(to_schedule("ml-primary"), ORG, handoff) == ("p-omar",)

    def test_of_a_step_are_called_once_each(self) -> None:
        step = a_step(to_person("p-omar"), to_team("ml-platform"), to_schedule("ml-primary"))
        assert people_of_step(step, ORG, NOW) == ("p-omar", "p-amira", "p-lina")


class TestWaiting:
    def test_is_as_the_steps_say_within_a_round_and_patient_between_rounds(self) -> None:
        policy = a_policy(repeat=1)
        minutes = [wait_before(policy, sent) // MINUTE for sent in range(total_steps(policy) + 1)]
        assert minutes == [0, 5, 10, 10, 5, 10, 10]

    def test_is_five_minutes_at_least_before_another_round_and_before_giving_up(self) -> None:
        policy = a_policy(a_step(to_person("p-omar")), repeat=2)
        assert [wait_before(policy, sent) for sent in range(4)] == [timedelta(), *[5 * MINUTE] * 3]

    def test_keeps_to_a_first_step_that_waits_longer_than_the_last(self) -> None:
        policy = a_policy(a_step(to_person("p-omar"), after=HOUR), a_step(to_person("p-amira")), repeat=1)
        assert [wait_before(policy, sent) // MINUTE for sent in range(5)] == [60, 0, 60, 0, 5]

    def test_repeats_count_whole_rounds(self) -> None:
        assert [total_steps(a_policy(repeat=repeat)) for repeat in (0, 1, 2)] == [3, 6, 9]


class TestSteps:
    def test_the_next_step_calls_its_people_and_sets_the_one_after(self) -> None:
        decision = due(a_called_incident())
        assert called(decision) == [("p-omar", 2)]
        assert of_type(decision.effects, Invite) == [Invite(("p-omar",))]
        assert decision.incident.escalation == Escalation(
            EscalationState.RUNNING, "ml-oncall", 2, DUE + 10 * MINUTE, episode=1
        )
        assert decision.incident.participants == ("p-amira", "p-omar")
        assert decision.events[0].fields == {"people": "p-omar", "step": 2}

    def test_a_step_calls_a_team_with_its_lead_first(self) -> None:
        assert called(due(a_called_incident(sent=2))) == [("p-amira", 3), ("p-omar", 3), ("p-lina", 3)]

    def test_another_round_goes_on_counting(self) -> None:
        assert called(due(a_called_incident(sent=3))) == [("p-amira", 4)]

    def test_whoever_is_on_call_at_that_moment_is_called(self) -> None:
        assert called(due(a_called_incident(sent=3), 7 * DAY)) == [("p-omar", 4)]

    def test_after_downtime_the_late_step_goes_out_and_the_next_waits_its_full_delay(self) -> None:
        decision = due(a_called_incident(), DAY)
        assert called(decision) == [("p-omar", 2)]
        assert decision.incident.timers()[TimerKind.ESCALATE] == NOW + DAY + 10 * MINUTE

    def test_a_step_without_delay_goes_out_with_the_one_before(self) -> None:
        steps = (a_step(to_person("p-amira"), after=MINUTE), a_step(to_person("p-omar")))
        decision = due(a_called_incident(sent=0), org=an_organisation(policies=(a_policy(*steps, repeat=0),)))
        assert called(decision) == [("p-amira", 1), ("p-omar", 2)]

    @pytest.mark.parametrize(
        "incident",
        [
            a_called_incident(status=Status.RESOLVED),
            an_answered_incident(),
            an_incident(),
            a_called_incident(escalation=Escalation(EscalationState.RUNNING, "ml-oncall", 1, DUE + SECOND, 1)),
        ],
    )
    def test_a_stale_timer_does_nothing(self, incident: Incident) -> None:
        decision = due(incident)
        assert (decision.incident, decision.events, decision.effects) == (incident, (), ())

    def test_a_running_one_can_be_made_due(self) -> None:
        assert due_now(Escalation(EscalationState.RUNNING, due_at=DUE), NOW).due_at == NOW

    def test_a_private_incident_calls_its_people_all_the_same(self) -> None:
        from bot.domain.access import Visibility

        decision = due(a_called_incident(visibility=Visibility.PRIVATE))
        assert called(decision) == [("p-omar", 2)]
        assert "p-omar" in decision.incident.participants


class TestGivingUp:
    def test_comes_after_the_last_round_is_waited_for_and_is_told_everywhere(self) -> None:
        decision = due(a_called_incident(sent=6))
        assert (decision.incident.escalation.state, decision.incident.escalation.due_at) == (
            EscalationState.EXHAUSTED,
            None,
        )
        assert called(decision) == []
        assert decision.events[0].fields == {"steps": 6}
        [say] = of_type(decision.effects, Say)
        assert (say.loud, say.actions) == (True, ("ack",))
        assert [one.message.key for one in of_type(decision.effects, Announce)] == ["announce.escalation_exhausted"]

    def test_leaves_the_incident_something_ahead(self) -> None:
        assert due(a_called_incident(sent=6)).incident.timers()

    def test_comes_when_the_policy_became_shorter_meanwhile(self) -> None:
        org = an_organisation(policies=(a_policy(a_step(to_person("p-omar")), repeat=0),))
        assert due(a_called_incident(sent=2), org=org).incident.escalation.state is EscalationState.EXHAUSTED


class TestNobodyThere:
    EMPTY = Schedule("ml-primary", "Asia/Dubai", ())

    def test_a_step_that_calls_nobody_is_said_aloud_and_the_next_follows_at_once(self) -> None:
        decision = due(a_called_incident(sent=3), org=an_organisation(schedules=(self.EMPTY,)))
        assert kinds(decision) == [EventKind.NOBODY_TO_PAGE, EventKind.PAGED]
        assert decision.events[0].fields == {"step": 1, "round": 2, "policy": "ml-oncall"}
        assert decision.events[1].fields == {"people": "p-omar", "step": 2, "round": 2}
        assert called(decision) == [("p-omar", 5)]
        assert of_type(decision.effects, Announce) == []

    def test_a_policy_in_which_nobody_is_waits_between_its_rounds_and_is_told_everywhere(self) -> None:
        steps = (a_step(to_schedule("ml-primary")), a_step(to_person("p-gone"), after=MINUTE))
        org = an_organisation(schedules=(self.EMPTY,), policies=(a_policy(*steps, repeat=1),))
        decision = due(a_called_incident(sent=0), org=org)
        assert kinds(decision) == [EventKind.NOBODY_TO_PAGE] * 2
        assert [one.message.key for one in of_type(decision.effects, Announce)] == ["announce.nobody_to_page"]
        assert decision.incident.timers()[TimerKind.ESCALATE] == DUE + 5 * MINUTE
        # By then somebody is on call.
        filled = an_organisation(schedules=(a_schedule(),), policies=org.policies)
        assert called(due(decision.incident, 10 * MINUTE, filled)) == [("p-amira", 3)]

    def test_a_policy_that_the_configuration_lost_is_replaced_by_what_holds_now(self) -> None:
        other = a_policy(a_step(to_person("p-lina")), name="all", repeat=0)
        for lost in ((other,), (other, Policy("ml-oncall", ()))):
            org = an_organisation(policies=lost, services=(), routes=(Route(policy="all"),))
            decision = due(a_called_incident(sent=2), org=org)
            assert called(decision) == [("p-lina", 1)]
            assert decision.incident.escalation == Escalation(
                EscalationState.RUNNING, "all", 1, DUE + 5 * MINUTE, episode=2
            )

    def test_with_no_policy_left_everyone_hears_of_it_and_the_incident_goes_on(self) -> None:
        org = an_organisation(policies=(), routes=())
        decision = due(a_called_incident(sent=2), org=org)
        assert (decision.incident.escalation.state, decision.incident.escalation.due_at) == (EscalationState.NONE, None)
        assert kinds(decision) == [EventKind.NOBODY_TO_PAGE]
        assert decision.events[0].fields == {"step": None, "policy": "ml-oncall"}
        assert of_type(decision.effects, Announce)
        assert decision.incident.timers()

    def test_an_acknowledgement_lapses_also_where_nobody_can_be_called(self) -> None:
        from bot.domain.actions import AlertsChanged

        worse = AlertsChanged(worst=Severity.SEV1, titles=("Slow",))
        org = an_organisation(policies=(), routes=())
        after = decided(an_answered_incident(), worse, TIMER, NOW, org).incident
        assert (after.acknowledged_by, after.acknowledged_at) == (None, None)


def test_left_alone_an_escalation_calls_every_step_once_and_ends() -> None:
    incident, at, steps = a_called_incident(sent=0), NOW, []
    while (due_at := incident.escalation.due_at) is not None:
        at = max(at, due_at)
        decision = decided(incident, EscalationDue(), TIMER, at)
        steps += [step for _, step in called(decision)]
        incident = decision.incident
    assert list(dict.fromkeys(steps)) == [1, 2, 3, 4, 5, 6]
    assert incident.escalation.state is EscalationState.EXHAUSTED
    # 5 minutes to its first step, then 5, 10, a new round's 10, 5, 10, and the last 10 before giving up.
    assert at - NOW == 55 * MINUTE
