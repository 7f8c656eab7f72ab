"""Look after the memory: migrate, back up, restore, read the audit."""

import argparse
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bot.app import secret_keys
from bot.clock import DatabaseClock
from bot.config.settings import Settings
from bot.operator import operator
from bot.ports.records import AuditEntry
from bot.ports.store import DEFAULT_TENANT
from bot.process import Alone, must_have_database
from bot.verbs.verb import Verb
from storage import backup as backups
from storage.migrate import migrate as migrate_database
from storage.store import SqlStore, open_store, write_audit

_ID: Final = re.compile(r"\b[0-9a-f]{32}\b")


async def migrate(_given: argparse.Namespace) -> int:
    """Bring the database up to this version; `run` does it too."""
    await migrate_database(Settings.from_environment(os.environ).database_url)
    sys.stdout.write("The database is up to date.\n")
    return 0


async def backup(given: argparse.Namespace) -> int:
    """Write a copy of a SQLite database while Tocsin runs; for PostgreSQL, print the command that does."""
    settings = Settings.from_environment(os.environ)
    told = await backups.backup(settings.database_url, given.path)
    sys.stdout.write(f"{told}\n")
    if settings.uses_sqlite:
        await _note(settings, "Backup", {"path": str(given.path.absolute())})
    return 0


async def restore(given: argparse.Namespace) -> int:
    """Put a copy in the database's place; the old file is kept beside it."""
    settings = Settings.from_environment(os.environ)
    with Alone(settings):
        told = await backups.restore(given.path, settings.database_url)
        if settings.uses_sqlite:
            await _note(settings, "Restore", {"path": str(given.path.absolute())})
    sys.stdout.write(f"{told}\n")
    return 0


async def audit(given: argparse.Namespace) -> int:
    """Print the newest entries of the audit, one JSON object a line, newest first; people by name where ids are kept."""
    async with opened_store() as store, store.read(DEFAULT_TENANT) as unit:
        lines = [_line(entry) for entry in (await unit.audit.window(limit=given.limit)).items]
        names = await unit.people.names({found for line in lines for found in _ID.findall(line)})
    quoted = {person: json.dumps(name, ensure_ascii=False)[1:-1] for person, name in names.items()}
    for line in lines:
        sys.stdout.write(_ID.sub(lambda found: quoted.get(found[0], found[0]), line) + "\n")
    return 0


def _line(entry: AuditEntry) -> str:
    at = entry.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({**asdict(entry), "at": at}, ensure_ascii=False)


async def _note(settings: Settings, action: str, after: Mapping[str, Any]) -> None:
    entry = AuditEntry(datetime.now(UTC), operator(), "", action, "database", after=after)
    await write_audit(settings.database_url, entry)


@asynccontextmanager
async def opened_store() -> AsyncIterator[SqlStore]:
    """Open the database that the environment names."""
    settings = Settings.from_environment(os.environ)
    must_have_database(settings)
    keys = secret_keys(settings)
    store = await open_store(settings.database_url, DatabaseClock(), lambda _topics: None, secret_keys=keys)
    try:
        yield store
    finally:
        await store.close()


def _path(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, help="the copy")


def _limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, default=100, help="how many (default: 100)")


VERBS = (
    Verb("migrate", "Bring the database up to this version.", migrate),
    Verb("backup", "Copy the database while Tocsin runs.", backup, _path),
    Verb("restore", "Put a copy in the database's place.", restore, _path),
    Verb("audit", "Print the newest entries of the audit.", audit, _limit),
)
