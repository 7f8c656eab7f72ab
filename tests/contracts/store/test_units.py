"""Units of work: all or nothing, heard of only when it is there, under a lease or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.domain.access import SYSTEM
from bot.domain.incident import TimerKind
from bot.ports.records import LaneKind, Lease
from bot.ports.store import LeaseLost, Urgency
from storage.engine import UnusableDatabase
from storage.migrate import migrate
from storage.store import SqlStore, open_store
from tests.builders import HOUR, MINUTE, NOW, SECOND
from tests.contracts.conftest import SystemClock
from tests.counterparts.postgres import PostgresServer
from tests.records import a_delivery, a_new_effect, stored

TENANT = "default"


async def test_a_unit_that_fails_leaves_nothing(store: SqlStore, topics: list[frozenset[str]]) -> None:
    async def fail() -> None:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            incident = await stored(unit)
            await unit.outbox.add([a_new_effect()], NOW)
            await unit.timers.set_for(incident.id, {TimerKind.UPDATE: NOW})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert topics == []
    async with store.read(TENANT) as unit:
        assert await unit.incidents.by_number(1, SYSTEM) is None
        assert (await unit.outbox.window("pending")).items == []
    assert await store.timers.due(NOW + HOUR, kinds=list(TimerKind), limit=10) == []


async def test_a_unit_that_is_cancelled_leaves_nothing_and_lets_the_next_one_in(store: SqlStore) -> None:
    written = asyncio.Event()

    async def wait_inside() -> None:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            await stored(unit)
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait_inside())
    await written.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        assert await unit.incidents.by_number(1, SYSTEM) is None
        await stored(unit)


async def test_the_topics_of_a_unit_are_told_once_it_is_committed(
    store: SqlStore, topics: list[frozenset[str]]
) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        await unit.outbox.add([a_new_effect("a"), a_new_effect("b")], NOW)
        await unit.timers.set_for(incident.id, {TimerKind.UPDATE: NOW})
        assert topics == []
    assert topics == [{"effects", "timers"}]


async def test_a_unit_that_only_reads_can_write_nothing(store: SqlStore) -> None:
    with pytest.raises(DBAPIError):
        async with store.read(TENANT) as unit:
            await stored(unit)
    async with store.read(TENANT) as unit:
        assert await unit.incidents.by_number(1, SYSTEM) is None


async def test_a_unit_that_only_reads_sees_one_moment_and_blocks_no_writer(store: SqlStore) -> None:
    async with store.read(TENANT) as unit:
        assert await unit.incidents.by_number(1, SYSTEM) is None
        async with store.write(TENANT, Urgency.COMMAND) as other:
            await stored(other)
        assert await unit.incidents.by_number(1, SYSTEM) is None


async def test_instants_are_given_back_in_utc_whatever_zone_they_came_in(store: SqlStore) -> None:
    dubai = timezone(timedelta(hours=4))
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await stored(unit, opened_at=NOW.astimezone(dubai))
    async with store.read(TENANT) as unit:
        found = await unit.incidents.by_number(1, SYSTEM)
    assert found is not None
    assert found.opened_at == NOW
    assert found.opened_at.tzinfo is UTC


async def test_an_instant_without_a_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(Exception, match="needs a time zone"):
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            await stored(unit, opened_at=NOW.replace(tzinfo=None))


async def claimed(store: SqlStore, now: datetime = NOW, owner: str = "one") -> Lease:
    """Take the lane of source `prom`, which has a delivery."""
    [lease] = await store.leases.claim([LaneKind.INBOX], owner, now, MINUTE, limit=1)
    return lease


async def test_what_is_written_under_a_lease_is_kept(store: SqlStore) -> None:
    await store.inbox.take(a_delivery())
    lease = await claimed(store)
    async with store.write(TENANT, Urgency.PROCESSING, lease=lease) as unit:
        await stored(unit)
    async with store.read(TENANT) as unit:
        assert await unit.incidents.by_number(1, SYSTEM) is not None


async def test_nothing_is_written_under_a_lease_that_was_taken_over_or_given_back(store: SqlStore) -> None:
    await store.inbox.take(a_delivery())
    first = await claimed(store)
    second = await claimed(store, NOW + HOUR, "two")
    with pytest.raises(LeaseLost):
        async with store.write(TENANT, Urgency.PROCESSING, lease=first) as unit:
            await stored(unit)
    await store.leases.release(second)
    with pytest.raises(LeaseLost):
        async with store.write(TENANT, Urgency.PROCESSING, lease=second) as unit:
            await stored(unit)
    async with store.read(TENANT) as unit:
        assert await unit.incidents.by_number(1, SYSTEM) is None


async def test_a_lane_is_not_taken_over_while_someone_writes_under_its_lease(store: SqlStore) -> None:
    await store.inbox.take(a_delivery())
    lease = await claimed(store)
    async with store.write(TENANT, Urgency.PROCESSING, lease=lease) as unit:
        taking = asyncio.create_task(store.leases.claim([LaneKind.INBOX], "two", NOW + HOUR, MINUTE, limit=1))
        await asyncio.sleep(0.1)
        await stored(unit)
    await taking
    async with store.read(TENANT) as unit:
        assert await unit.incidents.by_number(1, SYSTEM) is not None


async def test_the_database_says_what_time_it_is(store: SqlStore) -> None:
    before = datetime.now(UTC)
    said = await store.database_now()
    after = datetime.now(UTC)
    # Both databases run on this machine; SQLite counts milliseconds.
    assert before - timedelta(milliseconds=1) <= said <= after


async def test_the_backlog_says_what_waits(store: SqlStore) -> None:
    await store.inbox.take(a_delivery())
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        page = a_new_effect("p", lane_kind=LaneKind.PAGE)
        await unit.outbox.add([page, a_new_effect("a")], NOW)
        await unit.outbox.add([a_new_effect("b"), a_new_effect("c")], NOW + SECOND)
        await unit.outbox.dead((await unit.outbox.window("pending")).items[0], NOW, "no such room")
        await unit.timers.set_for(incident.id, {TimerKind.UPDATE: NOW, TimerKind.ESCALATE: NOW + HOUR})
    backlog = await store.backlog(NOW + MINUTE)
    assert backlog.deliveries == 1
    assert backlog.lanes == {LaneKind.PAGE: (1, MINUTE), LaneKind.ROOM: (2, MINUTE)}
    assert backlog.dead_effects == 1
    assert backlog.timer_lateness == MINUTE


async def test_an_idle_store_has_no_backlog(store: SqlStore) -> None:
    backlog = await store.backlog(NOW)
    assert (backlog.deliveries, backlog.lanes, backlog.dead_effects) == (0, {}, 0)
    assert backlog.timer_lateness == timedelta()


async def test_a_database_that_is_not_migrated_is_not_opened(database_url: str) -> None:
    with pytest.raises(UnusableDatabase, match="tocsin migrate"):
        await open_store(database_url, SystemClock(), lambda topics: None)


async def test_a_migrated_database_is_found_in_order(store: SqlStore) -> None:
    await store.check()


async def test_an_unknown_tenant_has_no_incidents_and_gets_none(store: SqlStore) -> None:
    with pytest.raises(IntegrityError):
        async with store.write("unknown", Urgency.COMMAND) as unit:
            await stored(unit)


async def test_an_error_does_not_tell_what_was_to_be_written(store: SqlStore) -> None:
    with pytest.raises(IntegrityError) as error:
        async with store.write("unknown", Urgency.COMMAND) as unit:
            await stored(unit, title="hunter2")
    assert "hunter2" not in str(error.value)


async def test_the_sqlite_writer_forgets_nothing_in_a_power_cut(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tocsin.db'}"
    await migrate(url)
    store = await open_store(url, SystemClock(), lambda topics: None)
    async with store.database.write(TENANT, Urgency.COMMAND) as work:
        said = [
            (await work.connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("synchronous", "journal_mode", "foreign_keys")
        ]
    await store.close()
    assert said == [2, "wal", 1]


async def test_only_its_owner_may_read_a_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "var" / "tocsin.db"
    await migrate(f"sqlite:///{path}")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.fixture
async def crashing(start_postgres: Callable[[], PostgresServer]) -> AsyncIterator[tuple[PostgresServer, SqlStore]]:
    """Give a server that may crash and a store that is open on it."""
    server = start_postgres()
    url = server.url(await server.create_database())
    await migrate(url)
    store = await open_store(url, SystemClock(), lambda topics: None)
    yield server, store
    await store.close()


async def test_a_database_that_goes_away_is_a_lost_connection_and_comes_back(
    crashing: tuple[PostgresServer, SqlStore],
) -> None:
    server, store = crashing
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await stored(unit)

    async def crash_within() -> None:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            server.crash()
            await stored(unit, 2)

    with pytest.raises(ConnectionError):
        await crash_within()
    with pytest.raises(ConnectionError):
        await store.check()
    server.start()
    await store.check()
    async with store.read(TENANT) as unit:
        assert await unit.incidents.by_number(1, SYSTEM) is not None
        assert await unit.incidents.by_number(2, SYSTEM) is None
