"""Clearing out, in the database: windows of the oldest rows by primary key, and short deletes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import aiosqlite
from sqlalchemy import ColumnElement, Table, case, delete, func, literal, select

from bot.domain.retention import Kept, Shelf, Standing
from bot.ports.store import Urgency
from storage.database import Database
from storage.tables import ChangeRow, CommandRow, DeliveryRow, EffectRow, UpdateRow

_INBOX = DeliveryRow.__table__
_OUTBOX = EffectRow.__table__
_COMMANDS = CommandRow.__table__
_UPDATES = UpdateRow.__table__
_CHANGES = ChangeRow.__table__

_PAGES_AT_ONCE: Final = 128
# Less free space than this is left: the next deliveries take it without asking the disk.
_WORTH_BYTES: Final = 64 * 1024 * 1024
_WORTH_SHARE: Final = 4


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the rows of a shelf stand. `key` is, behind the tenant or alone, the primary key, and in order of receipt."""

    table: Table
    key: ColumnElement[Any]
    at: ColumnElement[Any]
    standing: ColumnElement[str]
    size: ColumnElement[int]

    @property
    def is_numbered(self) -> bool:
        """Whether the primary key is a number that all tenants share, rather than the tenant and an id."""
        return "seq" in self.table.c


def _by_state(table: Table, set_aside: str | None) -> ColumnElement[str]:
    known = {"done": Standing.DONE.value}
    if set_aside is not None:
        known[set_aside] = Standing.SET_ASIDE.value
    return case(known, value=table.c.state, else_=Standing.OPEN.value)


_ANSWERED = case((_COMMANDS.c.answer.is_not(None), Standing.DONE.value), else_=Standing.OPEN.value)
_PLACES: Final = {
    Shelf.DELIVERIES: _Place(
        _INBOX, _INBOX.c.seq, _INBOX.c.received_at, _by_state(_INBOX, "quarantined"), _INBOX.c.size_bytes
    ),
    Shelf.EFFECTS: _Place(_OUTBOX, _OUTBOX.c.seq, _OUTBOX.c.created_at, _by_state(_OUTBOX, None), literal(0)),
    Shelf.UPDATES: _Place(_UPDATES, _UPDATES.c.seq, _UPDATES.c.received_at, _by_state(_UPDATES, "failed"), literal(0)),
    # Ids are made of the time at which the line, or the change, came.
    Shelf.LINES: _Place(_COMMANDS, _COMMANDS.c.id, _COMMANDS.c.received_at, _ANSWERED, literal(0)),
    Shelf.CHANGES: _Place(_CHANGES, _CHANGES.c.id, _CHANGES.c.recorded_at, literal(Standing.DONE.value), literal(0)),
}


class SqlRetention:
    """See `bot.ports.retention.Retention`."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def oldest(self, shelf: Shelf, after: int | str | None, *, limit: int) -> Sequence[Kept]:
        place = _PLACES[shelf]
        columns = (
            place.key.label("key"),
            place.at.label("at"),
            place.standing.label("standing"),
            place.size.label("size"),
        )
        async with self._database.read(self._tenant) as work:
            # Said so that no index knows it: SQLite would go by the tenant's ids and sort all of its rows.
            mine = place.table.c.tenant.concat("") == self._tenant if place.is_numbered else work.mine(place.table)
            statement = select(*columns).where(mine).order_by(place.key).limit(limit)
            if after is not None:
                statement = statement.where(place.key > after)
            rows = await work.rows(statement)
        return [Kept(row["key"], row["at"], Standing(row["standing"]), row["size"]) for row in rows]

    async def weight(self) -> int:
        async with self._database.read(self._tenant) as work:
            statement = select(func.coalesce(func.sum(_INBOX.c.size_bytes), 0)).where(work.mine(_INBOX))
            return int((await work.connection.execute(statement)).scalar_one())

    async def drop(self, shelf: Shelf, keys: Collection[int | str]) -> int:
        place = _PLACES[shelf]
        async with self._database.write(self._tenant, Urgency.PROCESSING) as work:
            # Somebody may have made one of them pending again since it was looked at.
            is_open = place.standing == Standing.OPEN.value
            return await work.change(
                delete(place.table).where(
                    work.mine(place.table), work.among(place.key, cast(Collection[str], keys)), ~is_open
                )
            )

    async def give_back(self) -> int:
        engines = self._database.engines
        if not engines.is_sqlite:
            return 0
        async with engines.reader.connect() as connection:
            total, free, page_bytes, can_shrink = [
                int((await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one())
                for name in ("page_count", "freelist_count", "page_size", "auto_vacuum")
            ]
        if not can_shrink or free * page_bytes < max(_WORTH_BYTES, total * page_bytes // _WORTH_SHARE):
            return 0
        async with self._database.gate.turn(Urgency.PROCESSING), engines.writer.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert isinstance(driver, aiosqlite.Connection)
            [(before,)] = await driver.execute_fetchall("PRAGMA page_count")
            # As a script: the pragma frees one page each time it is stepped, and only a script is stepped to its end.
            await driver.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
            [(left,)] = await driver.execute_fetchall("PRAGMA page_count")
        return (int(before) - int(left)) * page_bytes
