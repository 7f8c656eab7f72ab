"""Looking back, in the database: alerts by the time in their ids, incidents by their numbers, and calls."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, String, and_, func, or_, select, type_coerce

from bot.domain.access import Viewer
from bot.domain.ids import uuid7
from bot.domain.incident import Kind, Status
from bot.domain.noise import Call, Episode, Rule
from bot.domain.resemblance import Earlier
from bot.ports.records import Delivery, PageState
from storage.inbox import stored_delivery
from storage.incidents import INCIDENTS, visible_to
from storage.tables import AlertRow, BodyRow, DeliveryRow, PageRow, ReportsRow
from storage.tables.alerts import ENDED, LIVE
from storage.work import Work

_ALERTS = AlertRow.__table__
_REPORTS = ReportsRow.__table__
_WITH_REPORTS = _ALERTS.join(_REPORTS, and_(_REPORTS.c.tenant == _ALERTS.c.tenant, _REPORTS.c.id == _ALERTS.c.id))
_PAGES = PageRow.__table__
_EARLIER: Final = ("id", "number", "title", "service", "group_key", "opened_at")
_INBOX = DeliveryRow.__table__
_BODIES = BodyRow.__table__
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
            select(*_columns(self._work))
            .select_from(_WITH_REPORTS.outerjoin(INCIDENTS, joined))
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

    async def firing(self, at: datetime, sources: Collection[str]) -> Sequence[Episode]:
        found: list[Episode] = []
        # One at a time, so that each finds its index; by `first_at`, since most ids are less than any instant's.
        for source in sources:
            for state in (LIVE, and_(ENDED, _ALERTS.c.resolved_at >= at)):
                statement = (
                    select(*_columns(self._work))
                    .select_from(_WITH_REPORTS)
                    .where(self._work.mine(_ALERTS), _ALERTS.c.source == source, state, _ALERTS.c.first_at < at)
                )
                found += [_episode(row) for row in await self._work.rows(statement)]
        return sorted(found, key=lambda episode: episode.id)

    async def received(self, since: datetime, until: datetime, source: str | None) -> Sequence[int]:
        statement = select(_INBOX.c.seq).where(
            self._work.mine(_INBOX), _INBOX.c.id >= first_id(since), _INBOX.c.id < first_id(until)
        )
        if source is not None:
            statement = statement.where(_INBOX.c.source == source)
        return sorted((await self._work.connection.execute(statement)).scalars())

    async def deliveries(self, seqs: Collection[int]) -> Sequence[Delivery]:
        statement = (
            select(_INBOX, _BODIES.c.body)
            .join(_BODIES, _BODIES.c.seq == _INBOX.c.seq)
            .where(self._work.mine(_INBOX), self._work.among(_INBOX.c.seq, seqs))
            .order_by(_INBOX.c.seq)
        )
        return [stored_delivery(row) for row in await self._work.rows(statement)]

    async def calls(self, incidents: Collection[str]) -> Sequence[Call]:
        if not incidents:
            return []
        columns = (_PAGES.c.incident, _PAGES.c.person, _PAGES.c.requested_at, _PAGES.c.state)
        statement = select(*columns).where(self._work.mine(_PAGES), self._work.among(_PAGES.c.incident, incidents))
        states: dict[tuple[str, str, datetime], set[str]] = {}
        for row in await self._work.rows(statement):
            states.setdefault((row["incident"], row["person"], row["requested_at"]), set()).add(row["state"])
        answered, failed = PageState.ACKNOWLEDGED.value, {PageState.FAILED.value}
        return [Call(*call, answered in seen, is_heard=seen != failed) for call, seen in sorted(states.items())]

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


def _columns(work: Work) -> tuple[ColumnElement[Any], ...]:
    return (
        _ALERTS.c.id,
        _ALERTS.c.source,
        _ALERTS.c.fingerprint,
        _label(work, "alertname").label("alertname"),
        func.coalesce(_ALERTS.c.service, _label(work, "service")).label("service"),
        _ALERTS.c.title,
        _ALERTS.c.incident,
        _ALERTS.c.first_at,
        _ALERTS.c.resolved_at,
        _ALERTS.c.reason,
        _REPORTS.c.flaps,
    )


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
        flaps=row["flaps"],
    )
