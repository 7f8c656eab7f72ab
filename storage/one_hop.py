"""SQLite's driver, with one hand-over to its thread for a statement where the driver takes four.

aiosqlite opens a cursor, executes, fetches and closes one call at a time, and each call goes to its thread and back:
that took longer than most statements do.
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util import immutabledict
from sqlalchemy.util.concurrency import await_


class _Outcome(NamedTuple):
    """What is left of a cursor when its statement is through."""

    rows: Sequence[Any] = ()
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None


_NOTHING: Final = _Outcome()


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Executes a statement, fetches all of its rows and closes it in one go."""

    __slots__ = ("_adapted", "_outcome", "arraysize")

    def __init__(self, adapted: "OneHopConnection") -> None:
        # The cursor that SQLAlchemy's own would open here is opened where the statement runs.
        self._adapt_connection = self._adapted = adapted
        self._connection = adapted.driver_connection
        self._soft_closed_memoized = immutabledict()
        self._rows = deque()
        self._outcome = _NOTHING
        self.arraysize = 1

    @property
    def description(self) -> Any:
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> Any:
        return self._outcome.lastrowid

    def execute(self, operation: Any, parameters: Any = None) -> None:
        self._run(sqlite3.Cursor.execute, operation, () if parameters is None else parameters)

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        self._run(sqlite3.Cursor.executemany, operation, seq_of_parameters)

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is left to close."""

    def _run(self, how: Any, operation: str, parameters: Any) -> None:
        driver: Any = self._connection
        opening, self._adapted.opening = self._adapted.opening, None
        self._adapted.has_run = True
        try:
            # The driver's own way to its thread; what it offers to all takes a step at a time.
            work = driver._execute(_at_once, driver._conn, opening, how, operation, parameters)  # noqa: SLF001
            self._outcome = await_(work)
        except Exception as error:  # noqa: BLE001 - the adapter tells it in its own words
            self._adapt_connection._handle_exception(error)  # noqa: SLF001
        self._rows = deque(self._outcome.rows)


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """A connection of SQLAlchemy's adapter, made over into one whose statements take one hand-over each.

    A transaction is opened together with its first statement, and one without any never. Nor is the thread asked to
    commit or to roll back where nothing was run since it last did, as when a connection goes back to its pool.
    """

    __slots__ = ("has_run", "opening")

    _cursor_cls: type[AsyncAdapt_aiosqlite_cursor] = _Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.opening: str | None = None
        self.has_run = True

    def begin(self, opening: str) -> None:
        """Open a transaction with these words, as soon as there is a statement for it."""
        self.opening = opening

    def commit(self) -> None:
        self.opening = None
        if self.has_run:
            super().commit()
            self.has_run = False

    def rollback(self) -> None:
        self.opening = None
        if self.has_run:
            super().rollback()
            self.has_run = False


def _at_once(
    connection: sqlite3.Connection, opening: str | None, how: Any, operation: str, parameters: Any
) -> _Outcome:
    cursor = connection.cursor()
    try:
        if opening is not None:
            cursor.execute(opening)
        how(cursor, operation, parameters)
        # Fetched before it is counted: with RETURNING, the count is right when the last row is through.
        rows = cursor.fetchall() if cursor.description else ()
        return _Outcome(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()
