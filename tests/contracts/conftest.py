"""The databases that every promise about storage is checked against."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from storage.migrate import migrate
from storage.secrets import SecretKeys
from storage.store import SqlStore, open_store
from storage.tables import METADATA
from tests.counterparts.postgres import PostgresServer

KINDS = ["sqlite", "postgresql"]


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tocsin.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=KINDS)
def migrated_url(request: pytest.FixtureRequest) -> str:
    """Give the address of a migrated database without a row, once of each kind."""
    url: str = request.getfixturevalue("migrated_sqlite_url" if request.param == "sqlite" else "migrated_postgres_url")
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated file to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "tocsin.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def migrated_sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the address of a copy of the migrated file."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'tocsin.db')}"


@pytest.fixture(scope="session")
def postgres_to_wipe(postgres_server: PostgresServer) -> str:
    """Give the address of a migrated database that tests use one after another."""

    async def make() -> str:
        url = postgres_server.url(await postgres_server.create_database())
        await migrate(url)
        return url

    return asyncio.run(make())


@pytest.fixture
async def migrated_postgres_url(postgres_to_wipe: str) -> str:
    """Give the address of the migrated database, wiped: making another would take twenty times as long."""
    connection = await asyncpg.connect(postgres_to_wipe)
    try:
        # A replica is not told by triggers that the audit is never to be deleted, nor by foreign keys in what order.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("; ".join(f'DELETE FROM "{table}"' for table in METADATA.tables))  # noqa: S608
    finally:
        await connection.close()
    return postgres_to_wipe


@pytest.fixture
def topics() -> list[frozenset[str]]:
    """Give the list to which every commit of `store` adds the topics that it touched."""
    return []


@pytest.fixture
async def store(migrated_url: str, topics: list[frozenset[str]]) -> AsyncIterator[SqlStore]:
    """Give an open store on a database of its own, once of each kind."""
    opened = await open_store(
        migrated_url, SystemClock(), topics.append, secret_keys=SecretKeys(["a key for tests only"])
    )
    topics.clear()
    yield opened
    await opened.close()
