"""Deliveries within a unit of work."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import Insert, RowMapping, Update, bindparam, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.ids import new_id
from bot.ports.records import Delivery, DeliveryState, NewDelivery, SourceActivity, SourceRefusals, Window
from bot.ports.store import LeaseLost
from storage.cursors import bounded, read_cursor, window
from storage.inbox_batch import InboxRow, write_batch
from storage.tables import ActivityRow, BodyRow, DeliveryRow, QuarantineNoticeRow, RefusalsRow
from storage.tables.base import storable
from storage.tables.inbox import PENDING, QUARANTINED
from storage.work import Work, among_given

_INBOX = DeliveryRow.__table__
_BODIES = BodyRow.__table__
_ACTIVITY = ActivityRow.__table__
_NOTICES = QuarantineNoticeRow.__table__
_REFUSALS = RefusalsRow.__table__


NEWS_AGAIN: Final = timedelta(days=30)
"""Whoever was told of a shape so long ago has forgotten it."""


class SqlDeliveries:
    """See `bot.ports.store.Deliveries`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def finish(self, seqs: Collection[int], at: datetime) -> None:
        if not seqs:
            return
        given = {"of": self._work.tenant, "asked": self._work.listed(seqs), "at": at}
        if await self._work.change(_finishing(self._work.is_sqlite), given) != len(seqs):
            raise LeaseLost("some of these deliveries have been worked through already")

    async def quarantine(self, seq: int, at: datetime, error: str, shape: str) -> bool:
        found = await self._work.row(
            update(_INBOX)
            .where(self._work.mine(_INBOX), _INBOX.c.seq == seq)
            .values(state=DeliveryState.QUARANTINED.value, finished_at=at, error=error, shape=shape)
            .returning(_INBOX.c.source, _INBOX.c.shape)
        )
        if found is None:
            return False
        same = (_NOTICES.c.source == found["source"], _NOTICES.c.shape == found["shape"])
        await self._work.change(
            delete(_NOTICES).where(self._work.mine(_NOTICES), *same, _NOTICES.c.announced_at < at - NEWS_AGAIN)
        )
        notice = {"source": found["source"], "shape": found["shape"], "announced_at": at}
        return await self._work.put_new(_NOTICES, notice)

    async def attempted(self, seq: int) -> int:
        found = await self._work.row(
            update(_INBOX)
            .where(self._work.mine(_INBOX), _INBOX.c.seq == seq)
            .values(attempts=_INBOX.c.attempts + 1)
            .returning(_INBOX.c.attempts)
        )
        return 0 if found is None else int(found["attempts"])

    async def add(self, delivery: NewDelivery) -> None:
        await write_batch(self._work, [InboxRow(new_id(delivery.received_at), delivery)])

    async def is_waiting(self, source: str, kind: str, body: bytes) -> bool:
        statement = (
            select(_INBOX.c.seq)
            .join(_BODIES, _BODIES.c.seq == _INBOX.c.seq)
            .where(
                self._work.mine(_INBOX),
                PENDING,
                _INBOX.c.source == source,
                _INBOX.c.kind == kind,
                _BODIES.c.body == body,
            )
            .limit(1)
        )
        return await self._work.row(statement) is not None

    async def get(self, delivery_id: str) -> Delivery | None:
        statement = (
            select(_INBOX, _BODIES.c.body)
            .join(_BODIES, _BODIES.c.seq == _INBOX.c.seq)
            .where(self._work.mine(_INBOX), _INBOX.c.id == storable(delivery_id))
        )
        row = await self._work.row(statement)
        return None if row is None else replace(_without_body(row), body=row["body"])

    async def note(self, activity: SourceActivity) -> None:
        await self._work.change(_noting(self._work.is_sqlite), {"tenant": self._work.tenant, **asdict(activity)})

    async def activity(self) -> Mapping[str, SourceActivity]:
        rows = await self._work.rows(select(_ACTIVITY).where(self._work.mine(_ACTIVITY)))
        found = [SourceActivity(**{name: row[name] for name in row if name != "tenant"}) for row in rows]
        return {one.source: one for one in found}

    async def note_refused(self, refusals: SourceRefusals) -> None:
        statement = self._work.insert(_REFUSALS).values({"tenant": self._work.tenant, **asdict(refusals)})
        told, kept = statement.excluded, _REFUSALS.c
        values = {"last_at": told.last_at, "count": kept.count + told["count"], "last_why": told.last_why}
        await self._work.change(statement.on_conflict_do_update(index_elements=["tenant", "source"], set_=values))

    async def refused(self) -> Mapping[str, SourceRefusals]:
        rows = await self._work.rows(select(_REFUSALS).where(self._work.mine(_REFUSALS)))
        return {
            row["source"]: SourceRefusals(row["source"], row["last_at"], row["count"], row["last_why"]) for row in rows
        }

    async def replay(self, *, source: str | None = None) -> int:
        deliveries = update(_INBOX).where(self._work.mine(_INBOX), QUARANTINED)
        if source is not None:
            deliveries = deliveries.where(_INBOX.c.source == source)
        self._work.touched.add("inbox")
        # The error stays: it is the sign that later reports may have overtaken this one.
        values = {"state": DeliveryState.PENDING.value, "attempts": 0, "shape": None, "finished_at": None}
        return await self._work.change(deliveries, values)

    async def window(
        self, states: Collection[DeliveryState], *, cursor: str | None = None, limit: int = 100
    ) -> Window[Delivery]:
        before = read_cursor(cursor, int)
        statement = select(_INBOX).where(self._work.mine(_INBOX))
        if set(states) == {DeliveryState.PENDING}:
            statement = statement.where(PENDING)
        elif set(states) == {DeliveryState.QUARANTINED}:
            statement = statement.where(QUARANTINED)
        else:
            statement = statement.where(_INBOX.c.state.in_([state.value for state in states]))
        if before is not None:
            statement = statement.where(_INBOX.c.seq < before)
        statement = statement.order_by(_INBOX.c.seq.desc()).limit(bounded(limit) + 1)
        return window(await self._work.rows(statement), limit, _without_body, "seq")


@cache
def _noting(is_sqlite: bool) -> Insert:  # noqa: FBT001 - a key of the cache
    statement = sqlite.insert(_ACTIVITY) if is_sqlite else postgresql.insert(_ACTIVITY)
    told, kept = statement.excluded, _ACTIVITY.c
    return statement.on_conflict_do_update(
        index_elements=["tenant", "source"],
        set_={
            "last_at": case((told.last_at > kept.last_at, told.last_at), else_=kept.last_at),
            "deliveries": kept.deliveries + told.deliveries,
            "errors": kept.errors + told.errors,
            "last_error": func.coalesce(told.last_error, kept.last_error),
        },
    )


@cache
def _finishing(is_sqlite: bool) -> Update:  # noqa: FBT001 - a key of the cache
    # Not in the words of the queue's index: SQLite would go through the whole backlog by it, instead of by number.
    is_pending = _INBOX.c.state.not_in([DeliveryState.DONE.value, DeliveryState.QUARANTINED.value])
    return (
        update(_INBOX)
        .where(_INBOX.c.tenant == bindparam("of"), among_given(_INBOX.c.seq, "asked", is_sqlite=is_sqlite), is_pending)
        .values(state=DeliveryState.DONE.value, finished_at=bindparam("at"))
    )


def _without_body(row: RowMapping) -> Delivery:
    return Delivery(
        seq=row["seq"],
        id=row["id"],
        tenant=row["tenant"],
        source=row["source"],
        kind=row["kind"],
        body=b"",
        received_at=row["received_at"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        error=row["error"],
    )
