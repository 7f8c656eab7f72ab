"""Migrations: they lead to the tables as declared, all of them or none, and once."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from storage.engine import Engines, UnusableDatabase, make_engines
from storage.migrate import migrate, pending
from storage.tables import METADATA, Instant, Json

# It dies in the middle: four tables are made by then, and more than one revision is written down.
MIGRATES_AND_HANGS = """
import asyncio, sys, time
from sqlalchemy import event
from sqlalchemy.engine import Engine
from storage.migrate import migrate

@event.listens_for(Engine, "after_cursor_execute")
def stop_midway(connection, cursor, statement, *rest):
    if statement.lstrip().startswith("CREATE TABLE outbox"):
        print("midway", flush=True)
        time.sleep(600)

asyncio.run(migrate(sys.argv[1]))
"""


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[Engines]:
    """Give engines on the test's database; no connection is made before one is asked for."""
    made = make_engines(database_url)
    yield made
    await made.close()


async def tables_of(engines: Engines) -> set[str]:
    async with engines.reader.connect() as connection:
        return set(await connection.run_sync(lambda inner: inspect(inner).get_table_names()))


async def test_migrating_an_empty_database_makes_the_tables_as_declared(database_url: str, engines: Engines) -> None:
    await migrate(database_url)

    def differences(connection: Connection) -> Any:
        return compare_metadata(MigrationContext.configure(connection), METADATA)

    async with engines.reader.connect() as connection:
        found = await connection.run_sync(differences)
    assert found == []


async def test_what_is_pending_is_named_until_it_is_applied(database_url: str) -> None:
    assert list(await pending(database_url)) == [
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
        "0007",
        "0008",
        "0011",
        "0012",
        "0013",
        "0014",
        "0015",
        "0016",
    ]
    await migrate(database_url)
    assert await pending(database_url) == ()


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    await migrate(database_url)
    assert await pending(database_url) == ()


async def test_replicas_that_start_together_migrate_once(database_url: str) -> None:
    await asyncio.gather(*(migrate(database_url) for _ in range(5)))
    assert await pending(database_url) == ()


async def test_a_database_of_a_newer_tocsin_is_left_alone(database_url: str, engines: Engines) -> None:
    await migrate(database_url)
    async with engines.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    await migrate(database_url)
    assert await pending(database_url) == ()


async def test_a_migration_killed_midway_leaves_the_old_schema_and_the_next_one_succeeds(
    database_url: str, engines: Engines
) -> None:
    process = subprocess.Popen(  # noqa: ASYNC220 - nothing else waits in this test
        [sys.executable, "-c", MIGRATES_AND_HANGS, database_url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "midway\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert await tables_of(engines) == set()
    await migrate(database_url)
    assert await tables_of(engines) == {*METADATA.tables, "alembic_version"}


@pytest.mark.parametrize("table", ["audit", "timeline"])
@pytest.mark.parametrize("change", ["UPDATE {table} SET actor = 'nobody'", "DELETE FROM {table}"])
async def test_the_database_refuses_to_change_what_was_recorded(
    database_url: str, engines: Engines, table: str, change: str
) -> None:
    await migrate(database_url)
    async with engines.writer.begin() as connection:
        await connection.execute(text("INSERT INTO tenants (name, created_at) SELECT 'acme', " + _now(engines)))
        for name in ("incidents", table):
            await connection.execute(_blank_row(METADATA.tables[name], engines))
    with pytest.raises(DBAPIError, match="append-only"):
        async with engines.writer.begin() as connection:
            await connection.execute(text(change.format(table=table)))


def _now(engines: Engines) -> str:
    return "0" if engines.is_sqlite else "now()"


def _blank_row(table: Table, engines: Engines) -> Any:
    values: dict[str, str] = {}
    for column in table.columns:
        if column.nullable or column.name == "seq":
            continue
        if column.name in {"tenant", "id", "incident"}:
            values[column.name] = "'acme'"
        elif isinstance(column.type, Instant):
            values[column.name] = _now(engines)
        elif isinstance(column.type, Json):
            values[column.name] = "'{}'"
        else:
            values[column.name] = "'1'"
    names = ", ".join(f'"{name}"' for name in values)
    return text(f"INSERT INTO {table.name} ({names}) VALUES ({', '.join(values.values())})")  # noqa: S608


async def test_a_database_without_a_file_is_refused_with_a_remedy() -> None:
    with pytest.raises(UnusableDatabase, match="forgets everything"):
        make_engines("sqlite://")


async def test_another_kind_of_database_is_refused_by_its_name() -> None:
    with pytest.raises(UnusableDatabase, match="mysql"):
        make_engines("mysql://localhost/tocsin")


async def test_a_broken_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(UnusableDatabase) as refusal:
        make_engines("postgresql:/me:hunter2@nowhere")
    assert "hunter2" not in str(refusal.value)
