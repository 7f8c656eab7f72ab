"""From a database URL to engines: one that writes and one that reads, on SQLite or on PostgreSQL."""

import secrets
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

import orjson
from sqlalchemy import URL, AdaptedConnection, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.log import hide
from storage.one_hop import OneHopConnection
from storage.tables.base import to_json

_BUSY_TIMEOUT_MS: Final = 10_000
_WRITER_CACHE_KIB: Final = 64 * 1024
_READER_CACHE_KIB: Final = 8 * 1024
_MMAP_BYTES: Final = 256 * 1024 * 1024
# Deliveries are some 25 KB long: they take fewer pages, and fewer steps, than with SQLite's default of 4 KiB.
_PAGE_BYTES: Final = 8 * 1024
# A checkpoint by the writer keeps all others waiting for the disk: 128 MiB, far beyond what storage.checkpoints leaves.
_CHECKPOINT_PAGES: Final = 16_384
_WAL_LIMIT_BYTES: Final = 64 * 1024 * 1024
_READERS: Final = 4

_POSTGRES_POOL: Final = 10
_POSTGRES_OVERFLOW: Final = 10
# No transaction of ours pauses for seconds: whoever does so froze or vanished, and others wait for the locks it holds.
_IDLE_IN_TRANSACTION_MS: Final = 10_000
# Who froze within a statement counts as busy, not idle; only a limit to the whole transaction ends that.
_TRANSACTION_MS: Final = 15_000
_HAS_TRANSACTION_TIMEOUT: Final = (17, 0)


class UnusableDatabase(Exception):
    """The database that was named can't be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Two doors to one database. On SQLite `writer` is a single connection; on PostgreSQL both share a pool."""

    url: URL
    writer: AsyncEngine
    reader: AsyncEngine

    @property
    def is_sqlite(self) -> bool:
        """Whether there is only one writer at a time, within this machine."""
        return is_sqlite(self.url)

    async def close(self) -> None:
        """Close every connection."""
        await self.reader.dispose()
        await self.writer.dispose()


