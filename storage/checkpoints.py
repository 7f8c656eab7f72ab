"""Moves what is committed from SQLite's write-ahead log into its database file, beside the writer instead of in it."""

import asyncio
from pathlib import Path
from typing import Final

import aiosqlite
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.ports.store import Urgency
from storage.engine import Engines
from storage.writer import Gate

log = structlog.get_logger(__name__)

_WHILE_WRITING_SECONDS: Final = 0.1
_WHILE_IDLE_SECONDS: Final = 0.5
# What the last move brings to the disk is all since the one before: 12 MiB take about 20 ms, 48 MiB took 100 ms.
_LOG_LIMIT_BYTES: Final = 12 * 1024 * 1024


class Checkpoints:
    """Runs beside the writer until cancelled.

    A checkpoint that the writer runs, as SQLite does by itself, keeps everyone waiting for the disk: 80 ms and more
    for every 16 MiB. One on another connection does not, but while writing never pauses the log can't start again from
    its beginning, and grows: beyond a limit the little that is left to move is moved in a turn of its own.
    """

    def __init__(self, engines: Engines, gate: Gate) -> None:
        self._engines = engines
        self._gate = gate
        self._log = Path(f"{engines.url.database}-wal")
        self._seen_at = 0

    async def run(self) -> None:
        """Move now and then what was written since; does nothing on PostgreSQL, which does so by itself."""
        pause = _WHILE_IDLE_SECONDS
        while self._engines.is_sqlite:
            await asyncio.sleep(pause)
            try:
                pause = _WHILE_WRITING_SECONDS if await self.move() else _WHILE_IDLE_SECONDS
            except (SQLAlchemyError, aiosqlite.Error) as error:
                # The writer still checkpoints by itself when the log has grown far beyond the limit.
                log.warning("checkpoint_failed", error=type(error).__name__)

    async def move(self) -> bool:
        """Move what was written since the last time; whether there was anything."""
        try:
            written_at = self._log.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        if written_at == self._seen_at:
            return False
        self._seen_at = written_at
        if await self._checkpoint() > _LOG_LIMIT_BYTES:
            async with self._gate.turn(Urgency.COMMAND):
                await self._checkpoint()
        return True

    async def _checkpoint(self) -> int:
        """Return how many bytes the log holds."""
        async with self._engines.reader.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert isinstance(driver, aiosqlite.Connection)
            # Past SQLAlchemy, which would begin a transaction, in which no checkpoint may run.
            [(_, pages, _)] = await driver.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
            [(page_bytes,)] = await driver.execute_fetchall("PRAGMA page_size")
            return int(pages) * int(page_bytes)
