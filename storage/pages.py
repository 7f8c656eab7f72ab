"""Pages in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, and_, distinct, func, select, update

from bot.ports.records import PageRecord, PageState
from storage.tables import IncidentRow, PageRow
from storage.tables.incidents import OPEN
from storage.work import Work

_PAGES = PageRow.__table__
_INCIDENTS = IncidentRow.__table__
_UNANSWERED: Final = (PageState.QUEUED, PageState.SENT, PageState.UNKNOWN)


class SqlPages:
    """See `bot.ports.store.Pages`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, pages: Sequence[PageRecord]) -> None:
        await self._work.put(
            _PAGES,
            [
                {
                    "id": page.id,
                    "incident": page.incident,
                    "person": page.person,
                    "channel": page.channel,
                    "step": page.step,
                    "episode": page.episode,
                    "state": page.state.value,
                    "requested_at": page.requested_at,
                    "sent_at": page.sent_at,
                    "reason": page.reason,
                }
                for page in pages
            ],
        )

    async def get(self, page_id: str) -> PageRecord | None:
        row = await self._work.row(select(_PAGES).where(self._work.mine(_PAGES), _PAGES.c.id == page_id))
        return None if row is None else _page(row)

    async def mark(self, page_id: str, state: PageState, at: datetime, reason: str | None = None) -> None:
        values: dict[str, Any] = {"state": state.value, "reason": reason}
        if state is PageState.SENT:
            values["sent_at"] = at
        final = [PageState.ACKNOWLEDGED.value]
        if state is PageState.UNKNOWN:
            final.append(PageState.FAILED.value)
        statement = update(_PAGES).where(self._work.mine(_PAGES), _PAGES.c.id == page_id, _PAGES.c.state.not_in(final))
        await self._work.change(statement, values)

    async def acknowledge(self, incident_id: str, person: str | None = None) -> None:
        await self._change(incident_id, _UNANSWERED, {"state": PageState.ACKNOWLEDGED.value}, person)

    async def spare(self, incident_id: str, reason: str) -> None:
        values = {"state": PageState.FAILED.value, "reason": reason}
        await self._change(incident_id, (PageState.QUEUED, PageState.UNKNOWN), values)

    async def _change(
        self, incident_id: str, among: Sequence[PageState], values: dict[str, Any], person: str | None = None
    ) -> None:
        statement = update(_PAGES).where(
            self._work.mine(_PAGES),
            _PAGES.c.incident == incident_id,
            _PAGES.c.state.in_([state.value for state in among]),
            *((_PAGES.c.person == person,) if person is not None else ()),
        )
        await self._work.change(statement, values)

    async def calling(self, person: str) -> int:
        # From the few open incidents to their pages: there is an index for either step, and none by person.
        statement = (
            select(func.count(distinct(_PAGES.c.incident)))
            .select_from(_INCIDENTS)
            .join(_PAGES, and_(_PAGES.c.tenant == _INCIDENTS.c.tenant, _PAGES.c.incident == _INCIDENTS.c.id))
            .where(
                self._work.mine(_INCIDENTS),
                OPEN,
                _PAGES.c.person == person,
                _PAGES.c.state.in_([state.value for state in _UNANSWERED]),
            )
        )
        count: int = (await self._work.connection.execute(statement)).scalar_one()
        return count

    async def of(self, incident_id: str) -> Sequence[PageRecord]:
        statement = (
            select(_PAGES)
            .where(self._work.mine(_PAGES), _PAGES.c.incident == incident_id)
            .order_by(_PAGES.c.requested_at, _PAGES.c.step, _PAGES.c.id)
        )
        return [_page(row) for row in await self._work.rows(statement)]


def _page(row: RowMapping) -> PageRecord:
    fields = {name: value for name, value in row.items() if name != "tenant"}
    return PageRecord(**{**fields, "state": PageState(row["state"])})
