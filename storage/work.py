"""What the repositories of one unit of work share: its connection, its tenant, and what its commit will touch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    CursorResult,
    Executable,
    Insert,
    Integer,
    RowMapping,
    String,
    Table,
    any_,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from storage.tables import TenantRow
from storage.tables.base import to_json

_TENANTS = TenantRow.__table__

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """One open transaction for one tenant. `touched` collects the topics to tell about after the commit."""

    connection: AsyncConnection
    tenant: str
    touched: set[str] = field(default_factory=set)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite rather than PostgreSQL."""
        return self.connection.dialect.name == "sqlite"

    def mine(self, table: Table) -> ColumnElement[bool]:
        """Return the condition that a row is this tenant's."""
        return table.c.tenant == self.tenant

    def among(self, what: ColumnElement[Any], values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
        """Return the condition that a column holds one of these values, however many there are.

        They travel as one parameter: SQLite allows 32,766 of them, and each number would be a statement to prepare.
        """
        return _among(
            what, bindparam(None, self.listed(values), type_=_list_type(what, self.is_sqlite)), self.is_sqlite
        )

    def listed(self, values: Collection[str] | Collection[int]) -> str | list[str] | list[int]:
        """Return values as `among_given` takes them in its parameter."""
        return to_json(list(values)) if self.is_sqlite else list(values)  # type: ignore[return-value]

    async def alone(self) -> None:
        """Wait until no other unit of this tenant that asked for the same is open; for what replicas do at start."""
        # NO KEY UPDATE, since a plain FOR UPDATE would also stop everyone who adds a row that refers to the tenant.
        statement = select(_TENANTS.c.name).where(_TENANTS.c.name == self.tenant).with_for_update(key_share=True)
        await self.connection.execute(statement)

    async def rows(self, statement: Executable, values: Values | None = None) -> Sequence[RowMapping]:
        """Run a query and return its rows."""
        return (await self.connection.execute(statement, values)).mappings().all()

    async def row(self, statement: Executable, values: Values | None = None) -> RowMapping | None:
        """Run a query and return its first row."""
        return (await self.connection.execute(statement, values)).mappings().first()

    async def change(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> int:
        """Run a statement that writes, and return how many rows it touched."""
        result: CursorResult[Any] = await self.connection.execute(statement, values)
        return result.rowcount

    async def put(self, table: Table, values: Sequence[Values]) -> None:
        """Add rows of this tenant; none is fine."""
        if values:
            await self.connection.execute(_adding(table), self._mine(values))

    async def put_new(self, table: Table, values: Values) -> bool:
        """Add a row of this tenant unless it would break a unique index; say whether it was added."""
        [row] = self._mine([values])
        return await self.change(_adding_new(table, self.is_sqlite), row) == 1

    async def put_missing(self, table: Table, values: Sequence[Values]) -> None:
        """Add rows of this tenant but for those that would break a unique index."""
        if values:
            await self.connection.execute(_adding_new(table, self.is_sqlite), self._mine(values))

    async def put_over(self, table: Table, key: Sequence[str], values: Sequence[Values]) -> None:
        """Add rows of this tenant or write over the one with the same key (`tenant` and these columns)."""
        if values:
            statement = _adding_over(table, ("tenant", *key), tuple(values[0]), self.is_sqlite)
            await self.connection.execute(statement, self._mine(values))

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an insert that knows ON CONFLICT."""
        return _inserting(table, self.is_sqlite)

    def _mine(self, values: Sequence[Values]) -> list[dict[str, Any]]:
        return [{"tenant": self.tenant, **row} for row in values]


def among_given(what: ColumnElement[Any], name: str, *, is_sqlite: bool) -> ColumnElement[bool]:
    """Return what `Work.among` does, for a statement that is made once: `Work.listed` makes the parameter `name`."""
    return _among(what, bindparam(name, type_=_list_type(what, is_sqlite)), is_sqlite)


def _among(what: ColumnElement[Any], given: BindParameter[Any], is_sqlite: bool) -> ColumnElement[bool]:  # noqa: FBT001
    if is_sqlite:
        each = func.json_each(given).table_valued(column("value", what.type), name="listed")
        return what.in_(select(each.c.value))
    return what == any_(given)


def _list_type(what: ColumnElement[Any], is_sqlite: bool) -> TypeEngine[Any]:  # noqa: FBT001
    if is_sqlite:
        return String()
    return ARRAY(BigInteger() if isinstance(what.type, Integer) else String())


# Making a statement takes SQLAlchemy as long as running it, so those that have no values in them are made once.


@cache
def _adding(table: Table) -> Insert:
    return table.insert()


@cache
def _adding_new(table: Table, is_sqlite: bool) -> Insert:  # noqa: FBT001 - a key of the cache
    return _inserting(table, is_sqlite).on_conflict_do_nothing()


@cache
def _adding_over(table: Table, key: tuple[str, ...], columns: tuple[str, ...], is_sqlite: bool) -> Insert:  # noqa: FBT001
    statement = _inserting(table, is_sqlite)
    kept = {name: statement.excluded[name] for name in columns if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=kept)


def _inserting(table: Table, is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:  # noqa: FBT001
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)
