"""What is written into a file that has lost its name is lost with the process: a store that has such a file says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.ports.store import DatabaseMoved
from tests.contracts.store.another import another


def moved(database: Path) -> None:
    database.rename(database.with_name("elsewhere.db"))


def replaced(database: Path) -> None:
    copy = database.with_name("copy.db")
    copy.write_bytes(database.read_bytes())
    copy.replace(database)


def folder_moved(database: Path) -> None:
    database.parent.rename(database.parent.with_name(f"{database.parent.name}-old"))


@pytest.mark.parametrize("happens", [Path.unlink, moved, replaced, folder_moved], ids=lambda happens: happens.__name__)
async def test_a_database_whose_file_is_no_longer_under_its_name_is_not_well(
    happens: Callable[[Path], None], migrated_sqlite_url: str
) -> None:
    database = Path(migrated_sqlite_url.removeprefix("sqlite:///"))
    async with another(migrated_sqlite_url) as store:
        await store.check()
        happens(database)
        with pytest.raises(DatabaseMoved, match=f"{database} is no longer the file that is open"):
            await store.check()


async def test_a_database_that_is_put_back_is_well_again(migrated_sqlite_url: str) -> None:
    database = Path(migrated_sqlite_url.removeprefix("sqlite:///"))
    async with another(migrated_sqlite_url) as store:
        moved(database)
        with pytest.raises(DatabaseMoved):
            await store.check()
        database.with_name("elsewhere.db").rename(database)
        await store.check()


async def test_a_link_to_the_file_may_be_its_name(migrated_sqlite_url: str) -> None:
    database = Path(migrated_sqlite_url.removeprefix("sqlite:///"))
    database.with_name("link.db").symlink_to(database)
    async with another(f"sqlite:///{database.with_name('link.db')}") as store:
        await store.check()
