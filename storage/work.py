"""What the repositories of one unit of work share: its connection, its tenant, and what its commit will touch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CursorResult,
    Executable,
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
        listed = list(values)
        if self.is_sqlite:
            each = func.json_each(to_json(listed)).table_valued(column("value", what.type), name="listed")
            return what.in_(select(each.c.value))
        inner = BigInteger() if listed and isinstance(listed[0], int) else String()
        return what == any_(bindparam(None, listed, type_=ARRAY(inner)))

    async def alone(self) -> None:
        """Wait until no other unit of this tenant that asked for the same is open; for what replicas do at start."""
        # NO KEY UPDATE, since a plain FOR UPDATE would also stop everyone who adds a row that refers to the tenant.
        statement = select(_TENANTS.c.name).where(_TENANTS.c.name == self.tenant).with_for_update(key_share=True)
        await self.connection.execute(statement)

    async def rows(self, statement: Executable) -> Sequence[RowMapping]:
        """Run a query and return its rows."""
        return (await self.connection.execute(statement)).mappings().all()

    async def row(self, statement: Executable) -> RowMapping | None:
        """Run a query and return its first row."""
        return (await self.connection.execute(statement)).mappings().first()

    async def change(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> int:
        """Run a statement that writes, and return how many rows it touched."""
        result: CursorResult[Any] = await self.connection.execute(statement, values)
        return result.rowcount

    async def put(self, table: Table, values: Sequence[Values]) -> None:
        """Add rows of this tenant; none is fine."""
        if values:
            await self.connection.execute(table.insert(), [{"tenant": self.tenant, **row} for row in values])

    async def put_new(self, table: Table, values: Values) -> bool:
        """Add a row of this tenant unless it would break a unique index; say whether it was added."""
        statement = self.insert(table).on_conflict_do_nothing().values(tenant=self.tenant, **values)
        return await self.change(statement) == 1

    async def put_over(self, table: Table, key: Sequence[str], values: Sequence[Values]) -> None:
        """Add rows of this tenant or write over the one with the same key (`tenant` and these columns)."""
        if not values:
            return
        statement = self.insert(table)
        kept = {name: statement.excluded[name] for name in values[0] if name not in key}
        await self.connection.execute(
            statement.on_conflict_do_update(index_elements=["tenant", *key], set_=kept),
            [{"tenant": self.tenant, **row} for row in values],
        )

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """Return an insert that knows ON CONFLICT."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)
