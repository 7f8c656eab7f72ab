"""Clearing out: the oldest rows are found by their key, and only what is done with can be deleted."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import event, text

from bot.domain.retention import Shelf, Standing
from bot.ports.chat_updates import Update
from bot.ports.records import NewDelivery
from bot.ports.store import DEFAULT_TENANT, Urgency
from storage.store import SqlStore, open_store
from tests.builders import NOW, SECOND
from tests.contracts.conftest import SystemClock
from tests.records import a_delivery, a_new_effect, a_receipt


async def keys_of(store: SqlStore, shelf: Shelf) -> dict[int | str, Standing]:
    return {one.key: one.standing for one in await store.retention(DEFAULT_TENANT).oldest(shelf, None, limit=100)}


async def test_deliveries_are_seen_oldest_first_with_size_and_standing(store: SqlStore) -> None:
    retention = store.retention(DEFAULT_TENANT)
    for number in range(4):
        await store.inbox.take(a_delivery(body=b"x" * (10 + number), received_at=NOW + number * SECOND))
    seqs = list(await keys_of(store, Shelf.DELIVERIES))
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.deliveries.finish([int(seqs[0])], NOW)
        await unit.deliveries.quarantine(int(seqs[1]), NOW, "not JSON", "no json")

    first = await retention.oldest(Shelf.DELIVERIES, None, limit=2)
    rest = await retention.oldest(Shelf.DELIVERIES, first[-1].key, limit=10)

    assert [(one.at, one.standing, one.size_bytes) for one in [*first, *rest]] == [
        (NOW, Standing.DONE, 10),
        (NOW + SECOND, Standing.SET_ASIDE, 11),
        (NOW + 2 * SECOND, Standing.OPEN, 12),
        (NOW + 3 * SECOND, Standing.OPEN, 13),
    ]
    assert await retention.weight() == 46


async def test_a_deleted_delivery_takes_its_body_with_it_and_one_that_waits_stays(store: SqlStore) -> None:
    for _ in range(2):
        await store.inbox.take(a_delivery(body=b"x" * 10))
    done, waiting = await keys_of(store, Shelf.DELIVERIES)
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.deliveries.finish([int(done)], NOW)

    assert await store.retention(DEFAULT_TENANT).drop(Shelf.DELIVERIES, [done, waiting]) == 1

    assert await keys_of(store, Shelf.DELIVERIES) == {waiting: Standing.OPEN}
    async with store.database.read("") as work:
        assert [row["seq"] for row in await work.rows(text("SELECT seq FROM inbox_bodies"))] == [waiting]
    assert await store.retention(DEFAULT_TENANT).weight() == 10


async def test_another_tenants_rows_are_not_seen_and_not_deleted(store: SqlStore) -> None:
    await store.inbox.take(NewDelivery("another", "prom", "alertmanager", b"{}", NOW))
    await store.inbox.take(a_delivery())
    [ours] = await keys_of(store, Shelf.DELIVERIES)
    theirs = [one.key for one in await store.retention("another").oldest(Shelf.DELIVERIES, None, limit=9)]
    assert ours not in theirs
    assert await store.retention(DEFAULT_TENANT).weight() == 2
    assert await store.retention(DEFAULT_TENANT).drop(Shelf.DELIVERIES, theirs) == 0


async def test_lines_go_once_they_are_answered(store: SqlStore) -> None:
    answered, waiting = a_receipt("k1"), a_receipt("k2")
    async with store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
        await unit.commands.take(answered)
        await unit.commands.take(waiting)
        await unit.commands.answered(answered.id, {"ok": True})
    assert await keys_of(store, Shelf.LINES) == {answered.id: Standing.DONE, waiting.id: Standing.OPEN}
    assert await store.retention(DEFAULT_TENANT).drop(Shelf.LINES, [answered.id, waiting.id]) == 1
    assert await keys_of(store, Shelf.LINES) == {waiting.id: Standing.OPEN}


async def test_effects_go_once_they_are_done_and_never_when_they_were_given_up(store: SqlStore) -> None:
    async with store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
        await unit.outbox.add([a_new_effect("e1"), a_new_effect("e2"), a_new_effect("e3")], NOW)
        effects = sorted((await unit.outbox.window("pending")).items, key=lambda effect: effect.seq)
        await unit.outbox.done(effects[0], NOW)
        await unit.outbox.dead(effects[1], NOW, "no such room")
    await store.retention(DEFAULT_TENANT).drop(Shelf.EFFECTS, [effect.seq for effect in effects])
    assert set(await keys_of(store, Shelf.EFFECTS)) == {effects[1].seq, effects[2].seq}


async def test_updates_go_once_they_were_handled(store: SqlStore) -> None:
    updates = store.updates(DEFAULT_TENANT)
    reports = [Update("slack", "C1", f"k{number}", {}, NOW) for number in range(3)]
    [lease] = await updates.take(reports, "us", SystemClock().now(), 60 * SECOND, limit=1)
    first, second, _ = await updates.pending(lease, limit=3)
    await updates.finish(lease, first, NOW)
    await updates.finish(lease, second, NOW, error="unknown shape")
    found = await keys_of(store, Shelf.UPDATES)
    assert list(found.values()) == [Standing.DONE, Standing.SET_ASIDE, Standing.OPEN]
    assert await store.retention(DEFAULT_TENANT).drop(Shelf.UPDATES, list(found)) == 2


async def test_it_goes_by_primary_keys_alone(migrated_sqlite_url: str) -> None:
    store = await open_store(migrated_sqlite_url, SystemClock(), lambda topics: None)
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if not statement.startswith("PRAGMA"):
            asked.append((statement, parameters))

    engines = store.database.engines
    try:
        for engine in (engines.reader, engines.writer):
            event.listen(engine.sync_engine, "before_cursor_execute", note)
        for shelf in Shelf:
            beyond: int | str = "0" if shelf in {Shelf.LINES, Shelf.CHANGES} else 1
            await store.retention(DEFAULT_TENANT).oldest(shelf, beyond, limit=10)
            await store.retention(DEFAULT_TENANT).drop(shelf, [beyond])
        steps = []
        statements, asked = asked, []
        async with store.database.read(DEFAULT_TENANT) as work:
            for statement, parameters in statements:
                plan = await work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
                steps += [str(row.detail) for row in plan]
    finally:
        await store.close()
    assert len(statements) == 2 * len(Shelf)
    assert not [step for step in steps if step.startswith("SCAN") and "listed" not in step], steps
    assert not [step for step in steps if "TEMP B-TREE" in step], steps


async def test_what_is_free_in_the_file_goes_back_to_the_disk_when_it_is_much(migrated_sqlite_url: str) -> None:
    store = await open_store(migrated_sqlite_url, SystemClock(), lambda topics: None)
    retention = store.retention(DEFAULT_TENANT)
    try:
        assert await retention.give_back() == 0
        for _ in range(10):
            await store.inbox.take(a_delivery(body=b"x" * 8_000_000))
        seqs = list(await keys_of(store, Shelf.DELIVERIES))
        async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
            await unit.deliveries.finish([int(seq) for seq in seqs], NOW)
        await retention.drop(Shelf.DELIVERIES, seqs)
        before = await pages(store)
        freed = 0
        while given := await retention.give_back():
            freed += given
        assert freed > 0
        assert await pages(store) == before - freed // 8192
        await store.inbox.take(a_delivery())
        assert await retention.weight() == 2
    finally:
        await store.close()
    with closing(sqlite3.connect(Path(migrated_sqlite_url.removeprefix("sqlite:///")))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def pages(store: SqlStore) -> int:
    async with store.database.read("") as work:
        return int((await work.connection.execute(text("PRAGMA page_count"))).scalar_one())
