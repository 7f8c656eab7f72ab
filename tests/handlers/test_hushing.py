"""Silenced alerts stay findable, and open when their silence ends, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from bot.domain.incident import TimerKind
from bot.domain.severity import Severity
from bot.ports.records import DeliveryState, Due, NewDelivery
from bot.ports.store import DEFAULT_TENANT
from tests.builders import DAY, HOUR, MINUTE, NOW, SECOND
from tests.handlers.hushed import FIRING, RESOLVED, SUPPRESSED, House, Replica, silenced
from tests.handlers.talking import talking


@pytest_asyncio.fixture
async def house(either_url: str) -> AsyncIterator[House]:
    async with talking(either_url) as talk:
        yield House(talk)


async def test_a_silenced_alert_opens_nothing_calls_nobody_and_is_found_with_its_reason(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh", severity="critical", service="feature-store")

    alert = await house.alert("DriftHigh")
    assert (alert.state, alert.incident, alert.held_by) == (SUPPRESSED, None, "silence:1")
    assert (alert.reason, alert.service) == ("silence S-1: load test", "feature-store")
    assert await house.incidents() == 0
    assert (await house.silence()).hidden == 1
    assert await house.talk.done("noor", "suppressed") == (
        "SEV2 DriftHigh is up · feature-store · silence S-1 by omar until Wed 7 Jan 2026, 05:00 UTC+4: load test"
    )


async def test_what_it_does_not_cover_opens_its_incident(house: House) -> None:
    await silenced(house)
    await house.fires("Slow")
    assert (await house.alert("Slow")).state is FIRING


async def test_at_its_end_what_still_fires_opens_and_pages_without_another_report(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh", "DriftLow", severity="critical")
    await house.ends("DriftLow")
    await house.passes(2 * HOUR - SECOND)
    assert await house.incidents() == 0

    await house.passes(SECOND)

    alert = await house.alert("DriftHigh")
    incident = await house.talk.incident()
    assert (alert.state, alert.incident, alert.reason, alert.held_by) == (FIRING, incident.id, None, None)
    assert (incident.title, incident.severity, incident.alerts.firing) == ("DriftHigh is up", Severity.SEV2, 1)
    assert {page.person for page in await house.called()} == {"p-amira"}
    assert (await house.alert("DriftLow")).state is RESOLVED
    assert (alert.count, alert.last_at) == (1, NOW), "nobody reported it"


async def test_its_end_is_told_to_its_author_and_to_everyone_once(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    for _ in range(2):
        await house.passes(HOUR)
    told = [effect for effect in await house.talk.effects() if effect.key.startswith("silence:1:end")]
    assert sorted((effect.chat, effect.lane) for effect in told) == [
        ("room", "p-omar:room"),
        ("room", "room"),
        ("slack", "p-omar:slack"),
        ("slack", "slack"),
    ]
    [entry] = [entry for entry in await house.talk.audit() if entry.action == "SilenceEnded"]
    assert (entry.subject, entry.after) == ("S-1", {"hidden": 1})


@pytest.mark.parametrize("hides", [True, False])
async def test_a_quarter_of_an_hour_before_it_is_told_only_if_something_is_held(house: House, hides: bool) -> None:
    await silenced(house)
    if hides:
        await house.fires("DriftHigh")
    await house.passes(2 * HOUR - 15 * MINUTE)
    told = [effect for effect in await house.talk.effects() if effect.key.startswith("silence:1:soon")]
    assert bool(told) is hides


async def test_one_that_goes_on_holds_on_and_its_notices_move_along(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    await house.passes(2 * HOUR - 15 * MINUTE)
    assert "goes on" in await house.talk.done("lina", "silence extend S-1 1h")

    await house.passes(15 * MINUTE)
    assert (await house.alert("DriftHigh")).state is SUPPRESSED
    await house.passes(30 * MINUTE)
    await house.passes(15 * MINUTE)
    assert (await house.alert("DriftHigh")).state is SUPPRESSED
    await house.passes(15 * MINUTE)

    assert (await house.alert("DriftHigh")).state is FIRING
    told = [effect for effect in await house.talk.effects() if effect.key.startswith("silence:1:")]
    to_omar = [effect.key.split(":")[2] for effect in told if effect.lane == "p-omar:room"]
    assert to_omar == ["soon", "soon", "end"]


async def test_a_release_that_was_written_down_survives_whoever_wrote_it(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    house.talk.clock.forward(2 * HOUR)
    await house.timers.step()
    # Here the process dies: another one begins with what is on disk.
    await Replica(house.talk, "another").absorbs()
    assert (await house.alert("DriftHigh")).state is FIRING
    assert await house.incidents() == 1


async def test_a_timer_that_was_lost_is_made_up_for(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    silence = await house.silence()
    async with house.talk.writing() as unit:
        assert await unit.timers.consume(Due(DEFAULT_TENANT, TimerKind.SILENCE.value, "1:end", silence.ends_at))
    house.talk.clock.forward(2 * HOUR)
    await house.looks()
    assert (await house.alert("DriftHigh")).state is FIRING


async def test_two_replicas_release_once(house: House) -> None:
    another = Replica(house.talk, "another")
    await silenced(house)
    await house.fires("DriftHigh", severity="critical")
    house.talk.clock.forward(2 * HOUR)

    await asyncio.gather(house.timers.step(), another.timers.step(), house.keeper.look(), another.keeper.look())
    await asyncio.gather(house.absorbs(), another.absorbs())
    await asyncio.gather(house.looks(), another.looks())

    assert await house.incidents() == 1
    assert sorted((page.person, page.channel) for page in await house.called()) == [
        ("p-amira", "room"),
        ("p-amira", "slack"),
    ]


async def test_what_waits_to_be_looked_at_anew_is_not_said_again(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    house.talk.clock.forward(2 * HOUR)
    for _ in range(3):
        await house.keeper.look()
    async with house.talk.store.read(DEFAULT_TENANT) as unit:
        waiting = (await unit.deliveries.window([DeliveryState.PENDING])).items
    assert len(waiting) == 1


async def test_reports_of_ours_are_no_deliveries_of_the_source(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    await house.passes(2 * HOUR)
    async with house.talk.store.read(DEFAULT_TENANT) as unit:
        assert (await unit.deliveries.activity())["plain"].deliveries == 1


async def test_an_alert_that_ends_while_its_release_waits_opens_nothing(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    house.talk.clock.forward(2 * HOUR)
    resolve = orjson.dumps([("DriftHigh", "resolved", "error", {})])
    await house.talk.store.inbox.take(NewDelivery(DEFAULT_TENANT, "plain", "plain", resolve, house.talk.desk.now()))
    await house.timers.step()
    await house.absorbs()
    assert (await house.alert("DriftHigh")).state is RESOLVED
    assert await house.incidents() == 0


async def test_a_silence_that_comes_while_an_alert_fires_leaves_its_incident_alone(house: House) -> None:
    await house.fires("DriftHigh")
    await silenced(house)
    await house.fires("DriftHigh")
    assert (await house.alert("DriftHigh")).state is FIRING
    await house.ends("DriftHigh")
    await house.fires("DriftHigh")
    assert (await house.alert("DriftHigh")).state is SUPPRESSED


async def test_that_an_alert_becomes_worse_is_held_back_too_and_told_at_the_end(house: House) -> None:
    await house.fires("DriftHigh")
    await house.talk.done("omar", "ack INC-1")
    await silenced(house)
    called = len(await house.called())
    await house.fires("DriftHigh", severity="critical")
    alert = await house.alert("DriftHigh")
    assert (alert.state, alert.severity, alert.held_by) == (FIRING, Severity.SEV2, "silence:1")
    assert (await house.talk.incident()).severity is Severity.SEV3
    assert len(await house.called()) == called

    await house.passes(2 * HOUR)

    assert (await house.alert("DriftHigh")).held_by is None
    incident = await house.talk.incident()
    assert (incident.severity, incident.alerts.firing) == (Severity.SEV2, 1)
    assert len(await house.called()) > called


async def test_what_a_second_silence_covers_stays_held_by_that(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    await silenced(house, 'alertname="DriftHigh"', "for 3h because still testing")
    await house.passes(2 * HOUR)
    alert = await house.alert("DriftHigh")
    assert (alert.state, alert.held_by, alert.reason) == (SUPPRESSED, "silence:2", "silence S-2: still testing")
    await house.passes(HOUR)
    assert (await house.alert("DriftHigh")).state is FIRING


async def test_a_silence_holds_longer_than_alerts_are_waited_for(house: House) -> None:
    await silenced(house, clauses="for 3d because load test")
    await house.fires("DriftHigh")
    await house.passes(2 * DAY)
    await house.sweeper.sweep()
    assert (await house.alert("DriftHigh")).state is SUPPRESSED
    await house.passes(DAY)
    assert (await house.alert("DriftHigh")).state is FIRING


async def test_one_that_has_become_too_mild_to_open_is_held_by_nothing_any_more(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    await house.fires("DriftHigh", severity="info")
    alert = await house.alert("DriftHigh")
    assert (alert.state, alert.held_by, alert.reason) == (SUPPRESSED, None, "milder than SEV4")
    await house.passes(2 * HOUR)
    assert await house.incidents() == 0


async def test_one_that_begins_later_holds_from_then_on(house: House) -> None:
    await silenced(house, clauses="from tomorrow 09:00 for 2h because load test")
    await house.fires("DriftHigh")
    assert (await house.alert("DriftHigh")).state is FIRING
    await house.passes(31 * HOUR)
    await house.fires("DriftLow")
    assert (await house.alert("DriftLow")).state is SUPPRESSED


async def test_unsilence_lets_go_at_once(house: House) -> None:
    await silenced(house)
    await house.fires("DriftHigh")
    assert "S-1 is over." in await house.talk.done("lina", "unsilence S-1")
    await house.absorbs()
    assert (await house.alert("DriftHigh")).state is FIRING
    await house.passes(2 * HOUR)
    assert [effect for effect in await house.talk.effects() if effect.key.startswith("silence:1:")] == []


async def test_more_alerts_than_are_looked_at_at_once_are_all_let_go(house: House) -> None:
    await silenced(house)
    names = [f"Drift{number}" for number in range(1_100)]
    await house.fires(*names, alertname="Drift")
    await house.passes(2 * HOUR)
    async with house.talk.store.read(DEFAULT_TENANT) as unit:
        assert await unit.alerts.held() == {}
    assert (await house.talk.incident()).alerts.firing == 1_100
