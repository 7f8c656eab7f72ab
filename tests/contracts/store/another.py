"""A second replica of Tocsin, as far as storage can tell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.clock import DatabaseClock
from storage.secrets import SecretKeys
from storage.store import SqlStore, open_store


@asynccontextmanager
async def another(url: str, *keys: str, topics: list[frozenset[str]] | None = None) -> AsyncIterator[SqlStore]:
    """Open a migrated database once more, with these keys for its secrets."""
    heard = [] if topics is None else topics
    store = await open_store(url, DatabaseClock(), heard.append, secret_keys=SecretKeys(keys))
    try:
        yield store
    finally:
        await store.close()
