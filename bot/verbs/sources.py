"""List the alert sources: the addresses to send to, and what has come of each."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.clock import DatabaseClock
from bot.config.listing import senders
from bot.config.loading import load_file
from bot.config.problem import errors
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.config.sources import mappings_of, source_keys
from bot.ports.records import SourceActivity
from bot.ports.sources import Sender
from bot.ports.store import DEFAULT_TENANT
from bot.startup import StartupError
from bot.verbs.verb import Verb
from integrations.chat.discovery import declared


async def sources(_given: argparse.Namespace) -> int:
    """Print each alert source with the address to send to, its last delivery and how many could not be read whole."""
    from integrations.sources.discovery import discover
    from integrations.sources.installed import Installed, options_of
    from storage.engine import UnusableDatabase, is_sqlite, read_url

    settings, kinds = Settings.from_environment(os.environ, declared()), discover()
    loaded = load_file(settings, os.environ, options_of(kinds))
    if loaded.file is None or errors(loaded.problems):
        raise StartupError("The configuration has errors; `tocsin check` names them.")
    activity: Mapping[str, SourceActivity] | None = None
    trouble = "there is none yet; run: tocsin migrate"
    url = read_url(settings.database_url)
    # Opening a SQLite file that is not there would make it.
    if not is_sqlite(url) or await asyncio.to_thread(Path(url.database or "").is_file):
        try:
            activity = await _activity(settings)
        except (UnusableDatabase, ConnectionError, OSError) as error:
            trouble = str(error)
    named = source_keys(loaded.file, Secrets(), settings).sources
    mappings = mappings_of(loaded.file)
    listed = senders(named, Installed(kinds, lambda: mappings), settings.public_url)
    sys.stdout.write("".join(f"{line(sender, activity)}\n" for sender in listed))
    if activity is None:
        sys.stdout.write(f"What has come can't be said without the database: {trouble}\n")
    return 0


async def _activity(settings: Settings) -> Mapping[str, SourceActivity]:
    from storage.store import open_store

    # Without the key of the secrets, which none of this needs.
    store = await open_store(settings.database_url, DatabaseClock(), lambda _topics: None)
    try:
        async with store.read(DEFAULT_TENANT) as unit:
            return await unit.deliveries.activity()
    finally:
        await store.close()


def line(sender: Sender, activity: Mapping[str, SourceActivity] | None) -> str:
    """Return the line of a source, one address below the other."""
    first, *others = sender.addresses
    shown = f"{sender.name:20} {sender.kind:16} {first}"
    if activity is not None:
        seen = activity.get(sender.name)
        shown += f"  {_seen(seen)}" if seen is not None else "  nothing yet" if sender.is_named else ""
    return "\n".join([shown, *(f"{'':37} {other}" for other in others)])


def _seen(seen: SourceActivity) -> str:
    words = f"last {seen.last_at:%Y-%m-%dT%H:%M:%SZ}, {seen.deliveries} deliveries, {seen.errors} errors"
    return f"{words} (the last: {seen.last_error})" if seen.last_error else words


VERBS = (Verb("sources", "List the alert sources, the addresses to send to, and what has come.", sources),)
