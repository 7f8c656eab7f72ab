"""What the coming and going of alerts does to an incident."""

from dataclasses import replace

import pytest

from bot.domain.access import Visibility
from bot.domain.actions import AlertsChanged, PageLost, QuietDue, SetSeverity
from bot.domain.decision import Decision
from bot.domain.effects import Announce, DrawCard, OpenRoom, Page, Say, TellEnds
from bot.domain.incident import AlertTally, Escalation, EscalationState, Incident, Status
from bot.domain.organisation import IncidentRules, Organisation, ResolveMode
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind
from tests.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PROM,
    TIMER,
    a_called_incident,
    a_policy,
    a_step,
    an_answered_incident,
    an_ended_incident,
    an_incident,
    an_organisation,
    decided,
    of_type,
    to_person,
)

AUTO = an_organisation(rules=IncidentRules(resolve=ResolveMode.AUTO))
QUIET = AlertTally(total=2, firing=0)
ENDED = [Status.RESOLVED, Status.CLOSED, Status.CANCELLED]


def fired(count: int = 1, worst: Severity = Severity.SEV2, *, resolved: int = 0) -> AlertsChanged:
    return AlertsChanged(fired=count, resolved=resolved, worst=worst, titles=("Slow",))


def told(incident: Incident, change: AlertsChanged, org: Organisation | None = None) -> Decision:
    return decided(incident, change, PROM, NOW, org)


def kinds(decision: Decision) -> list[EventKind]:
    return [event.kind for event in decision.events]


def rang(decision: Decision) -> bool:
    return bool(of_type(decision.effects, Page))


def test_an_alert_that_joins_an_incident_somebody_looks_after_rings_nobody() -> None:
    decision = told(an_answered_incident(), fired(3))
    assert decision.incident.alerts == AlertTally(total=5, firing=5)
    assert kinds(decision) == [EventKind.ALERTS_JOINED]
    assert [type(effect) for effect in decision.effects] == [DrawCard]
    assert decision.incident.acknowledged_by == "p-amira"


def test_an_alert_that_joins_while_people_are_called_does_not_begin_the_calling_anew() -> None:
    incident = a_called_incident()
    assert told(incident, fired()).incident.escalation == incident.escalation


def test_an_alert_that_joins_after_everyone_was_called_in_vain_calls_again() -> None:
    incident = an_incident(escalation=Escalation(EscalationState.EXHAUSTED, "ml-oncall", 6, None, 1))
    decision = told(incident, fired())
    assert rang(decision)
    assert decision.incident.escalation.episode == 2


def test_firing_after_all_were_silent_rings_again_and_the_acknowledgement_lapses() -> None:
    incident = an_answered_incident(alerts=QUIET, quiet_at=NOW - MINUTE, quiet_due_at=NOW + MINUTE)
    decision = told(incident, fired())
    after = decision.incident
    assert kinds(decision) == [EventKind.ALERTS_JOINED, EventKind.FIRING_AGAIN, EventKind.PAGED]
    assert of_type(decision.effects, Say)[0].loud
    assert [page.episode for page in of_type(decision.effects, Page)] == [2]
    assert (after.acknowledged_by, after.acknowledged_at) == (None, None)
    assert (after.quiet_at, after.quiet_due_at) == (None, None)


def test_a_return_by_which_an_alert_is_found_to_flap_rings_only_while_nobody_has_acknowledged() -> None:
    back = AlertsChanged(fired=1, worst=Severity.SEV2, titles=("Slow",), flapping=("Slow",), turns=6, held=1)
    answered = told(replace(an_answered_incident(), alerts=QUIET, quiet_at=NOW), back)
    assert kinds(answered) == [EventKind.FLAPPING, EventKind.ALERTS_JOINED]
    assert (rang(answered), answered.incident.quiet_at) == (False, None)
    stopped = replace(a_called_incident(), alerts=QUIET)
    assert rang(told(replace(stopped, escalation=replace(stopped.escalation, state=EscalationState.STOPPED)), back))


