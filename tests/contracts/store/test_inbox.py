"""The inbox: what was acknowledged is on disk, in the order of receipt, at the price of few commits."""

import asyncio
import sys

import pytest
from sqlalchemy import event

from bot.ports.records import LaneKind, Lease, NewDelivery
from bot.ports.store import DEFAULT_TENANT, LeaseLost, Overloaded, Urgency
from storage.inbox import GroupCommitInbox, InboxLimits
from storage.store import SqlStore
from tests.builders import NOW, SECOND
from tests.contracts.store.another import another

LANE = Lease(DEFAULT_TENANT, LaneKind.INBOX, "prom", "", NOW)


def a_delivery(body: bytes = b"{}", source: str = "prom") -> NewDelivery:
    return NewDelivery(DEFAULT_TENANT, source, "alertmanager", body, NOW)


async def bodies(store: SqlStore, lease: Lease = LANE, limit: int = 10_000, limit_bytes: int = 10**9) -> list[bytes]:
    return [one.body for one in await store.inbox.pending(lease, limit=limit, limit_bytes=limit_bytes)]


def commits_of(store: SqlStore) -> list[str]:
    """Return a list that grows with every commit of the inbox from now on."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "INSERT INTO inbox_bodies" in statement:
            seen.append(statement)

    event.listen(store.database.engines.writer.sync_engine, "before_cursor_execute", note)
    return seen


async def test_a_delivery_is_given_back_as_it_came(store: SqlStore) -> None:
    delivery_id = await store.inbox.take(a_delivery(b"\x00\xff{not json"))
    [found] = await store.inbox.pending(LANE, limit=10, limit_bytes=1_000)
    assert (found.id, found.body, found.received_at) == (delivery_id, b"\x00\xff{not json", NOW)
    assert (found.tenant, found.source, found.kind, found.attempts) == (DEFAULT_TENANT, "prom", "alertmanager", 0)


async def test_deliveries_come_in_the_order_in_which_they_were_taken(store: SqlStore) -> None:
    wanted = [str(number).encode() for number in range(500)]
    await asyncio.gather(*(store.inbox.take(a_delivery(body)) for body in wanted))
    assert await bodies(store) == wanted


async def test_deliveries_that_arrive_together_share_commits(store: SqlStore) -> None:
    commits = commits_of(store)
    ids = await asyncio.gather(*(store.inbox.take(a_delivery(b"x" * 1_000)) for _ in range(480)))
    assert len(set(ids)) == 480
    assert len(commits) == 480 / InboxLimits().commit_rows


async def test_a_commit_holds_no_more_than_its_bytes_but_any_one_delivery(store: SqlStore) -> None:
    inbox = GroupCommitInbox(store.database, InboxLimits(commit_bytes=1_000))
    commits = commits_of(store)
    await asyncio.gather(*(inbox.take(a_delivery(b"x" * size)) for size in (5_000, 400, 400, 400)))
    assert len(commits) == 3  # the large one, two small ones, the last one
    assert [len(body) for body in await bodies(store)] == [5_000, 400, 400, 400]


async def test_lanes_do_not_see_one_another(store: SqlStore) -> None:
    await store.inbox.take(a_delivery(b"ours"))
    await store.inbox.take(a_delivery(b"another source", source="grafana"))
    await store.inbox.take(NewDelivery("another", "prom", "alertmanager", b"another tenant", NOW))
    assert await bodies(store) == [b"ours"]


async def test_pending_keeps_to_its_limits_but_gives_at_least_one(store: SqlStore) -> None:
    for size in (100, 100, 100):
        await store.inbox.take(a_delivery(b"x" * size))
    assert len(await bodies(store, limit=2)) == 2
    assert len(await bodies(store, limit_bytes=250)) == 2
    assert len(await bodies(store, limit_bytes=200)) == 2
    assert len(await bodies(store, limit_bytes=1)) == 1


async def test_what_was_taken_when_it_was_asked_for_is_left_out_though_it_be_written_meanwhile(store: SqlStore) -> None:
    for body in (b"one", b"two", b"three"):
        await store.inbox.take(a_delivery(body))
    first, *_ = await store.inbox.pending(LANE, limit=10, limit_bytes=1_000)
    taken = {first.seq}
    asked = asyncio.ensure_future(store.inbox.pending(LANE, taken=taken, limit=10, limit_bytes=1_000))
    await asyncio.sleep(0)  # it has been asked, and may have begun to look
    taken.clear()
    assert [one.body for one in await asked] == [b"two", b"three"]


async def test_no_delivery_is_worked_through_twice(store: SqlStore) -> None:
    await store.inbox.take(a_delivery())
    [one] = await store.inbox.pending(LANE, limit=10, limit_bytes=1_000)
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.deliveries.finish([one.seq], NOW)
    with pytest.raises(LeaseLost):
        async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
            await unit.deliveries.finish([one.seq], NOW)


async def test_what_is_done_or_set_aside_is_pending_no_more_until_it_is_replayed(store: SqlStore) -> None:
    for body in (b"done", b"broken", b"waiting"):
        await store.inbox.take(a_delivery(body))
    done, broken, _ = await store.inbox.pending(LANE, limit=10, limit_bytes=1_000)
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.deliveries.finish([done.seq], NOW)
        await unit.deliveries.quarantine(broken.seq, NOW, "not JSON", "shape")
    assert await bodies(store) == [b"waiting"]
    async with store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
        await unit.deliveries.replay()
    assert await bodies(store) == [b"broken", b"waiting"]


async def test_every_commit_says_that_the_inbox_has_something(store: SqlStore, topics: list[frozenset[str]]) -> None:
    await store.inbox.take(a_delivery())
    assert topics == [frozenset({"inbox"})]


async def test_a_caller_who_gives_up_breaks_no_other(store: SqlStore) -> None:
    async with store.database.gate.turn(Urgency.COMMAND):  # so that all of them wait
        takes = [asyncio.create_task(store.inbox.take(a_delivery(str(number).encode()))) for number in range(5)]
        await asyncio.sleep(0)
        takes[0].cancel()
        takes[3].cancel()
        await asyncio.sleep(0)
    results = await asyncio.gather(*takes, return_exceptions=True)
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [True, False, False, True, False]
    stored = await bodies(store)
    assert [body for body in stored if body in {b"1", b"2", b"4"}] == [b"1", b"2", b"4"]


async def test_a_commit_that_fails_fails_all_of_its_callers_and_the_next_goes_on(store: SqlStore) -> None:
    def refuse(*_: object) -> None:
        raise OSError("the disk is full")

    engine = store.database.engines.writer.sync_engine
    event.listen(engine, "commit", refuse)
    results = await asyncio.gather(*(store.inbox.take(a_delivery(b"lost")) for _ in range(3)), return_exceptions=True)
    assert [str(result) for result in results] == ["the disk is full"] * 3
    event.remove(engine, "commit", refuse)
    await store.inbox.take(a_delivery(b"kept"))
    assert await bodies(store) == [b"kept"]


async def test_more_than_may_wait_in_memory_is_refused_and_room_is_made_by_the_commit(store: SqlStore) -> None:
    inbox = GroupCommitInbox(store.database, InboxLimits(waiting_rows=2, waiting_bytes=1_000))
    results = await asyncio.gather(*(inbox.take(a_delivery()) for _ in range(3)), return_exceptions=True)
    assert [isinstance(result, Overloaded) for result in results] == [False, False, True]
    with pytest.raises(Overloaded):
        await inbox.take(a_delivery(b"x" * 1_001))
    await inbox.take(a_delivery())
    assert len(await bodies(store)) == 3


async def test_more_than_may_wait_on_disk_is_refused_until_it_was_processed(store: SqlStore) -> None:
    inbox = GroupCommitInbox(store.database, InboxLimits(pending_rows=4))
    for _ in range(4):
        await taken_at_last(inbox)
    with pytest.raises(Overloaded):
        await inbox.take(a_delivery())
    pending = await store.inbox.pending(LANE, limit=10, limit_bytes=1_000)
    assert len(pending) == 4
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.deliveries.finish([one.seq for one in pending], NOW + SECOND)
    await taken_at_last(inbox)


async def test_a_backlog_from_before_the_start_counts(store: SqlStore) -> None:
    await asyncio.gather(*(store.inbox.take(a_delivery()) for _ in range(20)))
    inbox = GroupCommitInbox(store.database, InboxLimits(pending_rows=10))
    await inbox.take(a_delivery())
    await inbox.close()  # the count is through
    with pytest.raises(Overloaded):
        await inbox.take(a_delivery())


async def taken_at_last(inbox: GroupCommitInbox) -> str:
    """Try as a sender would who is told to come again."""
    while True:
        try:
            return await inbox.take(a_delivery())
        except Overloaded:
            await asyncio.sleep(0.05)


async def test_closing_stores_what_waits(migrated_url: str) -> None:
    async with another(migrated_url) as store:
        takes = [asyncio.create_task(store.inbox.take(a_delivery())) for _ in range(200)]
        await asyncio.sleep(0)
    assert len({await take for take in takes}) == 200
    async with another(migrated_url) as store:
        assert len(await bodies(store)) == 200


TAKES_UNTIL_KILLED = """
import asyncio, sys
from datetime import UTC, datetime
from bot.clock import DatabaseClock
from bot.ports.records import NewDelivery
from storage.store import open_store

async def sender(store):
    while True:
        taken = await store.inbox.take(NewDelivery("default", "prom", "alertmanager", b"x" * 25_000, datetime.now(UTC)))
        print(taken, flush=True)

async def main():
    store = await open_store(sys.argv[1], DatabaseClock(), lambda topics: None)
    await asyncio.gather(*(sender(store) for _ in range(20)))

asyncio.run(main())
"""


async def test_a_killed_process_loses_nothing_that_it_acknowledged(store: SqlStore, migrated_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", TAKES_UNTIL_KILLED, migrated_url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    acknowledged = {(await process.stdout.readline()).decode().strip() for _ in range(300)}
    process.kill()
    rest = (await process.stdout.read()).decode()
    await process.wait()
    acknowledged |= {line for line in rest.split("\n")[:-1] if len(line) == 32}
    assert len(acknowledged) >= 300
    pending = await store.inbox.pending(LANE, limit=100_000, limit_bytes=10**9)
    assert acknowledged <= {one.id for one in pending}
    assert all(len(one.body) == 25_000 for one in pending)
