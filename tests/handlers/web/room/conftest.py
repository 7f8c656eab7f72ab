"""What the tests of the pages share."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage.migrate import migrate
from tests.handlers.web.room.visiting import DATABASE, Place, visiting


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once for all tests."""
    path = tmp_path_factory.mktemp("migrated") / DATABASE
    await migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def folder(tmp_path: Path, migrated: Path) -> Path:
    """A folder with an empty database of one's own."""
    shutil.copy(migrated, tmp_path / DATABASE)
    return tmp_path


@pytest_asyncio.fixture
async def place(folder: Path) -> AsyncIterator[Place]:
    """The pages of Acme AI on loopback, where nobody needs a login."""
    async with visiting(folder) as opened:
        yield opened