@pytest.mark.parametrize("status", [*ENDED, Status.MITIGATED])
def test_firing_after_the_end_or_the_mitigation_reopens_and_rings(status: Status) -> None:
    decision = told(an_ended_incident(status, resolved_at=NOW), fired())
    after = decision.incident
    assert (after.status, after.acknowledged_by) == (Status.INVESTIGATING, None)
    assert (after.mitigated_at, after.resolved_at, after.closed_at) == (None, None, None)
    assert rang(decision)
    assert kinds(decision) == [EventKind.ALERTS_JOINED, EventKind.REOPENED, EventKind.PAGED]
    assert decision.events[1].fields == {"reason": "Slow", "before": status}
    assert bool(of_type(decision.effects, OpenRoom)) == (status is not Status.MITIGATED)
    assert after.timers()


def test_a_new_alert_while_others_still_fire_says_that_the_mitigation_did_not_hold() -> None:
    decision = told(an_answered_incident(status=Status.MITIGATED, mitigated_at=NOW), fired())
    assert decision.incident.status is Status.INVESTIGATING
    assert rang(decision)


@pytest.mark.parametrize("incident", [an_answered_incident(), a_called_incident(sent=2)])
def test_getting_worse_rings_again_from_the_first_step(incident: Incident) -> None:
    decision = told(incident, AlertsChanged(worst=Severity.SEV1, titles=("Slow",)))
    after = decision.incident
    assert (after.severity, after.escalation.sent, after.escalation.episode) == (Severity.SEV1, 1, 2)
    assert after.acknowledged_by is None
    assert kinds(decision) == [EventKind.SEVERITY_CHANGED, EventKind.PAGED]
    assert decision.events[0].fields == {"before": "SEV2", "severity": "SEV1", "reason": "Slow"}
    assert [one.message.key for one in of_type(decision.effects, Announce)] == ["announce.severity_changed"]
    assert after.update_due_at == NOW + HOUR / 2
    assert of_type(decision.effects, Page)[0].reason.fields["severity"] == "SEV1"


@pytest.mark.parametrize("status", ENDED)
def test_getting_worse_after_the_end_reopens_and_rings_once(status: Status) -> None:
    incident = an_ended_incident(status, alerts=AlertTally(2, 2))
    decision = told(incident, AlertsChanged(worst=Severity.SEV1, titles=("Slow",)))
    assert decision.incident.status is Status.INVESTIGATING
    assert decision.incident.severity is Severity.SEV1
    assert [page.person for page in of_type(decision.effects, Page)] == ["p-amira"]
    assert decision.incident.escalation.episode == 2


@pytest.mark.parametrize("worst", [Severity.SEV2, Severity.SEV3])
def test_what_is_no_worse_than_the_incident_changes_nothing(worst: Severity) -> None:
    incident = an_answered_incident()
    decision = told(incident, AlertsChanged(worst=worst, titles=("Slow",)))
    assert (decision.incident, decision.events, decision.effects) == (incident, (), ())


@pytest.mark.parametrize("change", [fired(), AlertsChanged(worst=Severity.SEV2, titles=("Slow",))])
def test_the_severity_that_a_person_set_holds_until_alerts_get_worse_than_they_were(change: AlertsChanged) -> None:
    calmed = decided(an_answered_incident(), SetSeverity(Severity.SEV4, "few notice")).incident

    same = told(calmed, change)
    assert (same.incident.severity, rang(same)) == (Severity.SEV4, False)
    assert same.incident.acknowledged_by == "p-amira"

    worse = told(same.incident, fired(worst=Severity.SEV1))
    assert (worse.incident.severity, rang(worse)) == (Severity.SEV1, True)
    assert worse.incident.alerts.worst is Severity.SEV1


def test_alerts_that_get_worse_but_not_as_bad_as_a_person_said_ring_nobody() -> None:
    raised = decided(an_answered_incident(), SetSeverity(Severity.SEV1)).incident
    raised = replace(raised, alerts=AlertTally(2, 2, Severity.SEV3))

    decision = told(raised, fired(worst=Severity.SEV2))
    assert (decision.incident.severity, rang(decision)) == (Severity.SEV1, False)
    assert decision.incident.alerts == AlertTally(3, 3, Severity.SEV2)


