"""The outbox as its loop sees it: the effects of one lane, in order."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from sqlalchemy import select

from bot.ports.records import Lease, StoredEffect
from storage.database import Database
from storage.outbox import stored_effect
from storage.tables import EffectRow
from storage.tables.effects import PENDING

_OUTBOX = EffectRow.__table__


class SqlEffectQueue:
    """See `bot.ports.store.EffectQueue`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, lease: Lease, now: datetime, *, limit: int) -> Sequence[StoredEffect]:
        statement = (
            select(_OUTBOX)
            .where(
                _OUTBOX.c.lane_kind == lease.kind.value,
                _OUTBOX.c.tenant == lease.tenant,
                _OUTBOX.c.lane == lease.lane,
                PENDING,
            )
            .order_by(_OUTBOX.c.seq)
            .limit(limit)
        )
        async with self._database.read(lease.tenant) as work:
            rows = await work.rows(statement)
        return [stored_effect(row) for row in takewhile(lambda row: row["due_at"] <= now, rows)]
