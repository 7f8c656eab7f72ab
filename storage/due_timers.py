"""Timers as their loop sees them: those of every tenant whose time has come."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from bot.ports.records import Due
from storage.database import Database
from storage.tables import TimerRow

_TIMERS = TimerRow.__table__


class SqlDueTimers:
    """See `bot.ports.store.DueTimers`.

    They are not leased: of two replicas that carry one out, `Timers.consume` lets one commit.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, *, kinds: Collection[str], limit: int) -> Sequence[Due]:
        statement = (
            select(_TIMERS.c.tenant, _TIMERS.c.kind, _TIMERS.c.subject, _TIMERS.c.due_at)
            .where(_TIMERS.c.due_at <= now, _TIMERS.c.kind.in_(kinds))
            .order_by(_TIMERS.c.due_at)
            .limit(limit)
        )
        async with self._database.read("") as work:
            return [Due(**row) for row in await work.rows(statement)]
