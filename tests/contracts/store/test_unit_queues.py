"""Outbox, timers and deliveries within a unit of work."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.effects import Announce, Say
from bot.domain.incident import TimerKind
from bot.domain.message import Message
from bot.ports.records import (
    Delivery,
    DeliveryState,
    Due,
    EffectState,
    LaneKind,
    PageState,
    SourceRefusals,
    StoredEffect,
)
from bot.ports.store import BadCursor, LeaseLost, Urgency
from storage.store import SqlStore
from tests.builders import DAY, HOUR, MINUTE, NOW, SECOND, a_followup
from tests.records import a_delivery, a_new_effect, a_page, stored

TENANT = "default"


async def effects_in(store: SqlStore, state: str) -> Sequence[StoredEffect]:
    async with store.read(TENANT) as unit:
        return (await unit.outbox.window(state)).items


async def test_an_effect_comes_back_as_it_was_stored_and_due_at_once(store: SqlStore) -> None:
    say = Say(Message("timeline.note", {"by": "person:p-amira", "count": 3, "none": None}), loud=True, actions=("ack",))
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.outbox.add([a_new_effect("k", effect=say, incident="i-1", page="p-1", chat="slack")], NOW)
        await unit.outbox.add([], NOW)
    [found] = await effects_in(store, "pending")
    assert found == StoredEffect(
        seq=found.seq,
        id=found.id,
        tenant=TENANT,
        key="k",
        lane_kind=LaneKind.ROOM,
        lane="i-1:room",
        chat="slack",
        effect=say,
        incident="i-1",
        page="p-1",
        created_at=NOW,
        due_at=NOW,
    )


async def test_an_effect_whose_key_is_there_is_left_as_it_is(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.outbox.add([a_new_effect("k"), a_new_effect("k", lane="other")], NOW)
        await unit.outbox.done((await unit.outbox.window("pending")).items[0], NOW)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        again = a_new_effect("k", effect=Announce(Message("announce.note")))
        await unit.outbox.add([again, a_new_effect("k2")], NOW + HOUR)
    assert [effect.key for effect in await effects_in(store, "pending")] == ["k2"]
    [kept] = await effects_in(store, "done")
    assert (kept.key, kept.lane, kept.created_at) == ("k", "i-1:room", NOW)


async def test_the_order_of_effects_is_the_order_in_which_they_were_stored(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.outbox.add([a_new_effect(f"a{at}") for at in range(20)], NOW)
        await unit.outbox.add([a_new_effect(f"b{at}") for at in range(20)], NOW)
    found = sorted(await effects_in(store, "pending"), key=lambda effect: effect.seq)
    assert [effect.key for effect in found] == [f"a{at}" for at in range(20)] + [f"b{at}" for at in range(20)]


async def test_an_effect_is_put_off_given_up_and_revived(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.outbox.add([a_new_effect()], NOW)
        [effect] = (await unit.outbox.window("pending")).items
        await unit.outbox.again(effect, NOW + MINUTE, "timed out", is_unknown=True)
    [later] = await effects_in(store, "pending")
    assert (later.due_at, later.attempts, later.is_unknown, later.error) == (NOW + MINUTE, 1, True, "timed out")

    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.outbox.dead(later, NOW + HOUR, "no such room")
        assert not await unit.outbox.revive("unknown", NOW)
    [dead] = await effects_in(store, "dead")
    assert (dead.state, dead.attempts, dead.error) == (EffectState.DEAD, 2, "no such room")
    assert await effects_in(store, "pending") == []

    async with store.write(TENANT, Urgency.COMMAND) as unit:
        assert await unit.outbox.revive(dead.id, NOW + 2 * HOUR)
        assert not await unit.outbox.revive(dead.id, NOW + 3 * HOUR)
    [revived] = await effects_in(store, "pending")
    assert (revived.due_at, revived.attempts, revived.seq) == (NOW + 2 * HOUR, 0, effect.seq)


async def test_with_the_effect_of_a_call_its_page_waits_again(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        page = a_page(incident.id, state=PageState.FAILED, reason="no such user")
        await unit.pages.add([page])
        await unit.outbox.add([a_new_effect(incident=incident.id, page=page.id)], NOW)
        [effect] = (await unit.outbox.window("pending")).items
        await unit.outbox.dead(effect, NOW, "no such user")
        assert await unit.outbox.revive(effect.id, NOW)
        assert await unit.pages.get(page.id) == replace(page, state=PageState.QUEUED, reason=None)


async def test_what_is_done_stays_done(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.outbox.add([a_new_effect()], NOW)
        [effect] = (await unit.outbox.window("pending")).items
        await unit.outbox.done(effect, NOW)
        await unit.outbox.again(effect, NOW, "too late", is_unknown=False)
        await unit.outbox.dead(effect, NOW, "too late")
        assert not await unit.outbox.revive(effect.id, NOW)
    [done] = await effects_in(store, "done")
    assert (done.attempts, done.error) == (1, None)


async def test_effects_are_listed_newest_first_part_by_part(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.outbox.add([a_new_effect(str(at)) for at in range(5)], NOW)
        first = await unit.outbox.window("pending", limit=3)
        second = await unit.outbox.window("pending", cursor=first.next_cursor, limit=3)
        with pytest.raises(BadCursor):
            await unit.outbox.window("pending", cursor="nonsense")
    assert [effect.key for effect in (*first.items, *second.items)] == ["4", "3", "2", "1", "0"]
    assert second.next_cursor is None


async def test_the_timers_of_an_incident_are_replaced_and_its_followups_kept(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        one, other = await stored(unit, 1), await stored(unit, 2)
        await unit.followups.save([a_followup(incident=one.id, remind_at=NOW)])
        await unit.timers.set_for(one.id, {TimerKind.ESCALATE: NOW, TimerKind.UPDATE: NOW})
        await unit.timers.set_for(other.id, {TimerKind.QUIET: NOW})
        await unit.timers.set_for(one.id, {TimerKind.UPDATE: NOW + HOUR, TimerKind.COMMANDER: NOW + MINUTE})
        found = await unit.timers.of_many([one.id, other.id, "unknown"])
        assert await unit.timers.of_many([]) == {}
    assert found == {
        one.id: {TimerKind.UPDATE: NOW + HOUR, TimerKind.COMMANDER: NOW + MINUTE},
        other.id: {TimerKind.QUIET: NOW},
    }
    due = await store.timers.due(NOW, kinds=list(TimerKind), limit=10)
    assert {(timer.kind, timer.subject) for timer in due} == {("followup", "f-1"), ("quiet", other.id)}
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.timers.set_for(one.id, {})
        assert await unit.timers.of_many([one.id]) == {}
    assert len(await store.timers.due(NOW + 2 * HOUR, kinds=list(TimerKind), limit=10)) == 2


async def test_a_timer_is_consumed_once_by_however_many(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        await unit.timers.set_for(incident.id, {TimerKind.UPDATE: NOW})
    [due] = await store.timers.due(NOW, kinds=list(TimerKind), limit=10)

    async def consume() -> bool:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            return await unit.timers.consume(due)

    assert sorted(await asyncio.gather(*(consume() for _ in range(5)))) == [False] * 4 + [True]
    assert await store.timers.due(NOW, kinds=list(TimerKind), limit=10) == []


async def test_a_timer_that_was_moved_is_not_consumed_at_its_old_time(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        await unit.timers.set_for(incident.id, {TimerKind.UPDATE: NOW})
        await unit.timers.set_for(incident.id, {TimerKind.UPDATE: NOW + SECOND})
        assert not await unit.timers.consume(Due(TENANT, "update", incident.id, NOW))
        assert await unit.timers.consume(Due(TENANT, "update", incident.id, NOW + SECOND))


async def test_a_followup_that_needs_no_reminder_has_no_timer(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        followup = a_followup(incident=incident.id, remind_at=NOW)
        await unit.followups.save([followup])
        await unit.followups.save([a_followup(incident=incident.id, remind_at=None, done_at=NOW)])
        await unit.followups.save([])
    assert await store.timers.due(NOW + HOUR, kinds=list(TimerKind), limit=10) == []


async def deliveries_in(store: SqlStore, *states: DeliveryState) -> list[Delivery]:
    """Deliveries of these states, in order of receipt."""
    async with store.read(TENANT) as unit:
        return list(reversed((await unit.deliveries.window(states)).items))


async def test_deliveries_are_finished_many_at_a_time(store: SqlStore) -> None:
    for number in range(4):
        await store.inbox.take(a_delivery(body=str(number).encode()))
    taken = await deliveries_in(store, DeliveryState.PENDING)
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.deliveries.finish([delivery.seq for delivery in taken[:3]], NOW)
        await unit.deliveries.finish([], NOW)
    assert await deliveries_in(store, DeliveryState.PENDING) == taken[3:]
    done = await deliveries_in(store, DeliveryState.DONE)
    assert [delivery.id for delivery in done] == [delivery.id for delivery in taken[:3]]
    assert [delivery.body for delivery in done] == [b""] * 3
    assert len(await deliveries_in(store, *DeliveryState)) == 4


async def test_a_kind_of_broken_delivery_is_announced_once_and_a_replay_is_no_news(
    store: SqlStore, topics: list[frozenset[str]]
) -> None:
    for source in ("prom", "prom", "prom", "grafana"):
        await store.inbox.take(a_delivery(source))
    one, same, other, elsewhere = await deliveries_in(store, DeliveryState.PENDING)
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        assert await unit.deliveries.quarantine(one.seq, NOW, "no alerts in it", "no alerts")
        assert not await unit.deliveries.quarantine(same.seq, NOW, "no alerts in it", "no alerts")
        assert await unit.deliveries.quarantine(other.seq, NOW, "not JSON\0", "not JSON\0")
        assert await unit.deliveries.quarantine(elsewhere.seq, NOW, "no alerts in it", "no alerts")
        assert not await unit.deliveries.quarantine(10**6, NOW, "not there", "not there")
    topics.clear()
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        assert await unit.deliveries.replay(source="prom") == 3
    assert topics == [{"inbox"}]
    assert [delivery.id for delivery in await deliveries_in(store, DeliveryState.QUARANTINED)] == [elsewhere.id]
    again = await deliveries_in(store, DeliveryState.PENDING)
    assert [delivery.id for delivery in again] == [one.id, same.id, other.id]
    assert [delivery.error for delivery in again] == ["no alerts in it", "no alerts in it", "not JSON?"]
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        assert not await unit.deliveries.quarantine(one.seq, NOW, "no alerts in it", "no alerts")
        assert await unit.deliveries.replay() == 2
        assert await unit.deliveries.replay() == 0


async def test_a_kind_of_broken_delivery_is_news_again_after_a_month(store: SqlStore) -> None:
    for _ in range(3):
        await store.inbox.take(a_delivery("prom"))
    first, soon, late = await deliveries_in(store, DeliveryState.PENDING)
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        assert await unit.deliveries.quarantine(first.seq, NOW, "no alerts in it", "no alerts")
        assert not await unit.deliveries.quarantine(soon.seq, NOW + 29 * DAY, "no alerts in it", "no alerts")
        assert await unit.deliveries.quarantine(late.seq, NOW + 31 * DAY, "no alerts in it", "no alerts")


async def test_failed_tries_of_a_delivery_are_counted(store: SqlStore) -> None:
    await store.inbox.take(a_delivery())
    [delivery] = await deliveries_in(store, DeliveryState.PENDING)
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        assert [await unit.deliveries.attempted(delivery.seq) for _ in range(3)] == [1, 2, 3]
        assert await unit.deliveries.attempted(10**6) == 0


async def test_deliveries_are_listed_newest_first_part_by_part(store: SqlStore) -> None:
    for _ in range(3):
        await store.inbox.take(a_delivery())
    async with store.read(TENANT) as unit:
        first = await unit.deliveries.window([DeliveryState.PENDING], limit=2)
        second = await unit.deliveries.window([DeliveryState.PENDING], cursor=first.next_cursor, limit=2)
        with pytest.raises(BadCursor):
            await unit.deliveries.window([DeliveryState.PENDING], cursor="IjEi")
    found = [delivery.seq for delivery in (*first.items, *second.items)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 3


async def test_another_tenants_queues_are_out_of_reach(store: SqlStore) -> None:
    await store.add_tenant("other", NOW)
    await store.inbox.take(a_delivery())
    [delivery] = await deliveries_in(store, DeliveryState.PENDING)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        await unit.timers.set_for(incident.id, {TimerKind.UPDATE: NOW})
        await unit.outbox.add([a_new_effect()], NOW)
        [effect] = (await unit.outbox.window("pending")).items
    async with store.write("other", Urgency.COMMAND) as unit:
        with pytest.raises(LeaseLost):
            await unit.deliveries.finish([delivery.seq], NOW)
        await unit.outbox.done(effect, NOW)
        await unit.timers.set_for(incident.id, {})
        assert not await unit.timers.consume(Due("other", "update", incident.id, NOW))
        assert not await unit.deliveries.quarantine(delivery.seq, NOW, "error", "shape")
        await unit.outbox.add([a_new_effect()], NOW)
        assert len((await unit.outbox.window("pending")).items) == 1
    assert len(await deliveries_in(store, DeliveryState.PENDING)) == 1
    assert len(await effects_in(store, "pending")) == 1
    assert len(await store.timers.due(NOW, kinds=list(TimerKind), limit=10)) == 1


async def test_what_was_refused_of_each_source_adds_up(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.deliveries.note_refused(SourceRefusals("prom", NOW, 2, "401: the key is wrong"))
        await unit.deliveries.note_refused(SourceRefusals("hub", NOW, 1, "403: from elsewhere"))
        await unit.deliveries.note_refused(SourceRefusals("prom", NOW + DAY, 3, "503: too often"))
    async with store.read(TENANT) as unit:
        assert await unit.deliveries.refused() == {
            "prom": SourceRefusals("prom", NOW + DAY, 5, "503: too often"),
            "hub": SourceRefusals("hub", NOW, 1, "403: from elsewhere"),
        }
