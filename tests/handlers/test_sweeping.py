"""The sweeper: it heals what should not happen, once, whoever else sweeps or works, and whatever it can't read."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.domain.alert import AlertState
from bot.domain.incident import AlertTally
from bot.domain.timeline import EventKind
from bot.ports.records import LaneKind, NewDelivery
from bot.ports.store import DEFAULT_TENANT, Unit, Urgency
from handlers.lanes import LeaseTerms
from handlers.sweeping import AT_ONCE, Sweeper
from tests.builders import DAY, MINUTE, NOW, SECOND
from tests.handlers.talking import Talk, talking
from tests.records import an_alert, stored

LONG_AGO = NOW - 30 * DAY


@pytest_asyncio.fixture
async def pair(either_url: str) -> AsyncIterator[tuple[Talk, Talk]]:
    """Two replicas on one PostgreSQL; on SQLite two who have it open, as one process would."""
    async with talking(either_url) as one, talking(either_url) as two:
        yield one, two


def sweeper(talk: Talk, owner: str = "one") -> Sweeper:
    return Sweeper(talk.desk, LeaseTerms(owner))


async def silent(unit: Unit, count: int, *, number: int = 1, last_at: datetime = LONG_AGO) -> str:
    """Store an incident with so many firing alerts that were last reported at an instant; returns its id."""
    incident = await stored(unit, number, group_key=f"g-{number}", alerts=AlertTally(total=count, firing=count))
    await unit.alerts.add(
        [an_alert(f"{number}-{one}", incident=incident.id, first_at=last_at, last_at=last_at) for one in range(count)]
    )
    return incident.id


async def expired(talk: Talk, number: int = 1) -> list[int]:
    """How many alerts ended each time that the incident was told of some."""
    kinds = [event.event for event in await talk.timeline(number)]
    return [int(str(event.fields["count"])) for event in kinds if event.kind is EventKind.ALERTS_EXPIRED]


async def live(talk: Talk, number: int = 1) -> int:
    incident = await talk.incident(number)
    async with talk.store.read(DEFAULT_TENANT) as unit:
        return sum(alert.state is AlertState.FIRING for alert in await unit.alerts.of_incident(incident.id))


async def unreadable(talk: Talk, number: int) -> None:
    async with talk.store.database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
        await work.connection.execute(text("UPDATE incidents SET severity = 99 WHERE number = :n"), {"n": number})


async def test_two_who_sweep_at_once_count_each_silent_alert_once(pair: tuple[Talk, Talk]) -> None:
    one, two = pair
    async with one.writing() as unit:
        incident = await silent(unit, 20)
        await unit.alerts.add([an_alert(f"lately-{n}", incident=incident) for n in range(10)])
    async with one.store.database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
        await work.connection.execute(text("UPDATE incidents SET alerts_total = 30, alerts_firing = 30"))

    await asyncio.gather(*(sweeper(talk, name).sweep() for talk, name in [(one, "one"), (two, "two")] * 3))

    assert await expired(one) == [20]
    assert (await one.incident()).alerts == AlertTally(total=30, firing=10)
    assert await live(one) == 10


async def test_while_a_source_is_being_absorbed_none_of_its_alerts_ends(pair: tuple[Talk, Talk]) -> None:
    one, two = pair
    async with one.writing() as unit:
        await silent(unit, 1)
    lane = (DEFAULT_TENANT, LaneKind.INBOX, "prom")
    lease = await one.store.leases.take(lane, "intake", one.desk.now(), MINUTE)
    assert lease is not None

    await sweeper(two).sweep()
    assert await live(one) == 1

    await one.store.leases.release(lease)
    await sweeper(two).sweep()
    assert await live(one) == 0


async def test_an_alert_whose_source_has_reports_waiting_does_not_end(talk: Talk) -> None:
    async with talk.writing() as unit:
        await silent(unit, 1)
    await talk.store.inbox.take(NewDelivery(DEFAULT_TENANT, "prom", "alertmanager", b"{}", NOW))

    await sweeper(talk).sweep()

    assert await live(talk) == 1


async def test_alerts_that_were_reported_lately_go_on(talk: Talk) -> None:
    async with talk.writing() as unit:
        await silent(unit, 1, last_at=NOW - MINUTE)
    await sweeper(talk).sweep()
    assert await live(talk) == 1


async def test_more_alerts_than_are_ended_at_once_all_end(talk: Talk) -> None:
    async with talk.writing() as unit:
        await silent(unit, 2 * AT_ONCE + 5)
    await sweeper(talk).sweep()
    assert await live(talk) == 0
    assert sum(await expired(talk)) == 2 * AT_ONCE + 5


async def test_an_incident_that_nobody_can_read_keeps_no_other_from_being_healed(talk: Talk) -> None:
    async with talk.writing() as unit:
        await silent(unit, 3, number=1, last_at=LONG_AGO - DAY)
        await silent(unit, 2, number=2)
    await unreadable(talk, 1)
    memory = talk.store.memory(DEFAULT_TENANT, "slack")
    await memory.put("seen", "k", {}, expires_at=NOW - SECOND)

    await sweeper(talk).sweep()

    incident = await talk.incident(2)
    async with talk.store.read(DEFAULT_TENANT) as unit:
        timers = await unit.timers.of_many([incident.id])
    assert timers[incident.id] == incident.timers()
    assert await live(talk, 2) == 0
    assert await talk.store.forget_expired(NOW) == 0, "what chats need not remember was not forgotten"
    assert 'tocsin_put_off{loop="sweeper"}' in talk.desk.metrics.text().decode()


async def test_more_silent_alerts_that_cannot_be_ended_than_fit_hide_none_of_the_others(talk: Talk) -> None:
    async with talk.writing() as unit:
        await silent(unit, 2 * AT_ONCE + 5, number=1, last_at=LONG_AGO - DAY)
        await silent(unit, 2, number=2)
    await unreadable(talk, 1)
    await sweeper(talk).sweep()
    assert await live(talk, 2) == 0


@pytest.mark.parametrize("lost", ["DELETE FROM timers", "UPDATE timers SET due_at = due_at + 1"])
async def test_a_timer_that_is_lost_or_wrong_is_made_again(talk: Talk, lost: str) -> None:
    await talk.done("lina", 'declare "Down" --sev 1 --service inference-gateway')
    async with talk.store.database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
        await work.connection.execute(text(lost))

    await sweeper(talk).sweep()

    incident = await talk.incident()
    async with talk.store.read(DEFAULT_TENANT) as unit:
        assert (await unit.timers.of_many([incident.id]))[incident.id] == incident.timers()


async def test_an_open_incident_without_a_next_step_gets_one(talk: Talk) -> None:
    async with talk.writing() as unit:
        await stored(unit, update_due_at=None)
    assert not (await talk.incident()).timers()

    await sweeper(talk).sweep()

    assert (await talk.incident()).timers()


async def test_where_all_is_well_a_sweep_changes_nothing(talk: Talk) -> None:
    await talk.done("lina", 'declare "Down" --sev 1 --service inference-gateway')
    before = (await talk.incident(), await talk.timeline(), await talk.audit())
    await sweeper(talk).sweep()
    assert (await talk.incident(), await talk.timeline(), await talk.audit()) == before
