"""Whatever happens to an incident, in whatever order, it stays a possible one."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain import actions
from bot.domain.access import Role, Visibility
from bot.domain.decide import decide
from bot.domain.decision import Decision, Draft
from bot.domain.effects import Announce, CloseRoom, DrawCard, Page, Say
from bot.domain.escalation import total_steps
from bot.domain.incident import Escalation, EscalationState, Incident, Kind, Status, TimerKind
from bot.domain.opening import declare, open_by_alerts
from bot.domain.organisation import IncidentRules, Organisation, ResolveMode
from bot.domain.refusal import Refusal
from bot.domain.rotation import Schedule
from bot.domain.severity import Severity
from bot.domain.timeline import Actor, EventKind
from tests.builders import (
    AMIRA,
    HOUR,
    MINUTE,
    NOW,
    OMAR,
    PROM,
    TIMER,
    a_followup,
    a_policy,
    a_step,
    an_organisation,
    of_type,
    to_person,
    to_schedule,
    to_team,
)

AUTO = IncidentRules(resolve=ResolveMode.AUTO)
ORGANISATIONS = (
    an_organisation(),
    an_organisation(rules=AUTO),
    an_organisation(policies=(), routes=()),
    an_organisation(schedules=(Schedule("ml-primary", "Asia/Dubai", ()),), rules=AUTO),
    an_organisation(policies=(a_policy(a_step(to_team("gone")), a_step(to_person("p-gone"), after=MINUTE)),)),
    an_organisation(policies=(a_policy(a_step(to_person("p-lina"), after=MINUTE), name="all", repeat=3),)),
)
"""As configured; resolving by itself; without a policy; with an empty schedule; with nobody; with another policy."""

DUE: dict[TimerKind, actions.Action] = {
    TimerKind.ESCALATE: actions.EscalationDue(),
    TimerKind.UPDATE: actions.UpdateDue(),
    TimerKind.COMMANDER: actions.CommanderDue(),
    TimerKind.QUIET: actions.QuietDue(),
}
PEOPLE = st.sampled_from([AMIRA, OMAR])
SEVERITIES = st.sampled_from(Severity)
BY_PEOPLE = st.one_of(
    st.just(actions.Acknowledge()),
    st.builds(actions.SetSeverity, SEVERITIES),
    st.builds(actions.Assign, st.sampled_from(Role), st.sampled_from(["p-amira", "p-omar", "p-gone"])),
    st.just(actions.AddNote("cache was cold")),
    st.builds(actions.Join, st.sampled_from(["p-omar", "p-lina"])),
    st.builds(
        actions.PagePeople,
        st.tuples(st.sampled_from([to_person("p-lina"), to_person("p-gone"), to_schedule("ml-primary")])),
    ),
    st.builds(actions.GiveUpdate, st.just("rolling back"), st.sampled_from([None, MINUTE])),
    st.sampled_from([actions.Mitigate(), actions.Resolve(), actions.Cancel(), actions.Close()]),
    st.just(actions.Reopen("it is back")),
    st.builds(actions.AddFollowup, st.just(a_followup())),
    st.builds(actions.FinishFollowup, st.just(a_followup())),
)


class AnIncident(RuleBasedStateMachine):
    """An incident, time that passes, and an organisation that is configured anew now and then."""

    incident: Incident
    now: datetime = NOW
    org: Organisation = ORGANISATIONS[0]
    pages_sent: set[tuple[int, int]]

    @initialize(
        org=st.sampled_from(ORGANISATIONS),
        severity=SEVERITIES,
        visibility=st.sampled_from(Visibility),
        kind=st.sampled_from(Kind),
        how=st.sampled_from(["alerts", "declared", "declared quietly"]),
    )
    def begin(self, org: Organisation, severity: Severity, visibility: Visibility, kind: Kind, how: str) -> None:
        self.org, self.pages_sent = org, set()
        escalation = Escalation(policy="ml-oncall")
        new = Incident(
            "i-1", 1, "Slow", severity, NOW, visibility=visibility, kind=kind, opened_by="p-omar", escalation=escalation
        )
        draft = Draft(new, PROM if how == "alerts" else OMAR, NOW, org)
        if how == "alerts":
            decision = open_by_alerts(draft, actions.AlertsChanged(fired=2, worst=severity, titles=("Slow",)))
        else:
            decision = declare(draft, rings=how == "declared")
        self.incident = new
        self.take(decision)

    @rule(action=BY_PEOPLE, actor=PEOPLE)
    def somebody_acts(self, action: actions.Action, actor: Actor) -> None:
        self.act(action, actor)

    @rule(counts=st.tuples(*[st.integers(0, 3)] * 3), worst=st.none() | SEVERITIES)
    def alerts_come_and_go(self, counts: tuple[int, int, int], worst: Severity | None) -> None:
        fired, resolved, expired = counts
        self.act(actions.AlertsChanged(fired, resolved, expired, worst if fired else None, ("Slow",)), PROM)

    @rule(action=st.sampled_from([actions.Acknowledge(), actions.RecordChange("Release 42", None, NOW)]))
    def a_source_speaks(self, action: actions.Action) -> None:
        self.act(action, PROM)

    @rule(worst=SEVERITIES)
    def a_firing_alert_gets_worse(self, worst: Severity) -> None:
        if self.incident.alerts.firing:
            self.act(actions.AlertsChanged(worst=worst, titles=("Slow",)), PROM)

    @rule(may_be_heard=st.booleans(), step=st.none() | st.integers(0, 4))
    def a_page_is_lost(self, may_be_heard: bool, step: int | None) -> None:
        current = self.incident.escalation
        step = current.sent if step is None else step
        lost = actions.PageLost("p-omar", "slack", step, current.episode, "gone", may_be_heard=may_be_heard)
        self.act(lost, TIMER)

    @rule(kind=st.sampled_from(TimerKind))
    def a_timer_comes_too_early_or_late(self, kind: TimerKind) -> None:
        self.act(DUE.get(kind, actions.FollowupDue(a_followup())), TIMER)

    @rule()
    def the_sweeper_looks(self) -> None:
        version = self.incident
        self.act(actions.Sweep(), TIMER)
        assert self.incident == version, "there was something to sweep"

    @rule(org=st.sampled_from(ORGANISATIONS))
    def the_configuration_changes(self, org: Organisation) -> None:
        self.org = org

    @rule(downtime=st.sampled_from([timedelta(), MINUTE, HOUR, timedelta(days=3)]))
    @precondition(lambda self: self.incident.timers())
    def time_passes_until_the_next_timer(self, downtime: timedelta) -> None:
        kind, due_at = min(self.incident.timers().items(), key=lambda item: item[1])
        self.now = max(self.now, due_at) + downtime
        self.act(DUE[kind], TIMER)
        assert self.incident.timers().get(kind) != due_at, "the timer would come again at once, for ever"

    def act(self, action: actions.Action, actor: Actor) -> None:
        try:
            decision = decide(self.incident, action, actor, self.now, self.org)
        except Refusal:
            return
        assert decision == decide(self.incident, action, actor, self.now, self.org), "the same answer twice"
        self.take(decision, ad_hoc=isinstance(action, actions.PagePeople))

    def take(self, decision: Decision, *, ad_hoc: bool = False) -> None:
        before, after = self.incident, decision.incident
        pages = of_type(decision.effects, Page)
        assert after.version == before.version
        assert (after.id, after.number, after.opened_at, after.kind) == (
            before.id,
            before.number,
            before.opened_at,
            before.kind,
        )
        assert all(self.org.person(page.person) for page in pages)
        assert {page.person for page in pages} <= set(after.participants)
        assert after.is_open or not pages
        assert all(page.episode == after.escalation.episode for page in pages)
        steps = {(page.episode, page.step) for page in pages}
        if not ad_hoc:
            assert not steps & self.pages_sent, "a step was sent twice"
            assert len(steps) <= 1, "late steps went out together"
            self.pages_sent |= steps
        if after.visibility is Visibility.PRIVATE or after.kind is not Kind.REAL:
            assert not of_type(decision.effects, Announce)
        kinds = [type(effect) for effect in decision.effects]
        assert kinds.count(DrawCard) <= 1
        if CloseRoom in kinds:
            assert kinds[kinds.index(CloseRoom) + 1 :] == []
        if not before.has_room and not after.has_room:
            assert Say not in kinds
        # That somebody may look now is no news for the others.
        if replace(after, participants=before.participants) != before:
            assert decision.events or DrawCard in kinds
        assert all(event.occurred_at <= self.now for event in decision.events)
        self.incident = after

    @invariant()
    def it_is_possible(self) -> None:
        if not hasattr(self, "incident"):
            return
        incident = self.incident
        escalation = incident.escalation
        assert bool(incident.timers()) == incident.is_open
        assert 0 <= incident.alerts.firing <= incident.alerts.total
        running = escalation.state is EscalationState.RUNNING
        assert running == (escalation.due_at is not None)
        assert not running or incident.is_open
        assert (incident.resolved_at is not None) == (incident.status in {Status.RESOLVED, Status.CLOSED})
        assert (incident.closed_at is not None) == (incident.status in {Status.CLOSED, Status.CANCELLED})
        assert incident.status is not Status.MITIGATED or incident.mitigated_at is not None
        assert incident.acknowledged_by is None or incident.acknowledged_at is not None
        assert not running or incident.acknowledged_at is None
        assert escalation.state is not EscalationState.ACKNOWLEDGED or incident.acknowledged_at is not None
        assert len(set(incident.participants)) == len(incident.participants)
        single = [role for role, _ in incident.roles if role is not Role.RESPONDER]
        assert len(set(single)) == len(single)
        if incident.quiet_due_at is not None:
            assert incident.alerts.firing == 0

    @precondition(lambda self: self.incident.escalation.state is EscalationState.RUNNING)
    @rule()
    def left_alone_it_runs_out_of_steps(self) -> None:
        incident, now = self.incident, self.now
        most = max((total_steps(policy) for policy in self.org.policies), default=0) + 2
        last: EventKind | None = None
        for _ in range(most):
            if incident.escalation.due_at is not None:
                now = max(now, incident.escalation.due_at)
                decision = decide(incident, actions.EscalationDue(), TIMER, now, self.org)
                incident, last = decision.incident, decision.events[-1].kind
        assert incident.escalation.state in {EscalationState.EXHAUSTED, EscalationState.NONE}
        assert last in {EventKind.ESCALATION_EXHAUSTED, EventKind.NOBODY_TO_PAGE}
        assert incident.timers()


TestAnIncident = AnIncident.TestCase
TestAnIncident.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
