"""The memory as a whole: opens a database and hands out units of work and queues."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Executable, func, select, text

from bot.clock import Clock, DatabaseClock
from bot.ports.records import AuditEntry, LaneKind, Lease
from bot.ports.retention import Retention
from bot.ports.store import DEFAULT_TENANT, Backlog, DueTimers, EffectQueue, Inbox, Leases, OnCommit, Updates, Urgency
from storage.audit import SqlAudit
from storage.chat_memory import SqlChatMemory, forget_expired
from storage.checkpoints import Checkpoints
from storage.database import Database
from storage.due_timers import SqlDueTimers
from storage.effect_queue import SqlEffectQueue
from storage.engine import UnusableDatabase, make_engines, openable
from storage.inbox import GroupCommitInbox
from storage.leases import SqlLeases
from storage.migrate import pending_on
from storage.open_file import OpenFile
from storage.retention import SqlRetention
from storage.room_memory import SqlRoomMemory
from storage.secrets import NO_KEYS, SecretKeys, Secrets
from storage.tables import DeliveryRow, EffectRow, TenantRow, TimerRow, UpdateRow
from storage.tables.chats import PENDING as UPDATE_PENDING
from storage.tables.effects import DEAD, PENDING
from storage.unit import SqlUnit, hold_lane
from storage.updates import SqlUpdates
from storage.work import Work
from storage.writer import OpenGate, WriterGate

_INBOX = DeliveryRow.__table__
_OUTBOX = EffectRow.__table__
_TIMERS = TimerRow.__table__
_UPDATES = UpdateRow.__table__
_TENANTS = TenantRow.__table__


class SqlStore:
    """See `bot.ports.store.Store`; made by `open_store`."""

    def __init__(self, database: Database, clock: Clock, secret_keys: SecretKeys) -> None:
        self.database = database
        self._committer = GroupCommitInbox(database)
        self.inbox: Inbox = self._committer
        self.leases: Leases = SqlLeases(database)
        self.queue: EffectQueue = SqlEffectQueue(database)
        self.timers: DueTimers = SqlDueTimers(database)
        self._clock = clock
        self._secrets = Secrets(database, clock, secret_keys)
        self._file = OpenFile(Path(database.engines.url.database or "")) if database.engines.is_sqlite else None
        self._checkpoints = asyncio.create_task(Checkpoints(database.engines, database.gate).run(), name="checkpoints")

    @property
    def commands_waited(self) -> int:
        return self.database.gate.commands_waited

    @asynccontextmanager
    async def read(self, tenant: str) -> AsyncIterator[SqlUnit]:
        async with self.database.read(tenant) as work:
            yield SqlUnit(work)

    @asynccontextmanager
    async def write(self, tenant: str, urgency: Urgency, *, lease: Lease | None = None) -> AsyncIterator[SqlUnit]:
        async with self.database.write(tenant, urgency) as work:
            if lease is not None:
                await hold_lane(work, lease)
            yield SqlUnit(work)

    def rooms(self, tenant: str) -> SqlRoomMemory:
        return SqlRoomMemory(self.database, tenant)

    def memory(self, tenant: str, chat: str) -> SqlChatMemory:
        return SqlChatMemory(self.database, self._clock, tenant, chat)

    def updates(self, tenant: str) -> Updates:
        return SqlUpdates(self.database, tenant)

    def retention(self, tenant: str) -> Retention:
        return SqlRetention(self.database, tenant)

    async def forget_expired(self, now: datetime) -> int:
        return await forget_expired(self.database, now)

    async def secret(self, tenant: str, name: str, make: Callable[[], bytes]) -> bytes:
        return await self._secrets.get(tenant, name, make)

    async def add_tenant(self, tenant: str, at: datetime) -> None:
        """Make a tenant known; one that is known already stays as it is."""
        async with self.database.write(tenant, Urgency.COMMAND) as work:
            statement = work.insert(_TENANTS).on_conflict_do_nothing().values(name=tenant, created_at=at)
            await work.change(statement)

    async def backlog(self, now: datetime) -> Backlog:
        async with self.database.read("") as work:
            waiting = (
                select(_OUTBOX.c.lane_kind, func.count().label("depth"), func.min(_OUTBOX.c.created_at).label("oldest"))
                .where(PENDING)
                .group_by(_OUTBOX.c.lane_kind)
            )
            rows = await work.rows(waiting)
            reported = select(func.count().label("depth"), func.min(_UPDATES.c.received_at).label("oldest"))
            updates = await work.row(reported.where(UPDATE_PENDING))
            deliveries = await _count(work, select(func.count()).select_from(_INBOX).where(PENDING))
            dead = await _count(work, select(func.count()).select_from(_OUTBOX).where(DEAD))
            first = await work.row(select(func.min(_TIMERS.c.due_at).label("due_at")))
        lanes = {LaneKind(row["lane_kind"]): row for row in rows}
        if updates is not None and updates["depth"]:
            lanes[LaneKind.UPDATE] = updates
        due_at = first["due_at"] if first is not None else None
        return Backlog(
            deliveries=deliveries,
            lanes={kind: (row["depth"], _age(row["oldest"], now)) for kind, row in lanes.items()},
            dead_effects=dead,
            timer_lateness=timedelta() if due_at is None else _age(due_at, now),
        )

    async def database_now(self) -> datetime:
        return await _now(self.database)

    async def check(self) -> None:
        if self._file is not None:
            self._file.check()
        async with self.database.read("") as work:
            missing = await work.connection.run_sync(pending_on)
        if missing:
            raise UnusableDatabase(f"migrations are missing: {', '.join(missing)}; run: tocsin migrate")

    async def close(self) -> None:
        await self._committer.close()
        self._checkpoints.cancel()
        await asyncio.gather(self._checkpoints, return_exceptions=True)
        await self.database.engines.close()


async def open_store(url: str, clock: Clock, on_commit: OnCommit, *, secret_keys: SecretKeys = NO_KEYS) -> SqlStore:
    """Open a migrated database. `on_commit` is called with the topics that a commit touched.

    `secret_keys` encrypt the secrets at rest; without any, `secret` raises.

    Raises `UnusableDatabase` when it can't be opened, is none of ours or is not migrated.
    """
    engines = make_engines(url)
    database = Database(engines, WriterGate() if engines.is_sqlite else OpenGate(), on_commit)
    store = SqlStore(database, clock, secret_keys)
    try:
        with openable():
            await store.check()
        await store.add_tenant(DEFAULT_TENANT, clock.now())
    except BaseException:
        await store.close()
        raise
    return store


async def _count(work: Work, statement: Executable) -> int:
    found: int = (await work.connection.execute(statement)).scalar_one()
    return found


def _age(since: datetime, now: datetime) -> timedelta:
    return max(now - since, timedelta())


async def _now(database: Database) -> datetime:
    async with database.read("") as work:
        if work.is_sqlite:
            # SQLite counts milliseconds, by this machine's clock.
            asking = text("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
            return datetime.fromisoformat((await work.connection.execute(asking)).scalar_one())
        answer: datetime = (await work.connection.execute(select(func.clock_timestamp()))).scalar_one()
        return answer.astimezone(UTC)


async def write_audit(url: str, entry: AuditEntry) -> None:
    """Write one entry into the audit of a database, whose schema may be that of an older release.

    Raises `UnusableDatabase` when it can't be opened.
    """
    engines = make_engines(url)
    database = Database(engines, WriterGate() if engines.is_sqlite else OpenGate(), lambda _topics: None)
    try:
        with openable():
            async with database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
                await SqlAudit(work).add([entry])
    finally:
        await engines.close()


async def ask_time(url: str) -> datetime:
    """Connect to a database, migrated or not, and return what time it is there."""
    engines = make_engines(url)
    database = Database(engines, OpenGate(), lambda _topics: None)
    try:
        return await _now(database)
    finally:
        await engines.close()


async def try_secrets(url: str, keys: SecretKeys) -> None:
    """Open every secret in a database, migrated or not, and change nothing; raises `SealedSecret` for one that stays shut."""
    engines = make_engines(url)
    database = Database(engines, OpenGate(), lambda _topics: None)
    try:
        await Secrets(database, DatabaseClock(), keys).try_all(DEFAULT_TENANT)
    finally:
        await engines.close()
