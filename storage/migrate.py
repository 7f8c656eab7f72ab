"""Bring a database's schema up to date: one replica at a time, all of it or nothing."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import (
    UnusableDatabase,
    is_sqlite,
    make_file,
    postgres_engine,
    read_url,
    sqlite_writer,
    transaction,
)

_LOCK: Final = 0x746F6373696E  # "tocsin"; any number that nobody else locks in this database would do


async def migrate(url: str) -> None:
    """Apply every migration that is missing, in one transaction; does nothing when there is none.

    Another replica that migrates at the same time is waited for. A process that dies midway leaves the old schema.
    A database that a newer Tocsin has migrated is left alone: within a release migrations only add.
    Raises `UnusableDatabase` when it can't be opened.
    """
    engine = _engine(url)
    try:
        async with transaction(engine) as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def pending(url: str) -> tuple[str, ...]:
    """Return the revisions that are not applied yet, oldest first."""
    engine = _engine(url)
    try:
        async with transaction(engine) as connection:
            return await connection.run_sync(pending_on)
    finally:
        await engine.dispose()


def pending_on(connection: Connection) -> tuple[str, ...]:
    """Return the revisions that are not applied to this connection's database, oldest first."""
    current = MigrationContext.configure(connection).get_current_revision()
    known = revisions()
    if current is None:
        return known
    if current not in known:
        return ()  # a newer Tocsin was here
    return known[known.index(current) + 1 :]


def _engine(url: str) -> AsyncEngine:
    parsed = read_url(url)
    if is_sqlite(parsed):
        make_file(parsed)
        return sqlite_writer(parsed, begin="BEGIN EXCLUSIVE")
    return postgres_engine(parsed, transaction_ms=0)


def _upgrade(connection: Connection) -> None:
    if not pending_on(connection):
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise UnusableDatabase(f"the migration would leave rows that refer to nothing, in {broken[0][0]!r}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def revisions() -> tuple[str, ...]:
    """Return every revision that this program knows, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return tuple(reversed([revision.revision for revision in script.walk_revisions()]))
