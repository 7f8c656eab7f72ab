"""What chats report is stored once, and its lane is leased in the commit that stores it."""

from collections.abc import Sequence

from bot.ports.chat_updates import Update
from bot.ports.records import LaneKind, Lease
from bot.ports.store import DEFAULT_TENANT
from storage.store import SqlStore
from tests.builders import NOW, SECOND

TTL = 30 * SECOND


def report(key: str, lane: str = "amira", chat: str = "telegram") -> Update:
    return Update(chat, lane, key, {"said": key}, NOW)


async def take(store: SqlStore, *reports: Update, limit: int = 10) -> Sequence[Lease]:
    return await store.updates(DEFAULT_TENANT).take(reports, "us", NOW, TTL, limit=limit)


async def claim(store: SqlStore) -> list[tuple[str, bool]]:
    leases = await store.leases.claim([LaneKind.UPDATE], "others", NOW, TTL, limit=10)
    return [(lease.lane, lease.is_takeover) for lease in leases]


async def test_who_stores_an_update_may_handle_it_at_once_and_nobody_else(
    store: SqlStore, topics: list[frozenset[str]]
) -> None:
    [lease] = await take(store, report("1"), report("2"))

    assert await store.updates(DEFAULT_TENANT).pending(lease, limit=10) == [report("1"), report("2")]
    assert (lease.lane, lease.expires_at, lease.is_takeover) == ("telegram:amira", NOW + TTL, False)
    assert await claim(store) == []
    assert not any("updates" in touched for touched in topics), "others were told of work that they can't have"


async def test_what_comes_into_a_lane_that_somebody_holds_is_left_to_them(
    store: SqlStore, topics: list[frozenset[str]]
) -> None:
    [lease] = await take(store, report("1"))

    assert await take(store, report("2")) == []

    assert [one.key for one in await store.updates(DEFAULT_TENANT).pending(lease, limit=10)] == ["1", "2"]
    assert "updates" in topics[-1]


async def test_a_lane_in_doubt_is_left_to_whoever_takes_it_over(store: SqlStore) -> None:
    [lease] = await take(store, report("1"))
    await store.leases.abandon(lease)

    assert await take(store, report("2")) == []

    assert await claim(store) == [("telegram:amira", True)]


async def test_no_more_lanes_are_leased_than_can_be_worked_on_and_the_others_are_announced(
    store: SqlStore, topics: list[frozenset[str]]
) -> None:
    leases = await take(store, report("1"), report("2", "omar"), report("3", chat="slack"), limit=1)

    assert len(leases) == 1
    assert "updates" in topics[-1]
    assert len(await claim(store)) == 2
    assert await take(store, report("4", "lena"), limit=0) == []
    assert await claim(store) == [("telegram:lena", False)]


async def test_an_update_that_is_delivered_again_is_stored_once_and_gives_nobody_its_lane(store: SqlStore) -> None:
    [lease] = await take(store, report("1"))
    await store.updates(DEFAULT_TENANT).finish(lease, report("1"), NOW)
    await store.leases.release(lease)

    assert await take(store, report("1")) == []
    assert await claim(store) == []