def test_an_alert_that_is_over_when_it_is_heard_of_has_made_nothing_worse() -> None:
    decision = told(an_answered_incident(alerts=QUIET), fired(worst=Severity.SEV1, resolved=1))
    assert decision.incident.alerts == AlertTally(3, 0)


def test_some_resolves_are_told_and_the_calling_goes_on() -> None:
    incident = a_called_incident()
    decision = told(incident, AlertsChanged(resolved=1))
    assert decision.incident.escalation == incident.escalation
    assert decision.events[0].fields == {"count": 1, "firing": 1}
    assert decision.effects == (TellEnds(), DrawCard(gently=True))


def test_the_last_resolve_ends_the_calling_and_proposes_to_resolve() -> None:
    decision = told(a_called_incident(), AlertsChanged(resolved=2))
    after = decision.incident
    assert kinds(decision) == [EventKind.ALERTS_RESOLVED, EventKind.ALL_QUIET]
    assert of_type(decision.effects, Say)[-1].actions == ("resolve",)
    assert (after.escalation.state, after.quiet_at, after.quiet_due_at) == (EscalationState.STOPPED, NOW, None)
    assert after.is_open
    assert after.timers()


def test_where_the_organisation_wants_it_so_it_resolves_by_itself_after_the_quiet_time() -> None:
    decision = told(an_answered_incident(), AlertsChanged(resolved=2), AUTO)
    due_at = NOW + 10 * MINUTE
    assert decision.incident.quiet_due_at == due_at
    assert decision.events[-1].fields == {"resolves_at": due_at.isoformat()}
    assert decision.incident.escalation.state is EscalationState.ACKNOWLEDGED
    early = decided(decision.incident, QuietDue(), TIMER, due_at - MINUTE, AUTO)
    assert early.incident.is_open
    resolved = decided(decision.incident, QuietDue(), TIMER, due_at, AUTO)
    assert (resolved.incident.status, resolved.incident.resolved_at) == (Status.RESOLVED, due_at)


@pytest.mark.parametrize(
    ("incident", "org"),
    [
        (an_answered_incident(quiet_due_at=NOW), AUTO),
        (an_answered_incident(quiet_due_at=NOW, alerts=QUIET), None),
    ],
)
def test_a_quiet_time_that_no_longer_counts_is_taken_away(incident: Incident, org: Organisation | None) -> None:
    decision = decided(incident, QuietDue(), TIMER, NOW, org)
    assert (decision.incident.is_open, decision.incident.quiet_due_at) == (True, None)
    assert decision.events == ()


@pytest.mark.parametrize("incident", [an_ended_incident(quiet_due_at=NOW), an_answered_incident(alerts=QUIET)])
def test_a_stale_quiet_timer_does_nothing(incident: Incident) -> None:
    decision = decided(incident, QuietDue(), TIMER, NOW, AUTO)
    assert (decision.incident, decision.events, decision.effects) == (incident, (), ())


def test_alerts_that_are_only_not_heard_of_any_more_neither_end_the_calling_nor_resolve() -> None:
    decision = told(a_called_incident(), AlertsChanged(expired=2), AUTO)
    after = decision.incident
    assert kinds(decision) == [EventKind.ALERTS_EXPIRED, EventKind.ALL_QUIET]
    assert decision.events[0].fields == {"count": 2, "hours": 24}
    assert of_type(decision.effects, Say)[0].loud
    assert (after.escalation.state, after.quiet_due_at) == (EscalationState.RUNNING, None)


@pytest.mark.parametrize("status", ENDED)
def test_alerts_that_resolve_after_the_end_are_written_down_and_told_to_nobody(status: Status) -> None:
    incident = an_ended_incident(status, alerts=AlertTally(2, 2))
    decision = told(incident, AlertsChanged(resolved=1, expired=1), AUTO)
    assert decision.incident.alerts == QUIET
    assert (decision.incident.status, decision.incident.quiet_due_at) == (status, None)
    assert kinds(decision) == [EventKind.ALERTS_RESOLVED, EventKind.ALERTS_EXPIRED]
    drawn = [DrawCard] if status is Status.RESOLVED else []
    assert [type(effect) for effect in decision.effects] == drawn


