"""Backup: a copy of one moment while others write, which takes the place of an older copy and of nothing else."""

import asyncio
import os
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import backup, restore
from storage.engine import UnusableDatabase
from tests.contracts.store.another import another
from tests.contracts.store.copies import (
    deliver,
    delivered,
    digest,
    file_of,
    holding_open,
    names_in,
    of_another_program,
    url_of,
)
from tests.counterparts.postgres import PostgresServer, find_binaries


async def test_a_copy_is_of_one_moment_while_others_write(migrated_sqlite_url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    async with another(migrated_sqlite_url) as store:
        await deliver(store, *(b"before %d" % number for number in range(100)))

        async def keep_writing() -> None:
            while True:
                await deliver(store, *[b"x" * 25_000] * 10)

        writing = asyncio.create_task(keep_writing())
        told = await backup(migrated_sqlite_url, target)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    assert str(target) in told
    copied, original = await delivered(url_of(target)), await delivered(migrated_sqlite_url)
    assert copied[:100] == [b"before %d" % number for number in range(100)]
    assert copied == original[: len(copied)]


async def test_a_copy_is_one_file_for_its_owner_only_and_leaves_nothing_beside_it(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    await backup(migrated_sqlite_url, folder / "copy.db")
    assert names_in(folder) == ["copy.db"]
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600


async def test_a_newer_copy_takes_the_older_ones_place(migrated_sqlite_url: str, copy: Path) -> None:
    async with another(migrated_sqlite_url) as store:
        await deliver(store, b"second")
    await backup(migrated_sqlite_url, copy)
    assert await delivered(url_of(copy)) == [b"first", b"second"]


async def test_a_damaged_database_makes_no_copy_and_keeps_the_older_one(migrated_sqlite_url: str, copy: Path) -> None:
    before = digest(copy)
    with file_of(migrated_sqlite_url).open("r+b") as database:
        database.seek(5 * 8192)
        database.write(b"\xff" * 8192 * 20)
    with pytest.raises(UnusableDatabase, match=r"tocsin\.db (is damaged|can't be copied)"):
        await backup(migrated_sqlite_url, copy)
    assert digest(copy) == before
    assert not [name for name in names_in(copy.parent) if name.startswith(".copy.db")]


async def test_where_there_is_no_database_there_is_nothing_to_copy(tmp_path: Path) -> None:
    with pytest.raises(UnusableDatabase, match="no database at"):
        await backup(url_of(tmp_path / "none.db"), tmp_path / "copy.db")
    assert names_in(tmp_path) == []


async def test_a_copy_that_has_no_place_is_refused(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableDatabase, match="No file can be made in"):
        await backup(migrated_sqlite_url, tmp_path / "no folder" / "copy.db")


def hard_link(database: Path) -> Path:
    link = database.with_name("hard")
    link.hardlink_to(database)
    return link


def symbolic_link(database: Path) -> Path:
    link = database.with_name("soft")
    link.symlink_to(database)
    return link


@pytest.mark.parametrize(
    "named",
    [
        lambda database: database,
        lambda database: database.parent / ".." / database.parent.name / database.name,
        hard_link,
        symbolic_link,
        lambda database: database.with_name("tocsin.db-wal"),
        lambda database: database.with_name("tocsin.db-shm"),
        lambda database: database.with_name("tocsin.db-journal"),
    ],
    ids=["itself", "by another way", "hard link", "symbolic link", "-wal", "-shm", "-journal"],
)
async def test_a_copy_never_takes_the_place_of_the_database_that_is_copied(
    named: Callable[[Path], Path], migrated_sqlite_url: str
) -> None:
    database = file_of(migrated_sqlite_url)
    async with another(migrated_sqlite_url) as store:
        await deliver(store, b"before")
        with pytest.raises(UnusableDatabase, match="is the database itself, or belongs to it"):
            await backup(migrated_sqlite_url, named(database))
        await deliver(store, b"after")
    assert await delivered(migrated_sqlite_url) == [b"before", b"after"]


async def test_the_names_of_the_files_beside_a_database_that_nobody_has_open_are_refused_too(
    migrated_sqlite_url: str,
) -> None:
    database = file_of(migrated_sqlite_url)
    before = names_in(database.parent)
    with pytest.raises(UnusableDatabase, match="is the database itself, or belongs to it"):
        await backup(migrated_sqlite_url, database.with_name("tocsin.db-wal"))
    assert names_in(database.parent) == before


async def test_a_copy_takes_no_place_in_which_another_tocsin_runs(migrated_sqlite_url: str, copy: Path) -> None:
    async with another(migrated_sqlite_url) as store:
        await deliver(store, b"second")
    process = await holding_open(url_of(copy))
    try:
        with pytest.raises(UnusableDatabase, match=r"copy\.db is in use"):
            await backup(migrated_sqlite_url, copy)
    finally:
        process.kill()
        await process.wait()
    assert await delivered(url_of(copy)) == [b"first"]
    await backup(migrated_sqlite_url, copy)  # what was killed holds nothing
    assert await delivered(url_of(copy)) == [b"first", b"second"]


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("people: [{name: amira, access: admin}]\n"),
        lambda path: path.touch(),
        lambda path: path.mkdir(),
        of_another_program,
    ],
    ids=["a configuration", "an empty file", "a folder", "another program's database"],
)
async def test_what_is_no_copy_of_ours_never_loses_its_place_to_one(
    make: Callable[[Path], None], migrated_sqlite_url: str, tmp_path: Path
) -> None:
    target = tmp_path / "folder" / "tocsin.yaml"
    target.parent.mkdir()
    make(target)
    before = target.is_file() and digest(target)
    with pytest.raises(UnusableDatabase, match=r"tocsin\.yaml is there and is no copy of a Tocsin database"):
        await backup(migrated_sqlite_url, target)
    assert (target.is_file() and digest(target)) == before
    assert names_in(target.parent) == ["tocsin.yaml"]


async def test_a_copy_by_a_newer_tocsin_may_lose_its_place(migrated_sqlite_url: str, copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await backup(migrated_sqlite_url, copy)
    assert await delivered(url_of(copy)) == [b"first"]


def run(told: str, server: PostgresServer) -> None:
    """Run the command that was told, as an operator would, with the tools of the server's version."""
    [command] = [line.strip() for line in told.splitlines() if line.startswith("  ")]
    environment = {**os.environ, "PGPASSWORD": server.password, "PATH": f"{find_binaries()}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", command], env=environment, check=True, timeout=60)


async def test_postgresql_is_copied_and_put_back_by_the_commands_that_are_told(
    postgres_server: PostgresServer, migrated_postgres_url: str, tmp_path: Path
) -> None:
    async with another(migrated_postgres_url) as store:
        await deliver(store, b"first")
    copy = tmp_path / "a copy.dump"
    told = await backup(migrated_postgres_url, copy)
    await asyncio.to_thread(run, told, postgres_server)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    async with another(migrated_postgres_url) as store:
        await deliver(store, b"after the copy")
    await asyncio.to_thread(run, await restore(copy, migrated_postgres_url), postgres_server)
    assert await delivered(migrated_postgres_url) == [b"first"]


async def test_no_command_shows_the_password(tmp_path: Path) -> None:
    url = "postgresql://tocsin:s3cr3t@db.example:5433/tocsin?sslmode=require"
    told = [await backup(url, tmp_path / "copy"), await restore(tmp_path / "copy", url)]
    for one in told:
        assert "s3cr3t" not in one
        assert "postgresql://tocsin@db.example:5433/tocsin?sslmode=require" in one
