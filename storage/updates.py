"""What chats reported, in the database: stored before the platform is told so, handled once and in order."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy import update as updating

from bot.ports.chat_updates import Update
from bot.ports.records import LaneKind, Lease
from bot.ports.store import Urgency
from storage.database import Database
from storage.leases import lease_free
from storage.tables import UpdateRow
from storage.tables.chats import PENDING
from storage.unit import hold_lane
from storage.work import Work

_UPDATES = UpdateRow.__table__


class SqlUpdates:
    """See `bot.ports.store.Updates`. A lane's name begins with its chat's, so that no two chats share one."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def take(
        self, updates: Sequence[Update], owner: str, now: datetime, ttl: timedelta, *, limit: int
    ) -> Sequence[Lease]:
        lanes: set[str] = set()
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            for one in updates:
                lane = f"{one.chat}:{one.lane}"
                row = {
                    "chat": one.chat,
                    "lane": lane,
                    "key": one.key,
                    "body": dict(one.body),
                    "received_at": one.received_at,
                    "state": "pending",
                    "attempts": one.attempts,
                    "error": None,
                    "finished_at": None,
                }
                if await work.put_new(_UPDATES, row):
                    lanes.add(lane)
            wanted = [(self._tenant, LaneKind.UPDATE, lane) for lane in sorted(lanes)[:limit]]
            leases = await lease_free(work, wanted, owner, now, ttl)
            if len(leases) < len(lanes):
                work.touched.add("updates")
        return leases

    async def pending(self, lease: Lease, *, limit: int) -> Sequence[Update]:
        async with self._database.read(lease.tenant) as work:
            statement = (
                select(_UPDATES)
                .where(work.mine(_UPDATES), _UPDATES.c.lane == lease.lane, PENDING)
                .order_by(_UPDATES.c.seq)
                .limit(limit)
            )
            return [_update(row) for row in await work.rows(statement)]

    async def finish(self, lease: Lease, update: Update, at: datetime, *, error: str | None = None) -> None:
        state = "done" if error is None else "failed"
        # What was handled is not needed again; what was not is kept, for whoever looks into it.
        rest = {"body": None} if error is None else {}
        async with self._database.write(lease.tenant, Urgency.COMMAND) as work:
            await hold_lane(work, lease)
            await work.change(
                updating(_UPDATES).where(*_this(work, update)),
                {"state": state, "error": error, "finished_at": at, **rest},
            )

    async def attempted(self, lease: Lease, update: Update) -> int:
        async with self._database.write(lease.tenant, Urgency.COMMAND) as work:
            await hold_lane(work, lease)
            counted = updating(_UPDATES).where(*_this(work, update)).values(attempts=_UPDATES.c.attempts + 1)
            row = await work.row(counted.returning(_UPDATES.c.attempts))
        return 0 if row is None else int(row["attempts"])


def _this(work: Work, one: Update) -> tuple[ColumnElement[bool], ...]:
    return work.mine(_UPDATES), _UPDATES.c.chat == one.chat, _UPDATES.c.key == one.key


def _update(row: RowMapping) -> Update:
    return Update(
        chat=row["chat"],
        lane=row["lane"].removeprefix(f"{row['chat']}:"),
        key=row["key"],
        body=row["body"],
        received_at=row["received_at"],
        attempts=row["attempts"],
    )
