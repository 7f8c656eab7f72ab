"""How often a group rings."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.actions import AlertsChanged
from bot.domain.alert_rules import RepeatLimit
from bot.domain.effects import Page
from bot.domain.incident import AlertTally
from bot.domain.organisation import IncidentRules
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind
from tests.builders import (
    HOUR,
    MINUTE,
    NOW,
    PROM,
    an_answered_incident,
    an_ended_incident,
    an_organisation,
    decided,
    of_type,
)

ORG = an_organisation(rules=IncidentRules(repeat=RepeatLimit(2, HOUR)))
AGAIN = AlertsChanged(fired=1, worst=Severity.SEV2, titles=("Slow",))


@pytest.mark.parametrize(
    ("rang_before", "severity", "worst", "rings"),
    [
        ((), Severity.SEV2, Severity.SEV2, True),
        ((10,), Severity.SEV2, Severity.SEV2, True),
        ((20, 10), Severity.SEV2, Severity.SEV2, False),
        ((60, 10), Severity.SEV2, Severity.SEV2, True),
        ((59, 10), Severity.SEV2, Severity.SEV2, False),
        ((20, 10), Severity.SEV1, Severity.SEV1, True),
        ((20, 10), Severity.SEV3, Severity.SEV2, True),
    ],
)
def test_a_group_rings_so_often_within_its_time_and_always_when_it_is_worse(
    rang_before: tuple[int, ...],
    severity: Severity,
    worst: Severity,
    rings: bool,
) -> None:
    before = tuple(NOW - minutes * MINUTE for minutes in rang_before)
    incident = an_ended_incident(rings=before, severity=severity, alerts=AlertTally(2, 0, severity))
    decision = decided(incident, replace(AGAIN, worst=worst), PROM, org=ORG)
    assert bool(of_type(decision.effects, Page)) == rings
    assert decision.incident.is_open, "it is reopened all the same"
    assert (decision.incident.rings[-1:] == (NOW,)) == rings
    assert (EventKind.RING_SPARED in [event.kind for event in decision.events]) != rings


def test_the_spared_ring_says_its_reason() -> None:
    silent = an_answered_incident(alerts=AlertTally(2, 0), rings=(NOW - MINUTE, NOW))
    decision = decided(silent, AGAIN, PROM, org=ORG)
    [spared] = [event for event in decision.events if event.kind is EventKind.RING_SPARED]
    assert spared.fields == {"count": 2, "within": "1h", "rule": None}


def test_however_long_it_goes_on_no_window_has_more_rings_than_the_limit() -> None:
    incident, rang = an_ended_incident(), []
    for minute in range(0, 600, 7):
        now = NOW + timedelta(minutes=minute)
        decision = decided(incident, AGAIN, PROM, now, ORG)
        rang += [now] if of_type(decision.effects, Page) else []
        incident = decided(decision.incident, AlertsChanged(resolved=1), PROM, now, ORG).incident
    assert len(rang) > 10
    assert all(third - first >= HOUR for first, third in zip(rang, rang[2:], strict=False))
