"""What the tests of handlers share."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage.migrate import migrate
from tests.handlers.delivering import Works
from tests.handlers.postmortems import resolved
from tests.handlers.talking import Talk, talking


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database with nothing in it, to be copied: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("empty") / "tocsin.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture
def sqlite_url(empty_database: Path, tmp_path: Path) -> str:
    """The address of an empty SQLite database."""
    return f"sqlite:///{shutil.copy(empty_database, tmp_path / 'tocsin.db')}"


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """Acme AI on SQLite, whose people write lines to Tocsin."""
    async with talking(sqlite_url) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def either_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tocsin.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest_asyncio.fixture
async def asked(talk: Talk) -> AsyncIterator[Talk]:
    """INC-1, which omar has looked after and resolved: its postmortem asks him."""
    await resolved(talk)
    yield talk


@pytest.fixture
async def works(talk: Talk) -> Works:
    """INC-1 has been declared and calls amira; nothing of it has been told."""
    await talk.done("lina", 'declare "Down" --sev 1 --service inference-gateway')
    return Works(talk)
