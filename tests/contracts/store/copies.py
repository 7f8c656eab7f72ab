"""What tests of copies need: databases with something in them, files to compare, and a process that has one open."""

import asyncio
import hashlib
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from bot.ports.records import LaneKind, Lease, NewDelivery
from bot.ports.store import DEFAULT_TENANT
from storage.store import SqlStore
from tests.builders import NOW
from tests.contracts.store.another import another

LANE = Lease(DEFAULT_TENANT, LaneKind.INBOX, "prom", "", NOW)


async def deliver(store: SqlStore, *bodies: bytes) -> None:
    await asyncio.gather(
        *(store.inbox.take(NewDelivery(DEFAULT_TENANT, "prom", "alertmanager", body, NOW)) for body in bodies)
    )


async def delivered(url: str) -> list[bytes]:
    async with another(url) as store:
        return [one.body for one in await store.inbox.pending(LANE, limit=100_000, limit_bytes=10**9)]


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


HAS_IT_OPEN = """
import asyncio, sys
from bot.clock import DatabaseClock
from storage.store import open_store

async def main():
    store = await open_store(sys.argv[1], DatabaseClock(), lambda topics: None)
    print("open", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def holding_open(url: str) -> asyncio.subprocess.Process:
    """Start a process that has this database open when it is returned."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HAS_IT_OPEN, url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"open\n"
    return process


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
