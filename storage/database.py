"""Transactions: a turn at the gate, a connection, the commit, and then word of what it touched."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from bot.ports.store import Conflict, OnCommit, Urgency
from storage.engine import Engines
from storage.work import Work
from storage.writer import Gate

# PostgreSQL, appendix A: serialisation failure, deadlock, lock not available.
_TRY_AGAIN: Final = frozenset({"40001", "40P01", "55P03"})
# Connection exceptions, too many connections, and a server that starts or stops.
_GONE: Final = ("08", "53300", "57P")


@dataclass(frozen=True, slots=True)
class Database:
    """Where every transaction begins. What the drivers raise is told in words that the layers above know.

    `Conflict`: another transaction was in the way; do it again. `ConnectionError`: the database can't be reached, or
    is kept busy by someone else.
    """

    engines: Engines
    gate: Gate
    on_commit: OnCommit

    @asynccontextmanager
    async def write(self, tenant: str, urgency: Urgency) -> AsyncIterator[Work]:
        """Open a transaction that writes; it commits when it is left without an exception."""
        touched: set[str] = set()
        with _plain_errors():
            async with self.gate.turn(urgency), self.engines.writer.begin() as connection:
                yield Work(connection, tenant, touched)
        if touched:
            self.on_commit(frozenset(touched))

    @asynccontextmanager
    async def read(self, tenant: str) -> AsyncIterator[Work]:
        """Open a transaction that sees one moment and can't write."""
        with _plain_errors():
            async with self.engines.reader.begin() as connection:
                yield Work(connection, tenant)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except PoolExhausted as error:
        raise ConnectionError("every connection to the database is busy") from error
    except DBAPIError as error:
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state in _TRY_AGAIN:
            raise Conflict("another transaction was in the way") from error
        is_locked = "database is locked" in str(error.orig)
        if error.connection_invalidated or state.startswith(_GONE) or is_locked:
            raise ConnectionError(f"the database can't be reached: {error.orig}") from error
        raise
