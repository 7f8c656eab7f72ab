"""The durable front door: deliveries are on disk before anyone is told so, many in one commit."""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, RowMapping, TextClause, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.ids import new_id
from bot.ports.records import Delivery, DeliveryState, Lease, NewDelivery
from bot.ports.store import Conflict, Overloaded, Urgency
from storage.database import Database
from storage.inbox_batch import InboxRow, write_batch
from storage.tables import BodyRow, DeliveryRow
from storage.tables.inbox import PENDING

log = structlog.get_logger(__name__)

_BETWEEN_COUNTS: Final = timedelta(seconds=1)

_INBOX = DeliveryRow.__table__
_BODIES = BodyRow.__table__


@dataclass(frozen=True, slots=True)
class InboxLimits:
    """How much goes into one commit, and how much may wait: in memory for its commit, on disk for processing.

    The commit's limits keep the writer busy for about 10 ms at most, so that a command waits no longer than that.
    A single delivery may be larger than any of them but `waiting_bytes`.
    """

    commit_rows: int = 24
    commit_bytes: int = 1024 * 1024
    waiting_rows: int = 4_000
    waiting_bytes: int = 64 * 1024 * 1024
    pending_rows: int = 100_000


@dataclass(frozen=True, slots=True)
class _Waiting:
    row: InboxRow
    stored: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommitInbox:
    """Collects the deliveries that arrive while a commit runs, and stores them with the next one.

    - `take` returns after COMMIT with synchronous=FULL, or raises what the commit raised: then nothing of it is there.
    - There is one commit at a time, so deliveries are numbered in the order in which `take` was called. Replicas
      number independently of one another, but a delivery that was answered comes before every later one.
    - A caller who is cancelled before its commit began leaves no trace; afterwards the delivery is stored all the same.
    """

    def __init__(self, database: Database, limits: InboxLimits | None = None) -> None:
        self._database = database
        self._limits = limits or InboxLimits()
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self.taken = 0
        self._stored = 0
        self._committing: asyncio.Task[None] | None = None
        self._counting: asyncio.Task[None] | None = None
        self._counted_at = float("-inf")
        # How many more may be stored. Half of the limit makes the first commit count what an earlier run left behind.
        self._room = self._limits.pending_rows // 2

    async def take(self, delivery: NewDelivery) -> str:
        self._refuse_overload(len(delivery.body))
        self.taken += 1
        waiting = _Waiting(InboxRow(new_id(delivery.received_at), delivery))
        self._waiting.append(waiting)
        self._waiting_bytes += len(delivery.body)
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all(), name="inbox commits")
        return await waiting.stored

    async def pending(
        self, lease: Lease, *, taken: Collection[int] = (), limit: int, limit_bytes: int
    ) -> Sequence[Delivery]:
        taken = frozenset(taken)  # what is written while this looks may still seem to wait here
        async with self._database.read(lease.tenant) as work:
            heads = (
                select(_INBOX.c.seq, _INBOX.c.size_bytes)
                .where(*_in_lane(lease))
                .order_by(_INBOX.c.seq)
                .limit(limit + len(taken))
            )
            chosen: list[int] = []
            total = 0
            for seq, size in (await work.connection.execute(heads)).all():
                if seq in taken:
                    continue
                total += size
                if chosen and (total > limit_bytes or len(chosen) == limit):
                    break
                chosen.append(seq)
            if not chosen:
                return []
            rows = await work.rows(
                select(_INBOX, _BODIES.c.body)
                .join(_BODIES, _BODIES.c.seq == _INBOX.c.seq)
                .where(work.among(_INBOX.c.seq, chosen))
                .order_by(_INBOX.c.seq)
            )
            return [stored_delivery(row) for row in rows]

    async def close(self) -> None:
        """Store what is waiting, then return. What comes afterwards is stored too: stop the web server first."""
        while self._committing is not None:
            await asyncio.wait([self._committing])
        if self._counting is not None:
            await asyncio.wait([self._counting])

    def _refuse_overload(self, size: int) -> None:
        limits = self._limits
        if len(self._waiting) >= limits.waiting_rows or self._waiting_bytes + size > limits.waiting_bytes:
            raise Overloaded("More deliveries arrive than the disk can take; send this one again in a moment.")
        if self._room <= 0:
            self._count_soon()
            raise Overloaded(
                f"More than {limits.pending_rows} deliveries wait to be processed; send this one again in a moment."
            )

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                await self._commit_some()
        finally:
            self._committing = None

    async def _commit_some(self) -> None:
        batch: Sequence[_Waiting] = ()
        try:
            async with self._database.write("", Urgency.INTAKE) as work:
                # Now that it is our turn: whatever arrived while others wrote goes with this commit.
                batch = self._next_batch()
                if batch:
                    await write_batch(work, [waiting.row for waiting in batch])
        except Exception as error:  # noqa: BLE001 - every caller is told, and the next batch gets its chance
            for waiting in batch or self._next_batch():
                if not waiting.stored.cancelled():
                    waiting.stored.set_exception(error)
            return
        for waiting in batch:
            if not waiting.stored.cancelled():
                waiting.stored.set_result(waiting.row.id)
        self._stored += len(batch)
        self._room -= len(batch)
        if self._room <= self._limits.pending_rows // 2:
            self._count_soon()

    def _next_batch(self) -> Sequence[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < self._limits.commit_rows:
            body_bytes = len(self._waiting[0].row.delivery.body)
            if batch and size + body_bytes > self._limits.commit_bytes:
                break
            waiting = self._waiting.popleft()
            self._waiting_bytes -= body_bytes
            if not waiting.stored.cancelled():
                batch.append(waiting)
                size += body_bytes
        return batch

    def _count_soon(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._counting is None and now - self._counted_at >= _BETWEEN_COUNTS.total_seconds():
            self._counted_at = now
            self._counting = asyncio.create_task(self._count(), name="inbox count")

    async def _count(self) -> None:
        """Learn how many are pending, counting no further than the limit."""
        limit = self._limits.pending_rows
        stored_before = self._stored
        some = select(_INBOX.c.seq).where(PENDING).limit(limit).subquery()
        try:
            async with self._database.read("") as work:
                counted = (await work.connection.execute(select(func.count()).select_from(some))).scalar_one()
            # What was stored meanwhile may have been missed. Where it was not, the next count puts it right.
            self._room = limit - counted - (self._stored - stored_before)
        except (SQLAlchemyError, Conflict, OSError) as error:
            log.warning("inbox_not_counted", error=type(error).__name__)
        finally:
            self._counting = None


def _in_lane(lease: Lease) -> tuple[ColumnElement[bool] | TextClause, ...]:
    return (_INBOX.c.tenant == lease.tenant, _INBOX.c.source == lease.lane, PENDING)


def stored_delivery(row: RowMapping) -> Delivery:
    """Return a row of the inbox, joined with its body, as the value that travels."""
    return Delivery(
        seq=row["seq"],
        id=row["id"],
        tenant=row["tenant"],
        source=row["source"],
        kind=row["kind"],
        body=row["body"],
        received_at=row["received_at"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        error=row["error"],
    )
