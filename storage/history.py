"""Looking back, in the database: alerts by the time in their ids, incidents by their numbers, and calls."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, RowMapping, String, and_, func, or_, select, type_coerce

from bot.domain.access import Viewer
from bot.domain.ids import uuid7
from bot.domain.incident import Kind, Status
from bot.domain.noise import Call, Episode, Rule
from bot.domain.resemblance import Earlier
from bot.ports.records import PageState
from storage.incidents import INCIDENTS, visible_to
from storage.tables import AlertRow, PageRow
from storage.work import Work

_ALERTS = AlertRow.__table__
_PAGES = PageRow.__table__
_EARLIER: Final = ("id", "number", "title", "service", "group_key", "opened_at")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SqlHistory:
    """See `bot.ports.history.History`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def began(
        self, since: datetime, until: datetime, viewer: Viewer, *, after: str | None = None, limit: int
    ) -> Sequence[Episode]:
        joined = and_(INCIDENTS.c.tenant == _ALERTS.c.tenant, INCIDENTS.c.id == _ALERTS.c.incident)
        statement = (
            select(
                _ALERTS.c.id,
                _ALERTS.c.source,
                _ALERTS.c.fingerprint,
                _label(self._work, "alertname").label("alertname"),
                func.coalesce(_ALERTS.c.service, _label(self._work, "service")).label("service"),
                _ALERTS.c.title,
                _ALERTS.c.incident,
                _ALERTS.c.first_at,
                _ALERTS.c.resolved_at,
                _ALERTS.c.reason,
            )
            .select_from(_ALERTS.outerjoin(INCIDENTS, joined))
            .where(
                self._work.mine(_ALERTS),
                _ALERTS.c.id > after if after is not None else _ALERTS.c.id >= first_id(since),
                _ALERTS.c.id < first_id(until),
                or_(INCIDENTS.c.id.is_(None), visible_to(viewer)),
            )
            .order_by(_ALERTS.c.id)
            .limit(limit)
        )
        return [_episode(row) for row in await self._work.rows(statement)]

    async def calls(self, incidents: Collection[str]) -> Sequence[Call]:
        if not incidents:
            return []
        columns = (_PAGES.c.incident, _PAGES.c.person, _PAGES.c.requested_at, _PAGES.c.state)
        statement = select(*columns).where(
            self._work.mine(_PAGES),
            self._work.among(_PAGES.c.incident, incidents),
            # Nobody heard of it: the channel refused it, or the incident ended before it was made.
            _PAGES.c.state != PageState.FAILED.value,
        )
        answered: dict[tuple[str, str, datetime], bool] = {}
        for row in await self._work.rows(statement):
            call = (row["incident"], row["person"], row["requested_at"])
            answered[call] = answered.get(call, False) or row["state"] == PageState.ACKNOWLEDGED.value
        return [Call(*call, is_answered) for call, is_answered in sorted(answered.items())]

    async def before(self, number: int, viewer: Viewer, *, limit: int) -> Sequence[Earlier]:
        statement = (
            select(*(INCIDENTS.c[name] for name in _EARLIER))
            .where(
                self._work.mine(INCIDENTS),
                INCIDENTS.c.number < number,
                INCIDENTS.c.kind.in_([Kind.REAL.value, Kind.BACKFILLED.value]),
                INCIDENTS.c.status != Status.CANCELLED.value,
                visible_to(viewer),
            )
            .order_by(INCIDENTS.c.number.desc())
            .limit(limit)
        )
        return [Earlier(**row) for row in await self._work.rows(statement)]


def first_id(at: datetime) -> str:
    """Return the least id that can be made at an instant: ids begin with their time, so they are an index of it."""
    return uuid7(max(at, _EPOCH), 0)


def _label(work: Work, name: str) -> ColumnElement[str]:
    if work.is_sqlite:
        return func.json_extract(type_coerce(_ALERTS.c.labels, String()), f"$.{name}")
    return func.jsonb_extract_path_text(_ALERTS.c.labels, name)


def _episode(row: RowMapping) -> Episode:
    rule = Rule(row["source"], str(row["alertname"] or row["title"]), row["service"] or "")
    return Episode(
        id=row["id"],
        rule=rule,
        fingerprint=row["fingerprint"],
        incident=row["incident"],
        began_at=row["first_at"],
        ended_at=row["resolved_at"],
        is_cut=row["reason"] == "expired",
    )
