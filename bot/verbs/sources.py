"""List the alert sources: the addresses to send to, and what has come of each."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.clock import DatabaseClock
from bot.config.listing import senders
from bot.config.loading import load_file
from bot.config.problem import errors
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.config.sources import mappings_of, source_keys
from bot.ports.records import SourceActivity, SourceRefusals
from bot.ports.sources import Sender
from bot.ports.store import DEFAULT_TENANT
from bot.startup import StartupError
from bot.verbs.verb import Verb
from integrations.chat.discovery import declared


@dataclass(frozen=True, slots=True)
class Come:
    """What has come, by the source's name: what was taken, and what was refused."""

    activity: Mapping[str, SourceActivity]
    refused: Mapping[str, SourceRefusals]


async def sources(_given: argparse.Namespace) -> int:
    """Print each alert source: where to send to, what came last, and how much could not be read or was refused."""
    from integrations.sources.discovery import discover
    from integrations.sources.installed import Installed, options_of
    from storage.engine import UnusableDatabase, is_sqlite, read_url

    settings, kinds = Settings.from_environment(os.environ, declared()), discover()
    loaded = load_file(settings, os.environ, options_of(kinds))
    if loaded.file is None or errors(loaded.problems):
        raise StartupError("The configuration has errors; `tocsin check` names them.")
    come: Come | None = None
    trouble = "there is none yet; run: tocsin migrate"
    url = read_url(settings.database_url)
    # Opening a SQLite file that is not there would make it.
    if not is_sqlite(url) or await asyncio.to_thread(Path(url.database or "").is_file):
        try:
            come = await _come(settings)
        except (UnusableDatabase, ConnectionError, OSError) as error:
            trouble = str(error)
    named = source_keys(loaded.file, Secrets(), settings).sources
    mappings = mappings_of(loaded.file)
    listed = senders(named, Installed(kinds, lambda: mappings), settings.public_url)
    sys.stdout.write("".join(f"{line(sender, come)}\n" for sender in listed))
    if come is None:
        sys.stdout.write(f"What has come can't be said without the database: {trouble}\n")
    return 0


async def _come(settings: Settings) -> Come:
    from storage.store import open_store

    # Without the key of the secrets, which none of this needs.
    store = await open_store(settings.database_url, DatabaseClock(), lambda _topics: None)
    try:
        async with store.read(DEFAULT_TENANT) as unit:
            return Come(await unit.deliveries.activity(), await unit.deliveries.refused())
    finally:
        await store.close()


def line(sender: Sender, come: Come | None) -> str:
    """Return the line of a source, one address below the other."""
    first, *others = sender.addresses
    shown = f"{sender.name:20} {sender.kind:16} {first}"
    if come is not None:
        seen, refused = come.activity.get(sender.name), come.refused.get(sender.name)
        if seen is not None or refused is not None or sender.is_named:
            shown += f"  {_seen(seen) if seen is not None else 'nothing yet'}"
        if refused is not None:
            shown += f"; {_refused(refused)}"
    return "\n".join([shown, *(f"{'':37} {other}" for other in others)])


def _seen(seen: SourceActivity) -> str:
    deliveries = f"{seen.deliveries} {'delivery' if seen.deliveries == 1 else 'deliveries'}"
    errors = f"{seen.errors} {'error' if seen.errors == 1 else 'errors'}"
    words = f"last {seen.last_at:%Y-%m-%dT%H:%M:%SZ}, {deliveries}, {errors}"
    return f"{words} (the last: {seen.last_error})" if seen.last_error else words


def _refused(refused: SourceRefusals) -> str:
    return f"{refused.count} refused (the last {refused.last_at:%Y-%m-%dT%H:%M:%SZ}, {refused.last_why})"


VERBS = (Verb("sources", "List the alert sources, the addresses to send to, and what has come.", sources),)
