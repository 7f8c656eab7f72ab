"""Changes that sources told of, within a unit of work."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import RowMapping, select

from bot.ports.records import ServiceChange, Window
from storage.cursors import bounded, read_cursor, window
from storage.tables import ChangeRow, IncidentRow
from storage.tables.incidents import OPEN
from storage.work import Work

_CHANGES = ChangeRow.__table__
_INCIDENTS = IncidentRow.__table__


class SqlChanges:
    """See `bot.ports.store.Changes`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, change: ServiceChange) -> None:
        await self._work.put(_CHANGES, [asdict(change)])

    async def concerned(self, service: str, *, limit: int) -> Collection[str]:
        statement = (
            select(_INCIDENTS.c.id)
            .where(self._work.mine(_INCIDENTS), OPEN, _INCIDENTS.c.service == service)
            .order_by(_INCIDENTS.c.number.desc())
            .limit(limit)
        )
        return [row["id"] for row in await self._work.rows(statement)]

    async def window(
        self, *, service: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Window[ServiceChange]:
        before = read_cursor(cursor, str)
        statement = select(_CHANGES).where(self._work.mine(_CHANGES))
        if service is not None:
            statement = statement.where(_CHANGES.c.service == service)
        if before is not None:
            statement = statement.where(_CHANGES.c.id < before)
        statement = statement.order_by(_CHANGES.c.id.desc()).limit(bounded(limit) + 1)
        return window(await self._work.rows(statement), limit, _change, "id")


def _change(row: RowMapping) -> ServiceChange:
    return ServiceChange(**{name: value for name, value in row.items() if name != "tenant"})
