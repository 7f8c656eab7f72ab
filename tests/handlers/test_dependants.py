"""Services that depend on one another: a dead database is one incident, not one for each service that needs it."""

import pytest

from bot.domain.effects import Tell
from bot.domain.incident import Dependant
from bot.domain.severity import Severity
from tests.builders import MINUTE
from tests.handlers.alarms import Alarms
from tests.handlers.talking import Talk


@pytest.fixture
def alarms(talk: Talk) -> Alarms:
    """Acme AI, whose gateway needs the store, which needs the disks."""
    alarms = Alarms(talk)
    alarms.configured()
    return alarms


async def told(alarms: Alarms, kind: str, number: int = 1) -> list[str]:
    """What the timeline says of a kind of event."""
    speech = alarms.talk.desk.speech()
    return [speech.event(one.event) for one in await alarms.talk.timeline(number) if one.event.kind == kind]


async def direct(alarms: Alarms) -> list[str]:
    """Who is told something without being called, in Slack."""
    effects = await alarms.talk.effects()
    return [one.lane.partition(":")[0] for one in effects if one.chat == "slack" and isinstance(one.effect, Tell)]


@pytest.mark.parametrize("cause", ["store", "disks"])
async def test_alerts_of_a_service_join_the_incident_of_what_it_depends_on(alarms: Alarms, cause: str) -> None:
    await alarms.fires("Dead", service=cause)
    await alarms.fires("Slow", service="gateway")
    await alarms.fires("Failing", service="gateway")
    [incident] = await alarms.incidents()
    assert (incident.service, incident.alerts.firing) == (cause, 3)
    assert incident.dependants == (Dependant("gateway"),)
    assert await alarms.called() == ["p-lina"], "who looks after the cause is at it"
    [line] = await told(alarms, "dependant_joined")
    assert line.startswith(f"Alerts of gateway join: Slow. It depends on {cause}")
    assert ("gateway → store → disks" in line) == (cause == "disks")


async def test_the_team_of_the_dependant_is_told_once_and_not_called(alarms: Alarms) -> None:
    await alarms.fires("Dead", service="store")
    for name in ("Slow", "Failing", "Empty"):
        await alarms.fires(name, service="gateway")
    assert await direct(alarms) == ["p-amira"]


async def test_a_critical_of_the_dependant_rings_those_who_look_after_the_cause(alarms: Alarms) -> None:
    await alarms.fires("Dead", "error", service="store")
    await alarms.talk.done("lina", "ack INC-1")
    await alarms.fires("Slow", "error", service="gateway")
    assert await alarms.called() == ["p-lina"]
    await alarms.fires("Down", "critical", service="gateway")
    [incident] = await alarms.incidents()
    assert incident.severity is Severity.SEV2
    assert await alarms.called() == ["p-lina", "p-lina"]


async def test_all_in_one_delivery_is_one_incident_whatever_number_of_groups_join(alarms: Alarms) -> None:
    names = [("Dead", "store"), ("Slow", "gateway"), ("Failing", "gateway"), ("Full", "disks")]
    await alarms.take([alarms.event(name, True, "error", {"service": service}) for name, service in names])
    first, second = await alarms.incidents()
    assert (first.service, first.alerts.firing) == ("store", 3)
    assert (second.service, second.dependants) == ("disks", (Dependant("store", "INC-1"),))


async def test_when_the_cause_comes_later_both_incidents_name_one_another(alarms: Alarms) -> None:
    await alarms.fires("Slow", service="gateway")
    await alarms.fires("Dead", service="store")
    await alarms.fires("Full", service="store")
    gateway, store, _ = await alarms.incidents()
    assert (gateway.service, store.dependants) == ("gateway", (Dependant("gateway", "INC-1"),))
    assert await told(alarms, "dependency_broke") == ["store, which this depends on, is broken too: see INC-2."]
    card = (await alarms.talk.says("amira", "status INC-2")).card
    assert card is not None
    assert "Suffering from it: gateway (INC-1)" in card.body


async def test_once_the_cause_is_over_alerts_open_incidents_of_their_own(alarms: Alarms) -> None:
    await alarms.fires("Dead", service="store")
    await alarms.ends("Dead", service="store")
    await alarms.fires("Slow", service="gateway")
    assert [incident.service for incident in await alarms.incidents()] == ["store", "gateway"]


async def test_an_incident_of_its_own_goes_before_that_of_the_cause(alarms: Alarms) -> None:
    await alarms.fires("Slow", service="gateway", pod="a")
    await alarms.fires("Dead", service="store")
    await alarms.fires("Slow", service="gateway", pod="b")
    assert [incident.alerts.total for incident in await alarms.incidents()] == [2, 1]


async def test_while_the_cause_lasts_what_was_resolved_lately_is_not_reopened(alarms: Alarms) -> None:
    await alarms.fires("Slow", service="gateway")
    await alarms.ends("Slow", service="gateway")
    await alarms.talk.done("amira", "resolve INC-1")
    await alarms.fires("Dead", service="store")
    alarms.talk.clock.forward(MINUTE)
    await alarms.fires("Slow", service="gateway")
    assert [incident.alerts.firing for incident in await alarms.incidents()] == [0, 2]


async def test_nobody_learns_of_a_private_incident_by_depending_on_its_service(alarms: Alarms) -> None:
    await alarms.talk.done("amira", "declare Breach --service store --private")
    await alarms.fires("Slow", service="gateway")
    assert [incident.service for incident in await alarms.incidents()] == ["store", "gateway"]


async def test_the_end_of_a_dependants_alerts_counts_in_the_incident_they_joined(alarms: Alarms) -> None:
    await alarms.fires("Dead", service="store")
    await alarms.fires("Slow", service="gateway")
    await alarms.ends("Dead", service="store")
    await alarms.ends("Slow", service="gateway")
    assert (await alarms.happened())[-1] == "all_quiet"
