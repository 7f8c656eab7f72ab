"""What a storm does to its incident."""

from dataclasses import replace

import pytest

from bot.domain.actions import AlertsChanged, StormGrew, StormPassed
from bot.domain.decide import decide
from bot.domain.effects import Announce, OpenRoom, Page, Say
from bot.domain.incident import AlertTally, Escalation, EscalationState, Incident, Status
from bot.domain.severity import Severity
from bot.domain.storm import STORM_GROUP
from bot.domain.storming import open_by_storm
from bot.domain.timeline import EventKind
from tests.builders import MINUTE, NOW, PROM, a_draft, an_organisation, of_type

FIRED = AlertsChanged(fired=3, worst=Severity.SEV4, titles=("Slow",))
RUNNING = Escalation(EscalationState.RUNNING, "ml-oncall", 1, NOW + 5 * MINUTE, episode=1)
ACKNOWLEDGED = replace(RUNNING, state=EscalationState.ACKNOWLEDGED, due_at=None)
STOPPED = replace(RUNNING, state=EscalationState.STOPPED, due_at=None)


def a_storm(**changes: object) -> Incident:
    about: dict[str, object] = {
        "group_key": STORM_GROUP,
        "alerts": AlertTally(total=5, firing=5, worst=Severity.SEV4),
        "escalation": RUNNING,
        **changes,
    }
    return Incident("i-1", 1, "Alert storm", Severity.SEV4, NOW, **about)  # type: ignore[arg-type]


def test_a_storm_opens_one_room_and_calls_once() -> None:
    new = a_storm(alerts=AlertTally(), escalation=Escalation(policy="ml-oncall"))
    decision = open_by_storm(a_draft(new, PROM), StormGrew(FIRED, beside=("INC-9 Down",)))
    assert decision.incident.is_storm
    assert decision.incident.alerts == AlertTally(total=3, firing=3, worst=Severity.SEV4)
    kinds = [event.kind for event in decision.events]
    assert kinds == [EventKind.STORM_BEGAN, EventKind.STORM_SPARED, EventKind.PAGED]
    assert decision.events[1].fields == {"count": 1, "titles": "INC-9 Down"}
    assert len(of_type(decision.effects, OpenRoom)) == len(of_type(decision.effects, Page)) == 1


def test_what_folds_later_makes_it_worse_without_another_call() -> None:
    worse = StormGrew(replace(FIRED, worst=Severity.SEV3))
    decision = decide(a_storm(), worse, PROM, NOW, an_organisation())
    assert decision.incident.severity is Severity.SEV3
    assert decision.incident.alerts.firing == 8
    assert of_type(decision.effects, Page) == []


def test_an_alert_in_it_that_becomes_critical_calls_again() -> None:
    worse = AlertsChanged(worst=Severity.SEV2, titles=("Slow",))
    decision = decide(a_storm(escalation=ACKNOWLEDGED), worse, PROM, NOW, an_organisation())
    assert decision.incident.severity is Severity.SEV2
    assert len(of_type(decision.effects, Page)) == 1


def test_what_becomes_critical_and_leaves_it_counts_no_more_and_is_named_aloud() -> None:
    decision = decide(a_storm(), AlertsChanged(left=("INC-9 Slow",)), PROM, NOW, an_organisation())
    assert decision.incident.alerts == AlertTally(total=4, firing=4, worst=Severity.SEV4)
    [event] = decision.events
    assert (event.kind, event.fields) == (EventKind.STORM_LEFT, {"count": 1, "titles": "INC-9 Slow"})
    [said] = of_type(decision.effects, Say)
    assert said.loud
    assert of_type(decision.effects, Page) == []


def test_when_the_last_one_leaves_it_nothing_fires_there_any_more() -> None:
    before = a_storm(alerts=AlertTally(total=5, firing=1, worst=Severity.SEV4))
    decision = decide(before, AlertsChanged(left=("INC-9 Slow",)), PROM, NOW, an_organisation())
    assert [event.kind for event in decision.events] == [EventKind.STORM_LEFT, EventKind.ALL_QUIET]


@pytest.mark.parametrize(
    ("escalation", "calls"),
    [pytest.param(ACKNOWLEDGED, 0, id="somebody looks after it"), pytest.param(STOPPED, 1, id="nobody does")],
)
def test_after_a_lull_it_calls_again_only_if_nobody_looks_after_it(escalation: Escalation, calls: int) -> None:
    lull = a_storm(alerts=AlertTally(total=5, firing=0, worst=Severity.SEV4), escalation=escalation)
    decision = decide(lull, StormGrew(FIRED), PROM, NOW, an_organisation())
    assert len(of_type(decision.effects, Page)) == calls


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(a_storm(escalation=ACKNOWLEDGED), id="open and looked after"),
        pytest.param(
            a_storm(escalation=STOPPED, status=Status.RESOLVED, resolved_at=NOW), id="resolved shortly before"
        ),
    ],
)
def test_a_storm_that_begins_anew_calls_once_more(before: Incident) -> None:
    decision = decide(before, StormGrew(FIRED, begins=True), PROM, NOW, an_organisation())
    assert EventKind.STORM_BEGAN in [event.kind for event in decision.events]
    assert len(of_type(decision.effects, Page)) == 1
    assert decision.incident.is_open


@pytest.mark.parametrize(
    ("firing", "titles", "told"),
    [
        pytest.param(0, (), {"count": 40, "firing": 0, "titles": None, "more": 0}, id="nothing fires"),
        pytest.param(5, ("Slow", "Full"), {"count": 40, "firing": 5, "titles": "Slow; Full", "more": 3}, id="some do"),
    ],
)
def test_its_end_is_said_once_with_what_still_fires(firing: int, titles: tuple[str, ...], told: object) -> None:
    before = a_storm(alerts=AlertTally(total=5, firing=firing, worst=Severity.SEV4))
    decision = decide(before, StormPassed(40, titles), PROM, NOW, an_organisation())
    [event] = decision.events
    assert (event.kind, event.fields) == (EventKind.STORM_PASSED, told)
    assert len(of_type(decision.effects, Say)) == len(of_type(decision.effects, Announce)) == 1


def test_of_an_incident_that_has_ended_the_storm_s_end_is_not_told() -> None:
    before = a_storm(status=Status.RESOLVED, resolved_at=NOW)
    decision = decide(before, StormPassed(40), PROM, NOW, an_organisation())
    assert decision.incident == before
    assert not decision.events
    assert not decision.effects
