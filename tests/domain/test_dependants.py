"""Who hears of an incident that other services suffer from."""

from dataclasses import replace

import pytest

from bot.domain.actions import AlertsChanged, DependencyBroke, Joined
from bot.domain.effects import Page, Say, Tell
from bot.domain.incident import Dependant, Status
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind
from tests.builders import PROM, an_answered_incident, an_ended_incident, decided, of_type

JOINED = Joined("gateway", ("gateway", "store"), "ml-oncall", "ml-platform", ("Slow",))
CHANGE = AlertsChanged(fired=1, worst=Severity.SEV3, titles=("Slow",), joined=(JOINED,))


@pytest.mark.parametrize(
    ("policy", "team", "people"),
    [
        ("ml-oncall", None, ["p-amira"]),
        ("gone", "ml-platform", ["p-omar", "p-amira", "p-lina"]),
        (None, "gone", []),
    ],
)
def test_whoever_would_be_called_first_is_told(policy: str | None, team: str | None, people: list[str]) -> None:
    joined = replace(JOINED, policy=policy, team=team)
    decision = decided(an_answered_incident(), replace(CHANGE, joined=(joined,)), PROM)
    assert [tell.person for tell in of_type(decision.effects, Tell)] == people
    assert of_type(decision.effects, Page) == []
    assert decision.incident.dependants == (Dependant("gateway"),)


def test_a_service_is_told_of_once_also_if_it_has_an_incident_of_its_own() -> None:
    known = an_answered_incident(dependants=(Dependant("gateway", "INC-7"),))
    first = decided(known, CHANGE, PROM)
    assert EventKind.DEPENDANT_JOINED in [event.kind for event in first.events]
    again = decided(first.incident, CHANGE, PROM)
    assert [event.kind for event in again.events] == [EventKind.ALERTS_JOINED]
    assert of_type(again.effects, Tell) == []


@pytest.mark.parametrize(("status", "said"), [(Status.INVESTIGATING, 1), (Status.RESOLVED, 0)])
def test_a_broken_dependency_is_said_where_somebody_is_at_work(status: Status, said: int) -> None:
    incident = an_answered_incident() if status is Status.INVESTIGATING else an_ended_incident(status)
    decision = decided(incident, DependencyBroke("store", "INC-7"), PROM)
    assert [event.fields for event in decision.events] == [{"service": "store", "cause": "INC-7"}]
    assert len(of_type(decision.effects, Say)) == said
