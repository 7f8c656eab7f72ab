"""The audit trail in the database."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, select

from bot.ids import new_id
from bot.ports.records import AuditEntry, Window
from storage.cursors import bounded, read_cursor, window
from storage.tables import AuditRow
from storage.work import Work

_AUDIT = AuditRow.__table__


class SqlAudit:
    """See `bot.ports.store.Audit`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        rows = [
            {
                "id": new_id(entry.at),
                "at": entry.at,
                "actor": entry.actor,
                "token": entry.token,
                "action": entry.action,
                "subject": entry.subject,
                "before": entry.before,
                "after": entry.after,
            }
            for entry in entries
        ]
        await self._work.put(_AUDIT, rows)

    async def window(self, *, cursor: str | None = None, limit: int = 100) -> Window[AuditEntry]:
        before = read_cursor(cursor, int)
        statement = select(_AUDIT).where(self._work.mine(_AUDIT))
        if before is not None:
            statement = statement.where(_AUDIT.c.seq < before)
        statement = statement.order_by(_AUDIT.c.seq.desc()).limit(bounded(limit) + 1)
        return window(await self._work.rows(statement), limit, _entry, "seq")


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(**{name: value for name, value in row.items() if name not in {"seq", "tenant", "id"}})
