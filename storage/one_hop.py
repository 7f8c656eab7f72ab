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

    __slots__ = ("_outcome", "arraysize")

    def __init__(self, adapted: "OneHopConnection") -> None:
        # The cursor that SQLAlchemy's own would open here is opened where the statement runs.
        self._adapt_connection = adapted
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
        try:
            # The driver's own way to its thread; what it offers to all takes a step at a time.
            self._outcome = await_(driver._execute(_at_once, driver._conn, how, operation, parameters))  # noqa: SLF001
        except Exception as error:  # noqa: BLE001 - the adapter tells it in its own words
            self._adapt_connection._handle_exception(error)  # noqa: SLF001
        self._rows = deque(self._outcome.rows)


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """A connection of SQLAlchemy's adapter, made over into one whose statements take one hand-over each."""

    __slots__ = ()

    _cursor_cls: type[AsyncAdapt_aiosqlite_cursor] = _Cursor

    def rollback(self) -> None:
        """Roll back; where no transaction is open, as when a connection goes back to its pool, the thread is spared."""
        if self.driver_connection.in_transaction:
            super().rollback()


def _at_once(connection: sqlite3.Connection, how: Any, operation: str, parameters: Any) -> _Outcome:
    cursor = connection.cursor()
    try:
        how(cursor, operation, parameters)
        # Fetched before it is counted: with RETURNING, the count is right when the last row is through.
        rows = cursor.fetchall() if cursor.description else ()
        return _Outcome(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()
