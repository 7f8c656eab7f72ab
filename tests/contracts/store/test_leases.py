"""Leases: each lane with due work has one worker, whoever took it over is told, and whoever lost it writes nothing."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.domain.effects import DrawCard
from bot.ports.records import LaneKind, Lease, NewDelivery, NewEffect
from bot.ports.store import DEFAULT_TENANT, LeaseLost, Urgency
from storage.secrets import SecretKeys
from storage.store import SqlStore, open_store
from storage.tables import LeaseRow
from tests.builders import MINUTE, NOW, SECOND
from tests.contracts.conftest import SystemClock
from tests.contracts.store.another import another

TTL = 30 * SECOND
TOPICS = {LaneKind.UPDATE: "updates", LaneKind.PAGE: "effects"}
EFFECTS = (LaneKind.PAGE, LaneKind.ROOM, LaneKind.DIRECT, LaneKind.ANNOUNCE)


async def deliver(store: SqlStore, source: str, tenant: str = DEFAULT_TENANT) -> None:
    await store.inbox.take(NewDelivery(tenant, source, "alertmanager", b"{}", NOW))


async def decide(
    store: SqlStore, kind: LaneKind, lane: str, at: datetime = NOW, count: int = 1, tenant: str = DEFAULT_TENANT
) -> None:
    effects = [NewEffect(f"{kind}:{lane}:{at}:{n}", kind, lane, "room", DrawCard(), None) for n in range(count)]
    async with store.write(tenant, Urgency.PROCESSING) as unit:
        await unit.outbox.add(effects, at)


async def claim(
    store: SqlStore, *kinds: LaneKind, now: datetime = NOW, limit: int = 100, owner: str = "one"
) -> list[Lease]:
    return list(await store.leases.claim(kinds, owner, now, TTL, limit=limit))


def lanes(leases: list[Lease]) -> list[str]:
    return [lease.lane for lease in leases]


async def test_with_nothing_to_do_there_is_nothing_to_claim(store: SqlStore) -> None:
    assert await claim(store, LaneKind.INBOX, *EFFECTS) == []


async def test_sources_with_pending_deliveries_are_claimed_longest_waiting_first(store: SqlStore) -> None:
    for source in ("prom", "grafana", "prom", "aws", "grafana"):
        await deliver(store, source)
    await deliver(store, "prom", tenant="another")
    leases = await claim(store, LaneKind.INBOX)
    assert [(lease.tenant, lease.lane) for lease in leases] == [
        (DEFAULT_TENANT, "prom"),
        (DEFAULT_TENANT, "grafana"),
        (DEFAULT_TENANT, "aws"),
        ("another", "prom"),
    ]
    assert {lease.expires_at for lease in leases} == {NOW + TTL}


async def test_kinds_are_claimed_in_the_order_given_and_no_more_lanes_than_asked_for(store: SqlStore) -> None:
    await decide(store, LaneKind.ROOM, "r1", NOW - MINUTE)
    await decide(store, LaneKind.PAGE, "p2", NOW)
    await decide(store, LaneKind.PAGE, "p1", NOW - SECOND)
    await decide(store, LaneKind.ANNOUNCE, "a1", NOW - MINUTE)
    assert lanes(await claim(store, *EFFECTS, limit=3)) == ["p1", "p2", "r1"]
    assert lanes(await claim(store, *EFFECTS, limit=3)) == ["a1"]


async def test_only_the_kinds_asked_for_are_claimed(store: SqlStore) -> None:
    await decide(store, LaneKind.ROOM, "r1")
    assert await claim(store, LaneKind.PAGE, LaneKind.INBOX) == []


async def test_a_lane_is_due_when_its_head_is(store: SqlStore) -> None:
    await decide(store, LaneKind.ROOM, "blocked", count=2)
    await decide(store, LaneKind.ROOM, "free", NOW + SECOND)
    [lease] = await claim(store, LaneKind.ROOM)
    [head, _] = await store.queue.pending(lease, NOW, limit=10)
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING, lease=lease) as unit:
        await unit.outbox.again(head, NOW + MINUTE, "429", is_unknown=False)
    await store.leases.release(lease)
    # The second effect of the lane is due, but waits for the first; the other lane does not.
    assert lanes(await claim(store, LaneKind.ROOM, now=NOW + SECOND)) == ["free"]
    # By then the other's lease has run out; its head has waited longer.
    assert lanes(await claim(store, LaneKind.ROOM, now=NOW + MINUTE)) == ["free", "blocked"]


async def test_a_lane_that_is_held_is_not_claimed_again_until_it_is_released(store: SqlStore) -> None:
    await deliver(store, "prom")
    [lease] = await claim(store, LaneKind.INBOX)
    assert await claim(store, LaneKind.INBOX) == []
    await store.leases.release(lease)
    [again] = await claim(store, LaneKind.INBOX)
    assert again.token != lease.token
    assert not again.is_takeover


async def test_releasing_wakes_those_who_could_not_have_the_lane(store: SqlStore, topics: list[frozenset[str]]) -> None:
    await deliver(store, "prom")
    await decide(store, LaneKind.PAGE, "p1")
    [page, inbox] = await claim(store, LaneKind.PAGE, LaneKind.INBOX)
    topics.clear()
    await store.leases.release(inbox)
    await store.leases.release(page)
    assert topics == [frozenset({"inbox"}), frozenset({"effects"})]


async def test_a_lane_is_taken_over_when_its_lease_ran_out_and_the_old_token_writes_nothing(store: SqlStore) -> None:
    await deliver(store, "prom")
    [old] = await claim(store, LaneKind.INBOX)
    assert await claim(store, LaneKind.INBOX, now=NOW + TTL - SECOND, owner="two") == []
    [new] = await claim(store, LaneKind.INBOX, now=NOW + TTL, owner="two")
    assert new.is_takeover
    [delivery] = await store.inbox.pending(new, limit=10, limit_bytes=1_000)
    with pytest.raises(LeaseLost):
        async with store.write(DEFAULT_TENANT, Urgency.PROCESSING, lease=old) as unit:
            await unit.deliveries.finish([delivery.seq], NOW)
    assert await store.inbox.pending(new, limit=10, limit_bytes=1_000) == [delivery]
    with pytest.raises(LeaseLost):
        await store.leases.renew(old, NOW, TTL)
    await store.leases.release(old)  # no error, and not the new one's loss
    assert await claim(store, LaneKind.INBOX, now=NOW + TTL) == []
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING, lease=new) as unit:
        await unit.deliveries.finish([delivery.seq], NOW)
    assert await store.inbox.pending(new, limit=10, limit_bytes=1_000) == []


async def test_a_renewed_lease_keeps_the_lane(store: SqlStore) -> None:
    await deliver(store, "prom")
    [lease] = await claim(store, LaneKind.INBOX)
    renewed = await store.leases.renew(lease, NOW + 20 * SECOND, TTL)
    assert renewed.expires_at == NOW + 20 * SECOND + TTL
    assert await claim(store, LaneKind.INBOX, now=NOW + TTL) == []
    assert lanes(await claim(store, LaneKind.INBOX, now=renewed.expires_at)) == ["prom"]


async def test_a_lease_that_ran_out_is_still_held_while_nobody_took_it(store: SqlStore) -> None:
    await deliver(store, "prom")
    [lease] = await claim(store, LaneKind.INBOX)
    late = await store.leases.renew(lease, NOW + MINUTE, TTL)
    assert late.token == lease.token


async def test_letting_every_lease_end_makes_the_next_claims_takeovers(store: SqlStore) -> None:
    await deliver(store, "prom")
    await decide(store, LaneKind.PAGE, "p1")
    await claim(store, LaneKind.PAGE, LaneKind.INBOX)
    await store.leases.expire_all()
    taken = await claim(store, LaneKind.PAGE, LaneKind.INBOX)
    assert [(lease.lane, lease.is_takeover) for lease in taken] == [("p1", True), ("prom", True)]


async def test_a_free_lane_leaves_nothing_behind(store: SqlStore) -> None:
    await deliver(store, "prom")
    for lease in await claim(store, LaneKind.INBOX):
        await store.leases.release(lease)
    async with store.database.read(DEFAULT_TENANT) as work:
        assert await work.rows(select(LeaseRow.__table__)) == []


async def test_replicas_that_claim_at_once_never_get_the_same_lane(store: SqlStore, migrated_url: str) -> None:
    for number in range(60):
        await decide(store, LaneKind.ROOM, f"r{number}")
    async with another(migrated_url) as second, another(migrated_url) as third:
        claims = [
            claim(replica, LaneKind.ROOM, limit=7, owner=owner)
            for _ in range(4)
            for owner, replica in (("one", store), ("two", second), ("three", third))
        ]
        claimed = [lane for leases in await asyncio.gather(*claims) for lane in lanes(leases)]
        while more := await claim(third, LaneKind.ROOM, limit=7):
            claimed += lanes(more)
    assert sorted(claimed) == sorted(f"r{number}" for number in range(60))


async def test_replicas_that_take_over_at_once_never_get_the_same_lane(store: SqlStore, migrated_url: str) -> None:
    for number in range(30):
        await decide(store, LaneKind.ROOM, f"r{number}")
    await claim(store, LaneKind.ROOM)
    async with another(migrated_url) as second:
        claims = [
            claim(replica, LaneKind.ROOM, now=NOW + TTL, limit=limit)
            for limit in (5, 10, 30)
            for replica in (store, second)
        ]
        claimed = [lane for leases in await asyncio.gather(*claims) for lane in lanes(leases)]
        claimed += lanes(await claim(second, LaneKind.ROOM, now=NOW + TTL))
    assert sorted(claimed) == sorted(f"r{number}" for number in range(30))


async def test_a_unit_that_is_committing_keeps_its_lane_and_keeps_nobody_waiting(
    migrated_postgres_url: str,
) -> None:
    async with another(migrated_postgres_url) as store, another(migrated_postgres_url) as second:
        await deliver(store, "prom")
        [lease] = await claim(store, LaneKind.INBOX)
        await deliver(store, "grafana")
        async with store.write(DEFAULT_TENANT, Urgency.PROCESSING, lease=lease):
            taken = await claim(second, LaneKind.INBOX, now=NOW + TTL)
        assert lanes(taken) == ["grafana"]


async def test_a_long_backlog_in_one_lane_hides_no_other(store: SqlStore) -> None:
    await decide(store, LaneKind.ROOM, "busy", NOW - timedelta(hours=1), count=2_000)
    await decide(store, LaneKind.ROOM, "a", NOW)
    await decide(store, LaneKind.ROOM, "z", NOW - MINUTE)
    assert lanes(await claim(store, LaneKind.ROOM)) == ["busy", "z", "a"]


async def test_lanes_that_rest_are_left_alone_and_take_no_other_lanes_place(store: SqlStore) -> None:
    for source in ("prom", "grafana", "aws"):
        await deliver(store, source)
    resting = {(DEFAULT_TENANT, LaneKind.INBOX, "prom"), (DEFAULT_TENANT, LaneKind.INBOX, "grafana")}
    leases = await store.leases.claim((LaneKind.INBOX,), "one", NOW, TTL, limit=1, resting=resting)
    assert lanes(list(leases)) == ["aws"]


async def test_a_lane_that_is_given_back_in_doubt_is_a_takeover_for_the_next(store: SqlStore) -> None:
    await deliver(store, "prom")
    [lease] = await claim(store, LaneKind.INBOX)
    await store.leases.abandon(lease)
    [again] = await claim(store, LaneKind.INBOX, owner="two")
    assert again.is_takeover
    await store.leases.abandon(lease)
    await store.leases.renew(again, NOW, TTL)


async def test_a_lane_can_be_taken_by_name_though_it_has_no_work_but_not_from_who_has_it(store: SqlStore) -> None:
    lane = (DEFAULT_TENANT, LaneKind.INBOX, "prom")
    taken = await store.leases.take(lane, "one", NOW, TTL)
    assert taken is not None
    assert taken.key == lane
    assert not taken.is_takeover
    assert await store.leases.take(lane, "two", NOW, TTL) is None
    await deliver(store, "prom")
    assert await claim(store, LaneKind.INBOX) == []

    late = await store.leases.take(lane, "two", NOW + 2 * TTL, TTL)
    assert late is not None
    assert late.is_takeover
    with pytest.raises(LeaseLost):
        await store.leases.renew(taken, NOW + 2 * TTL, TTL)


@pytest.mark.parametrize("kind", [LaneKind.UPDATE, LaneKind.PAGE])
async def test_a_lane_that_people_wait_for_is_given_back_before_deliveries_are_taken(
    migrated_sqlite_url: str, kind: LaneKind
) -> None:
    committed: list[frozenset[str]] = []
    async with AsyncExitStack() as stack:
        store = await open_store(
            migrated_sqlite_url, SystemClock(), committed.append, secret_keys=SecretKeys(["for tests only"])
        )
        stack.push_async_callback(store.close)
        lease = await store.leases.take((DEFAULT_TENANT, kind, "amira"), "one", NOW, TTL)
        assert lease is not None

        async with store.write(DEFAULT_TENANT, Urgency.COMMAND):
            first = asyncio.create_task(deliver(store, "prom"))
            await asyncio.sleep(0)
            then = asyncio.create_task(store.leases.release(lease))
            await asyncio.sleep(0)
        await asyncio.gather(first, then)

    assert [sorted(topics) for topics in committed if topics] == [[TOPICS[kind]], ["inbox"]]