def read_url(text: str) -> URL:
    """Return the URL with the driver that we use; `UnusableDatabase` when it is none of ours.

    `sqlite:///path` and `postgresql://...` are understood, and libpq's `sslmode` with the latter.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        # The text may carry a password, so it is not repeated.
        raise UnusableDatabase(
            "TOCSIN_DATABASE_URL is not a URL; write sqlite:///path/to/file or postgresql://user:password@host/name."
        ) from error
    match url.get_backend_name():
        case "sqlite":
            if not url.database or url.database == ":memory:":
                raise UnusableDatabase(
                    "TOCSIN_DATABASE_URL names a SQLite database without a file, which forgets everything; "
                    "write sqlite:///path/to/file."
                )
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            if find_spec("asyncpg") is None:
                raise UnusableDatabase(
                    "TOCSIN_DATABASE_URL names PostgreSQL, whose driver asyncpg is not installed; "
                    "run: pip install 'tocsin[postgres]'"
                )
            query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
            return url.set(drivername="postgresql+asyncpg", query=query)
        case other:
            raise UnusableDatabase(
                f"TOCSIN_DATABASE_URL names {other!r}; Tocsin keeps its memory in sqlite:///... or postgresql://..."
            )


def is_sqlite(url: URL) -> bool:
    """Whether this URL, as `read_url` returned it, names a SQLite file."""
    return url.get_backend_name() == "sqlite"


def make_engines(text: str) -> Engines:
    """Return engines for a database; no connection is made yet, but a SQLite file's folder and file are.

    Only the owner may read a file that is made here. What goes into a statement never shows in an error.
    """
    url = read_url(text)
    if is_sqlite(url):
        make_file(url)
        return Engines(url, sqlite_writer(url), _sqlite_reader(url))
    engine = postgres_engine(url)
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(url, engine, reader)


def make_file(url: URL) -> None:
    """Make the file of a SQLite database, readable to its owner only, unless it is there."""
    path = Path(url.database or "")
    with openable():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make_shrinkable(path)
        path.touch(mode=0o600)


def _make_shrinkable(path: Path) -> None:
    """Make an empty database that can give back to the disk, page by page, what is cleared out of it.

    That is settled before the first table and never after, so the file gets its name when it is complete: of several
    processes that make it at once, one wins. Where there are no hard links, the database is made without it.
    """
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    new.touch(mode=0o600, exist_ok=False)
    try:
        with closing(sqlite3.connect(new)) as connection:
            for asked in (f"page_size={_PAGE_BYTES}", "auto_vacuum=INCREMENTAL", "journal_mode=WAL"):
                connection.execute(f"PRAGMA {asked}")
        with suppress(OSError):
            path.hardlink_to(new)
    finally:
        new.unlink()


@contextmanager
def openable() -> Iterator[None]:
    """Around the first use of a database: `UnusableDatabase` says why it can't be opened, and what to do."""
    try:
        yield
    except (OSError, DBAPIError) as error:
        told = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
        raise UnusableDatabase(
            f"The database can't be opened: {hide(str(told)).strip()}. See that it is there, and that "
            "TOCSIN_DATABASE_URL leads to it; `tocsin doctor` looks."
        ) from error


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction on a connection of its own, for what goes before a store; see `openable` for its errors."""
    connection = engine.connect()
    with openable():
        await connection.start()
    try:
        async with connection.begin():
            yield connection
    finally:
        await connection.close()


def postgres_engine(url: URL, *, transaction_ms: int = _TRANSACTION_MS) -> AsyncEngine:
    """Return an engine whose transactions are READ COMMITTED and whose sessions think in UTC.

    The server ends a session that pauses in a transaction and, from PostgreSQL 17 on, one whose transaction takes
    longer than `transaction_ms`; 0: it may take for ever.
    """
    engine = create_async_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_size=_POSTGRES_POOL,
        max_overflow=_POSTGRES_OVERFLOW,
        pool_pre_ping=True,
        pool_use_lifo=True,
        json_serializer=to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "server_settings": {
                "application_name": "tocsin",
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": str(_IDLE_IN_TRANSACTION_MS),
            }
        },
    )

    @event.listens_for(engine.sync_engine, "connect")
    def limit(connection: AdaptedConnection, _record: object) -> None:
        driver: Any = connection.driver_connection
        if driver.get_server_version() >= _HAS_TRANSACTION_TIMEOUT:
            connection.run_async(lambda _: driver.execute(f"SET transaction_timeout = {transaction_ms}"))

    return engine


def sqlite_writer(url: URL, begin: str = "BEGIN IMMEDIATE") -> AsyncEngine:
    """Return an engine of one connection that holds the write lock from the first moment of a transaction.

    A read that turned into a write would fail at once with BUSY_SNAPSHOT, whatever the timeout.
    """
    engine = create_async_engine(
        url, hide_parameters=True, pool_size=1, max_overflow=0, pool_timeout=_BUSY_TIMEOUT_MS / 1000
    )
    _prepare(
        engine,
        begin,
        [
            f"PRAGMA page_size={_PAGE_BYTES}",  # heeded while the database is made, and never after
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}",
            f"PRAGMA journal_size_limit={_WAL_LIMIT_BYTES}",
            f"PRAGMA cache_size=-{_WRITER_CACHE_KIB}",
        ],
    )
    return engine


def _sqlite_reader(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, hide_parameters=True, pool_size=_READERS, max_overflow=0)
    _prepare(engine, "BEGIN", [f"PRAGMA cache_size=-{_READER_CACHE_KIB}", "PRAGMA query_only=ON"])
    return engine


def _prepare(engine: AsyncEngine, begin: str, pragmas: list[str]) -> None:
    @event.listens_for(engine.sync_engine, "do_connect")
    def connects(dialect: Any, _record: object, given: list[Any], named: dict[str, Any]) -> OneHopConnection:
        adapted = dialect.connect(*given, **named)
        return OneHopConnection(adapted.dbapi, adapted.driver_connection)

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        # The driver would begin transactions by itself, and not before a write: we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        shared = [
            f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}",
            "PRAGMA foreign_keys=ON",
            "PRAGMA temp_store=MEMORY",
            f"PRAGMA mmap_size={_MMAP_BYTES}",
        ]
        for pragma in [*shared, *pragmas]:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begins(connection: Connection) -> None:
        cast(OneHopConnection, connection.connection.dbapi_connection).begin(begin)
