"""Restore: a copy in the place of the database, which is never half replaced, and never while it is in use."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import restore
from storage.engine import UnusableDatabase
from tests.contracts.store.another import another
from tests.contracts.store.copies import deliver, delivered, file_of, holding_open, names_in, of_another_program, url_of


async def test_a_restored_database_is_as_it_was_and_the_old_one_is_kept(migrated_sqlite_url: str, copy: Path) -> None:
    async with another(migrated_sqlite_url) as store:
        await deliver(store, b"after the copy")
    told = await restore(copy, migrated_sqlite_url)
    kept = file_of(migrated_sqlite_url).with_name("tocsin.db.before-restore-1")
    assert str(kept) in told
    assert await delivered(migrated_sqlite_url) == [b"first"]
    assert await delivered(url_of(kept)) == [b"first", b"after the copy"]
    await restore(copy, migrated_sqlite_url)
    assert kept.with_name("tocsin.db.before-restore-2").exists()


async def test_a_copy_is_restored_where_nothing_was(copy: Path, tmp_path: Path) -> None:
    url = url_of(tmp_path / "new" / "tocsin.db")
    await restore(copy, url)
    assert await delivered(url) == [b"first"]
    assert names_in(tmp_path / "new") == ["tocsin.db"]
    assert stat.S_IMODE(file_of(url).stat().st_mode) == 0o600


async def test_a_database_in_use_is_not_replaced(migrated_sqlite_url: str, copy: Path) -> None:
    process = await holding_open(migrated_sqlite_url)
    try:
        before = file_of(migrated_sqlite_url).stat().st_ino
        with pytest.raises(UnusableDatabase, match="is in use; stop Tocsin first"):
            await restore(copy, migrated_sqlite_url)
        assert file_of(migrated_sqlite_url).stat().st_ino == before
    finally:
        process.kill()
        await process.wait()
    await restore(copy, migrated_sqlite_url)  # what was killed holds nothing


async def test_a_copy_by_a_newer_tocsin_is_refused(migrated_sqlite_url: str, copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnusableDatabase, match=r"newer Tocsin \(schema 9999, known here up to \d+\)"):
        await restore(copy, migrated_sqlite_url)
    assert await delivered(migrated_sqlite_url) == [b"first"]


async def test_a_database_of_another_program_is_no_copy_of_ours(migrated_sqlite_url: str, tmp_path: Path) -> None:
    of_another_program(tmp_path / "copy.db")
    with pytest.raises(UnusableDatabase, match="not a copy of a Tocsin database"):
        await restore(tmp_path / "copy.db", migrated_sqlite_url)
    assert await delivered(migrated_sqlite_url) == []


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
async def test_what_is_no_copy_of_ours_is_refused(content: bytes, migrated_sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_bytes(content)
    with pytest.raises(UnusableDatabase, match="not a copy of a Tocsin database"):
        await restore(tmp_path / "copy.db", migrated_sqlite_url)
    assert await delivered(migrated_sqlite_url) == []


async def test_a_damaged_copy_is_refused(migrated_sqlite_url: str, copy: Path) -> None:
    with copy.open("r+b") as file:
        file.seek(10 * 8192)
        file.write(b"\xff" * 8192 * 10)
    with pytest.raises(UnusableDatabase, match=r"copy\.db (is damaged|can't be copied|is not)"):
        await restore(copy, migrated_sqlite_url)
    assert await delivered(migrated_sqlite_url) == [b"first"]


async def test_a_database_is_no_copy_of_itself(migrated_sqlite_url: str) -> None:
    with pytest.raises(UnusableDatabase, match="is the database itself"):
        await restore(file_of(migrated_sqlite_url), migrated_sqlite_url)


async def test_a_broken_database_can_be_replaced_and_its_log_goes_with_it(migrated_sqlite_url: str, copy: Path) -> None:
    broken = file_of(migrated_sqlite_url)
    broken.write_bytes(b"no database any more" * 1_000)
    broken.with_name("tocsin.db-wal").write_bytes(b"of the broken one")
    await restore(copy, migrated_sqlite_url)
    assert await delivered(migrated_sqlite_url) == [b"first"]
    assert broken.with_name("tocsin.db.before-restore-1-wal").read_bytes() == b"of the broken one"
