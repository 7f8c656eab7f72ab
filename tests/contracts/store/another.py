"""A second replica of Tocsin, as far as storage can tell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.clock import DatabaseClock
from storage.store import SqlStore, open_store


@asynccontextmanager
async def another(url: str, *keys: str) -> AsyncIterator[SqlStore]:
    """Open a migrated database once more, with these keys for its secrets."""
    store = await open_store(url, DatabaseClock(), lambda _topics: None, secret_keys=keys)
    try:
        yield store
    finally:
        await store.close()
