"""Clearing out: what was kept long enough or is too much goes, in the background, and is counted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.retention import RetentionRules
from bot.ids import new_id
from bot.ports.records import DeliveryState, ServiceChange
from bot.ports.store import DEFAULT_TENANT
from handlers.retaining import Retaining
from tests.builders import DAY, NOW, an_organisation
from tests.handlers.talking import Talk
from tests.records import a_delivery

MB = 1_000_000


async def took(talk: Talk, name: str, *, age: timedelta, size: int = 10, state: DeliveryState | None = None) -> None:
    """A delivery of a source of this name, received so long ago; by default it was processed."""
    await talk.store.inbox.take(a_delivery(name, b"x" * size, received_at=NOW - age))
    async with talk.writing() as unit:
        newest = (await unit.deliveries.window(list(DeliveryState), limit=1)).items[0]
        if state is DeliveryState.QUARANTINED:
            await unit.deliveries.quarantine(newest.seq, NOW, "not JSON", "no json")
        elif state is None:
            await unit.deliveries.finish([newest.seq], NOW)


async def left(talk: Talk) -> list[str]:
    async with talk.store.read(DEFAULT_TENANT) as unit:
        return [one.source for one in reversed((await unit.deliveries.window(list(DeliveryState))).items)]


@pytest.fixture
def rules(talk: Talk) -> Callable[[RetentionRules], None]:
    return lambda given: talk.configured(replace(an_organisation(), retention=given))


async def test_old_deliveries_go_and_what_waits_or_was_set_aside_stays(talk: Talk) -> None:
    await took(talk, "waiting", age=99 * DAY, state=DeliveryState.PENDING)
    await took(talk, "aside", age=99 * DAY, state=DeliveryState.QUARANTINED)
    await took(talk, "long-aside", age=181 * DAY, state=DeliveryState.QUARANTINED)
    await took(talk, "old", age=31 * DAY)
    await took(talk, "young", age=29 * DAY)

    await Retaining(talk.desk).clear()

    assert await left(talk) == ["waiting", "aside", "young"]
    text = talk.desk.metrics.text().decode()
    assert 'tocsin_cleared_total{shelf="deliveries"} 2.0' in text
    assert "tocsin_deliveries_kept_bytes 30.0" in text


async def test_more_than_one_look_can_show_is_cleared_in_one_go(talk: Talk) -> None:
    for _ in range(600):
        await talk.store.inbox.take(a_delivery(received_at=NOW - 40 * DAY))
    async with talk.writing() as unit:
        waiting = [one.seq for one in (await unit.deliveries.window([DeliveryState.PENDING], limit=500)).items]
        await unit.deliveries.finish(waiting, NOW)
    await Retaining(talk.desk).clear()
    assert len(await left(talk)) == 100


async def test_too_much_goes_oldest_first_whatever_its_age(talk: Talk, rules: Callable[[RetentionRules], None]) -> None:
    rules(RetentionRules(deliveries_size_bytes=2 * MB))
    await took(talk, "aside", age=4 * DAY, size=MB, state=DeliveryState.QUARANTINED)
    for number in range(1, 4):
        await took(talk, f"d{number}", age=(4 - number) * DAY, size=MB)
    await Retaining(talk.desk).clear()
    assert await left(talk) == ["aside", "d3"]


async def test_what_was_set_aside_gives_way_when_nothing_else_is_left_to_go(
    talk: Talk, rules: Callable[[RetentionRules], None]
) -> None:
    rules(RetentionRules(deliveries_size_bytes=2 * MB))
    for number in range(1, 4):
        await took(talk, f"aside{number}", age=DAY, size=MB, state=DeliveryState.QUARANTINED)
    await took(talk, "waiting", age=DAY, size=MB, state=DeliveryState.PENDING)
    await Retaining(talk.desk).clear()
    assert await left(talk) == ["aside3", "waiting"]


async def test_what_is_kept_is_known_before_anything_is_cleared(talk: Talk) -> None:
    await took(talk, "old", age=400 * DAY, size=MB)
    await Retaining(talk.desk).weigh()
    assert "tocsin_deliveries_kept_bytes 1e+06" in talk.desk.metrics.text().decode()
    assert await left(talk) == ["old"]


async def test_changes_go_when_their_time_has_come(talk: Talk, rules: Callable[[RetentionRules], None]) -> None:
    rules(RetentionRules(changes=60 * DAY))
    async with talk.writing() as unit:
        for name, age in (("old", 61 * DAY), ("young", 59 * DAY)):
            at = NOW - age
            await unit.changes.add(ServiceChange(new_id(at), "ci", "gateway", name, at, at))

    await Retaining(talk.desk).clear()

    async with talk.store.read(DEFAULT_TENANT) as unit:
        assert [change.summary for change in (await unit.changes.window()).items] == ["young"]
    assert 'tocsin_cleared_total{shelf="changes"} 1.0' in talk.desk.metrics.text().decode()


async def test_what_people_wrote_and_were_told_goes_and_the_incident_with_its_story_stays(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke")
    events, audit = await talk.timeline(), await talk.audit()
    talk.clock.forward(31 * DAY)

    await Retaining(talk.desk).clear()

    assert 'tocsin_cleared_total{shelf="lines"} 1.0' in talk.desk.metrics.text().decode()
    assert await talk.timeline() == events
    assert await talk.audit() == audit
    assert await talk.effects()
