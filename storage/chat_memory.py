"""What a chat's adapter remembers, in the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from bot.clock import Clock
from bot.ports.store import Urgency
from storage.database import Database
from storage.tables import ChatMemoryRow
from storage.work import Work

_MEMORY = ChatMemoryRow.__table__


class SqlChatMemory:
    """See `bot.ports.store.ChatMemory`."""

    def __init__(self, database: Database, clock: Clock, tenant: str, chat: str) -> None:
        self._database = database
        self._clock = clock
        self._tenant = tenant
        self._chat = chat

    async def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime | None = None) -> None:
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            await work.put_over(_MEMORY, ["chat", "kind", "key"], [self._row(kind, key, value, expires_at)])

    async def put_new(
        self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime | None = None
    ) -> bool:
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            outlived = (*self._this(work, kind, key), _MEMORY.c.expires_at <= self._clock.now())
            await work.change(delete(_MEMORY).where(*outlived))
            return await work.put_new(_MEMORY, self._row(kind, key, value, expires_at))

    async def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        async with self._database.read(self._tenant) as work:
            statement = select(_MEMORY.c.value, _MEMORY.c.expires_at).where(*self._this(work, kind, key))
            row = await work.row(statement)
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= self._clock.now()):
            return None
        value: Mapping[str, Any] = row["value"]
        return value

    async def drop(self, kind: str, key: str) -> None:
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            await work.change(delete(_MEMORY).where(*self._this(work, kind, key)))

    def _this(self, work: Work, kind: str, key: str) -> tuple[ColumnElement[bool], ...]:
        return work.mine(_MEMORY), _MEMORY.c.chat == self._chat, _MEMORY.c.kind == kind, _MEMORY.c.key == key

    def _row(self, kind: str, key: str, value: Mapping[str, Any], expires_at: datetime | None) -> dict[str, Any]:
        return {"chat": self._chat, "kind": kind, "key": key, "value": dict(value), "expires_at": expires_at}


async def forget_expired(database: Database, now: datetime) -> int:
    """Delete what every chat of every tenant need not remember any more; returns how much that was."""
    async with database.write("", Urgency.PROCESSING) as work:
        return await work.change(delete(_MEMORY).where(_MEMORY.c.expires_at <= now))
