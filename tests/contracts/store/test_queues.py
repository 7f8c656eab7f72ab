"""The outbox and the timers, as their loops see them."""

from datetime import datetime

from bot.domain.effects import Announce, DrawCard, Effect, Page
from bot.domain.incident import TimerKind
from bot.domain.message import Message
from bot.ports.records import LaneKind, Lease, NewEffect
from bot.ports.store import DEFAULT_TENANT, Urgency
from storage.store import SqlStore
from tests.builders import HOUR, MINUTE, NOW, SECOND, an_incident

ROOM = Lease(DEFAULT_TENANT, LaneKind.ROOM, "i1:slack", "", NOW)


def effects(*keys: str, lane: str = ROOM.lane, effect: Effect | None = None) -> list[NewEffect]:
    return [NewEffect(key, LaneKind.ROOM, lane, "slack", effect or DrawCard(), "i1") for key in keys]


async def add(store: SqlStore, new: list[NewEffect], at: datetime = NOW) -> None:
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.outbox.add(new, at)


async def keys(store: SqlStore, now: datetime = NOW, limit: int = 100) -> list[str]:
    return [one.key for one in await store.queue.pending(ROOM, now, limit=limit)]


async def test_effects_come_back_as_they_were_stored(store: SqlStore) -> None:
    page = Page("p-amira", 1, 1, Message("incident.opened", {"title": "GPU lost"}))
    await add(store, effects("k1", effect=page))
    [found] = await store.queue.pending(ROOM, NOW, limit=10)
    assert (found.effect, found.key, found.chat, found.incident) == (page, "k1", "slack", "i1")
    assert (found.created_at, found.due_at, found.attempts, found.is_unknown) == (NOW, NOW, 0, False)


async def test_a_lane_is_performed_in_the_order_in_which_it_was_decided(store: SqlStore) -> None:
    await add(store, effects("c", "a"))
    await add(store, effects("elsewhere", lane="i2:slack"))
    await add(store, effects("b"))
    assert await keys(store) == ["c", "a", "b"]
    assert await keys(store, limit=2) == ["c", "a"]


async def test_what_comes_after_an_effect_that_is_not_due_waits_for_it(store: SqlStore) -> None:
    await add(store, effects("a", "b", "c"))
    _, second, _ = await store.queue.pending(ROOM, NOW, limit=10)
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.outbox.again(second, NOW + MINUTE, "timed out", is_unknown=True)
    assert await keys(store, NOW + SECOND) == ["a"]
    assert await keys(store, NOW + MINUTE) == ["a", "b", "c"]
    [_, again, _] = await store.queue.pending(ROOM, NOW + MINUTE, limit=10)
    assert (again.attempts, again.is_unknown, again.error) == (1, True, "timed out")


async def test_what_is_done_or_dead_lets_the_lane_go_on(store: SqlStore) -> None:
    await add(store, effects("a", "b", "c"))
    first, second, _ = await store.queue.pending(ROOM, NOW, limit=10)
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.outbox.done(first, NOW)
        await unit.outbox.dead(second, NOW, "no such channel")
    assert await keys(store) == ["c"]


async def test_an_effect_that_is_there_already_is_not_performed_twice(store: SqlStore) -> None:
    await add(store, effects("a", effect=Announce(Message("incident.opened", {}))))
    await add(store, effects("a"), NOW + SECOND)
    [only] = await store.queue.pending(ROOM, NOW, limit=10)
    assert only.effect == Announce(Message("incident.opened", {}))


async def test_timers_are_due_longest_overdue_first_and_not_before_their_time(store: SqlStore) -> None:
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        for name in ("i1", "i2"):
            await unit.incidents.add(an_incident(id=name, group_key=None, number=await unit.incidents.next_number()))
        await unit.timers.set_for("i1", {TimerKind.ESCALATE: NOW, TimerKind.UPDATE: NOW + HOUR})
        await unit.timers.set_for("i2", {TimerKind.ESCALATE: NOW - MINUTE})
    assert [
        (due.subject, due.kind, due.due_at) for due in await store.timers.due(NOW, kinds=list(TimerKind), limit=10)
    ] == [
        ("i2", TimerKind.ESCALATE.value, NOW - MINUTE),
        ("i1", TimerKind.ESCALATE.value, NOW),
    ]
    assert [due.subject for due in await store.timers.due(NOW + HOUR, kinds=list(TimerKind), limit=2)] == ["i2", "i1"]
    assert await store.timers.due(NOW - HOUR, kinds=list(TimerKind), limit=10) == []