@pytest.mark.parametrize("incident", [an_answered_incident(alerts=QUIET), an_ended_incident()])
def test_alerts_that_are_over_when_they_are_heard_of_wake_nobody(incident: Incident) -> None:
    decision = told(incident, fired(resolved=1, worst=Severity.SEV1))
    assert not rang(decision)
    assert decision.incident.status is incident.status
    assert decision.incident.alerts == AlertTally(total=3, firing=0)
    assert kinds(decision)[:2] == [EventKind.ALERTS_RESOLVED, EventKind.ALERTS_JOINED]


def test_firing_and_resolving_in_one_batch_says_so_once() -> None:
    decision = told(an_answered_incident(), fired(2, resolved=1))
    assert kinds(decision) == [EventKind.ALERTS_RESOLVED, EventKind.ALERTS_JOINED]
    assert of_type(decision.effects, Say) == []
    assert decision.incident.alerts == AlertTally(total=4, firing=3)


def test_more_resolves_than_fired_never_make_the_tally_negative_nor_tell_the_silence_twice() -> None:
    decision = told(an_answered_incident(alerts=QUIET, quiet_due_at=NOW), AlertsChanged(resolved=3), AUTO)
    assert decision.incident.alerts == QUIET
    assert decision.incident.quiet_due_at == NOW
    assert kinds(decision) == [EventKind.ALERTS_RESOLVED]


def test_a_declared_incident_that_an_alert_joins_later_was_not_silent_before() -> None:
    declared = an_answered_incident(alerts=AlertTally())
    assert not rang(told(declared, fired()))


def test_a_private_incident_that_gets_worse_is_announced_nowhere() -> None:
    incident = an_answered_incident(visibility=Visibility.PRIVATE)
    decision = told(incident, fired(worst=Severity.SEV1))
    assert rang(decision)
    assert of_type(decision.effects, Announce) == []


class TestLostPages:
    LOST = PageLost("p-amira", "slack", 1, 1, "user_not_found")

    def test_are_said_aloud_and_the_next_step_is_taken_at_once(self) -> None:
        decision = decided(a_called_incident(), self.LOST, TIMER)
        assert kinds(decision) == [EventKind.PAGE_FAILED, EventKind.PAGED]
        fields = {"person": "p-amira", "channel": "slack", "step": 1, "reason": "user_not_found"}
        assert decision.events[0].fields == fields
        assert of_type(decision.effects, Say)[0].loud
        assert [(page.person, page.step) for page in of_type(decision.effects, Page)] == [("p-omar", 2)]
        assert decision.incident.escalation.due_at == NOW + 10 * MINUTE

    @pytest.mark.parametrize(
        ("sent", "lost"),
        [
            (2, LOST),
            (1, PageLost("p-amira", "slack", 1, 0, "an older episode's")),
            (1, PageLost("p-amira", "slack", 1, 1, "omar was called beside her", may_be_heard=True)),
        ],
    )
    def test_hurry_nothing_when_somebody_can_still_answer(self, sent: int, lost: PageLost) -> None:
        incident = a_called_incident(sent)
        decision = decided(incident, lost, TIMER)
        assert decision.incident == incident
        assert kinds(decision) == [EventKind.PAGE_FAILED]

    def test_hurry_through_no_further_round_while_a_chat_is_down(self) -> None:
        incident = a_called_incident(sent=3)
        decision = decided(incident, PageLost("p-omar", "slack", 3, 1, "down"), TIMER)
        assert decision.incident == incident

    def test_hurry_nothing_once_somebody_has_it(self) -> None:
        assert not rang(decided(an_answered_incident(), self.LOST, TIMER))

    def test_hurry_nothing_by_a_policy_that_is_no_more(self) -> None:
        for org in (an_organisation(policies=()), an_organisation(policies=(a_policy(a_step(to_person("p-omar"))),))):
            assert not rang(decided(a_called_incident(), self.LOST, TIMER, NOW, org))

    @pytest.mark.parametrize("status", ENDED)
    def test_are_only_written_down_once_it_ended(self, status: Status) -> None:
        decision = decided(an_ended_incident(status), self.LOST, TIMER, NOW + DAY)
        assert kinds(decision) == [EventKind.PAGE_FAILED]
        assert of_type(decision.effects, Say) == []
