"""Alerts outside business hours: it is 23:00 on a Tuesday, and work begins at nine."""

import pytest

from bot.domain.alert import AlertState
from bot.domain.severity import Severity
from tests.builders import HOUR
from tests.handlers.alarms import Alarms
from tests.handlers.talking import Talk

HELD = "held until business hours"


@pytest.fixture
def alarms(talk: Talk) -> Alarms:
    """Acme AI, where warnings wait for the morning and errors are lowered."""
    alarms = Alarms(talk)
    alarms.configured("business_hours: {}\noutside_hours: {SEV3: SEV4, SEV4: hold}")
    return alarms


async def test_what_is_held_calls_nobody_until_work_begins_and_keeps_its_reason(alarms: Alarms) -> None:
    await alarms.fires("Full", "warning", service="store")
    await alarms.fires("Full", "warning", service="store")
    await alarms.passes(9 * HOUR)
    assert await alarms.incidents() == []
    [alert] = await alarms.alerts()
    assert (alert.state, alert.reason, alert.severity) == (AlertState.SUPPRESSED, HELD, Severity.SEV4)
    await alarms.passes(1 * HOUR)
    [incident] = await alarms.incidents()
    assert (incident.severity, incident.alerts.firing) == (Severity.SEV4, 1)
    assert await alarms.called() == ["p-lina"]
    [alert] = await alarms.alerts()
    assert (alert.state, alert.reason, alert.incident) == (AlertState.FIRING, HELD, incident.id)
    await alarms.passes(1 * HOUR)
    assert len(await alarms.called()) == 1


async def test_what_was_over_by_the_morning_never_calls(alarms: Alarms) -> None:
    await alarms.fires("Full", "warning", service="store")
    await alarms.ends("Full", service="store")
    await alarms.passes(10 * HOUR)
    assert await alarms.incidents() == []
    [alert] = await alarms.alerts()
    assert (alert.state, alert.reason) == (AlertState.RESOLVED, HELD)


async def test_a_report_in_the_morning_opens_also_if_nobody_had_looked(alarms: Alarms) -> None:
    await alarms.fires("Full", "warning", service="store")
    alarms.talk.clock.forward(10 * HOUR)
    await alarms.fires("Full", "warning", service="store")
    await alarms.passes(1 * HOUR)
    assert [incident.alerts.total for incident in await alarms.incidents()] == [1]


async def test_what_gets_bad_at_night_rings_at_night(alarms: Alarms) -> None:
    await alarms.fires("Full", "warning", service="store")
    await alarms.fires("Full", "critical", service="store")
    [incident] = await alarms.incidents()
    assert incident.severity is Severity.SEV2


async def test_an_error_is_lowered_at_night_and_rises_by_its_first_report_in_the_morning(alarms: Alarms) -> None:
    await alarms.fires("Slow", "error", service="store")
    await alarms.fires("Slow", "error", service="store")
    [alert] = await alarms.alerts()
    assert (alert.severity, alert.reason) == (Severity.SEV4, "SEV3 outside business hours")
    alarms.talk.clock.forward(10 * HOUR)
    await alarms.fires("Slow", "error", service="store")
    [incident] = await alarms.incidents()
    assert incident.severity is Severity.SEV3


async def test_what_began_in_the_daytime_keeps_its_severity_at_night(alarms: Alarms) -> None:
    alarms.talk.clock.forward(10 * HOUR)
    await alarms.fires("Slow", "error", service="store")
    alarms.talk.clock.forward(12 * HOUR)
    await alarms.fires("Slow", "error", service="store")
    [alert] = await alarms.alerts()
    assert alert.severity is Severity.SEV3


async def test_a_critical_is_as_bad_at_night(alarms: Alarms) -> None:
    await alarms.fires("Dead", "critical", service="store")
    assert await alarms.called() == ["p-lina"]


async def test_without_business_hours_any_more_what_was_held_fires(alarms: Alarms) -> None:
    await alarms.fires("Full", "warning", service="store")
    alarms.configured()
    await alarms.passes(HOUR)
    assert len(await alarms.incidents()) == 1
