"""Alerts that come and go are held: one incident, one word about it, no call for each return."""

import pytest

from bot.domain.alert import AlertState
from bot.domain.incident import Status
from tests.builders import MINUTE
from tests.handlers.alarms import Alarms
from tests.handlers.talking import Talk

RULES = "incidents: {flapping: {turns: 4, within: 10m}, resolve: auto, quiet_time: 1m}"


@pytest.fixture
def alarms(talk: Talk) -> Alarms:
    """Acme AI, where four turns within ten minutes are flapping."""
    alarms = Alarms(talk)
    alarms.configured(RULES)
    return alarms


async def flap(alarms: Alarms, times: int) -> None:
    """Let an alert fire, and end and return so many times in all."""
    await alarms.fires("Slow", service="store")
    for turn in range(times):
        alarms.talk.clock.forward(MINUTE / 4)
        await (alarms.fires if turn % 2 else alarms.ends)("Slow", service="store")


async def test_a_flapping_alert_is_said_once_and_its_returns_call_nobody(alarms: Alarms) -> None:
    await flap(alarms, 4)
    before = await alarms.called()
    for _ in range(5):
        await alarms.ends("Slow", service="store")
        await alarms.fires("Slow", service="store")
    happened = await alarms.happened()
    assert (happened.count("flapping"), await alarms.called()) == (1, before)
    [event] = [one.event for one in await alarms.talk.timeline() if one.event.kind == "flapping"]
    said = alarms.talk.desk.speech().event(event)
    assert "An alert flaps: Slow. It turned 4 times within 10m." in said


async def test_the_return_by_which_it_is_found_to_flap_calls_nobody_once_somebody_has_answered(alarms: Alarms) -> None:
    await flap(alarms, 3)
    await alarms.talk.done("amira", "ack INC-1")
    before = await alarms.called()
    await alarms.fires("Slow", service="store")
    happened = await alarms.happened()
    assert (happened.count("flapping"), happened.count("firing_again"), await alarms.called()) == (1, 1, before)


async def test_the_return_by_which_it_is_found_to_flap_calls_while_nobody_has_answered(alarms: Alarms) -> None:
    await flap(alarms, 3)
    before = len(await alarms.called())
    await alarms.fires("Slow", service="store")
    assert len(await alarms.called()) == before + 1


async def test_its_incident_is_held_open_until_it_was_steady_for_the_window(alarms: Alarms) -> None:
    await flap(alarms, 5)
    await alarms.passes(9 * MINUTE)
    [incident] = await alarms.incidents()
    assert (incident.is_open, incident.alerts.firing) == (True, 1)
    await alarms.passes(1 * MINUTE)
    assert (await alarms.happened())[-2:] == ["steady", "all_quiet"]
    assert not any(alert.is_live for alert in await alarms.alerts())
    await alarms.passes(2 * MINUTE)
    [incident] = await alarms.incidents()
    assert incident.status is Status.RESOLVED


async def test_one_that_is_steady_and_fires_goes_on_firing(alarms: Alarms) -> None:
    await flap(alarms, 6)
    await alarms.passes(11 * MINUTE)
    assert (await alarms.happened())[-1] == "steady"
    [alert] = [alert for alert in await alarms.alerts() if alert.is_live]
    assert (alert.state, alert.reason, alert.flaps) == (AlertState.FIRING, None, 1)
    await alarms.ends("Slow", service="store")
    assert (await alarms.happened())[-1] == "all_quiet"


async def test_a_return_after_it_was_steady_rings_also_if_nobody_had_looked(alarms: Alarms) -> None:
    await flap(alarms, 5)
    calls = len(await alarms.called())
    alarms.talk.clock.forward(11 * MINUTE)
    await alarms.fires("Slow", service="store")
    assert len(await alarms.called()) == calls + 1
    assert [alert.is_live for alert in sorted(await alarms.alerts(), key=lambda a: a.first_at)][-2:] == [False, True]


async def test_getting_worse_rings_also_while_it_flaps(alarms: Alarms) -> None:
    await flap(alarms, 5)
    calls = len(await alarms.called())
    await alarms.fires("Slow", "critical", service="store")
    assert len(await alarms.called()) == calls + 1


async def test_the_count_of_returns_is_on_the_card_and_among_the_noise(alarms: Alarms) -> None:
    await flap(alarms, 8)
    card = (await alarms.talk.says("amira", "status INC-1")).card
    assert card is not None
    assert "Flapping: they came back 2 times" in card.body
    assert "flaps 4" in await alarms.talk.done("amira", "noise")


@pytest.mark.parametrize(
    "rules",
    ["incidents: {flapping: {turns: 0}}", f"{RULES}\nrules: [{{name: x, service: store, flapping: {{turns: 0}}}}]"],
)
async def test_it_can_be_switched_off(alarms: Alarms, rules: str) -> None:
    alarms.configured(rules)
    await flap(alarms, 9)
    assert "flapping" not in await alarms.happened()


async def test_all_in_one_delivery_is_judged_as_if_it_came_one_by_one(alarms: Alarms) -> None:
    await alarms.take([alarms.event("Slow", turn % 2 == 0, "error", {"service": "store"}) for turn in range(9)])
    [alert] = [alert for alert in await alarms.alerts() if alert.is_live]
    assert (alert.reason, alert.flaps) == ("flapping", 2)
    assert (await alarms.happened()).count("flapping") == 1


async def test_many_that_flap_together_are_said_in_one_line(alarms: Alarms) -> None:
    for turn in range(5):
        await alarms.take(
            [alarms.event("Slow", turn % 2 == 0, "error", {"service": "store", "pod": str(n)}) for n in range(9)]
        )
    [event] = [one.event for one in await alarms.talk.timeline() if one.event.kind == "flapping"]
    assert (event.fields["count"], event.fields["titles"]) == (9, "Slow")


async def test_replicas_that_take_turns_and_start_anew_judge_as_one_does(alarms: Alarms) -> None:
    for turn in range(9):
        alarms.talk.clock.forward(MINUTE / 4)
        another = Alarms(alarms.talk, owner=f"replica {turn}")
        await (another.ends if turn % 2 else another.fires)("Slow", service="store")
    [alert] = [alert for alert in await alarms.alerts() if alert.is_live]
    assert (alert.reason, alert.flaps) == ("flapping", 2)
    assert (await alarms.happened()).count("flapping") == 1
