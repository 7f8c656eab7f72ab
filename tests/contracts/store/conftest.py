"""What several tests of the memory get."""

from pathlib import Path

import pytest

from storage.backup import backup
from tests.contracts.store.another import another
from tests.contracts.store.copies import deliver


@pytest.fixture
async def copy(migrated_sqlite_url: str, tmp_path: Path) -> Path:
    """Give a copy of a database that holds one delivery."""
    async with another(migrated_sqlite_url) as store:
        await deliver(store, b"first")
    await backup(migrated_sqlite_url, tmp_path / "copy.db")
    return tmp_path / "copy.db"
