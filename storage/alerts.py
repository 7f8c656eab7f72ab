"""Alerts in the database. Thousands go through here a second, so each call is few statements, of any size."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from bot.domain.access import Viewer
from bot.domain.alert import Alert, AlertState, LiveAlert
from bot.domain.severity import Severity
from bot.ports.records import Window
from bot.ports.store import Conflict
from storage.alert_reading import LIVE_COLUMNS, WITH_REPORTS, live_alert, read_live
from storage.alert_writing import change_alerts, count_reports, insert_alerts
from storage.cursors import bounded, read_cursor, window
from storage.incidents import INCIDENTS, visible_to
from storage.tables import AlertRow, ReportsRow
from storage.tables.alerts import ENDED, HELD, LIVE
from storage.tables.base import storable
from storage.work import Work

_ALERTS = AlertRow.__table__
_REPORTS = ReportsRow.__table__
_WHOLE = select(_ALERTS, _REPORTS.c.count, _REPORTS.c.last_at, _REPORTS.c.flaps).select_from(WITH_REPORTS)


class SqlAlerts:
    """See `bot.ports.store.Alerts`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        # What this unit read: an alert of which nothing but its reports has changed since is cheap to write.
        self._known: dict[str, LiveAlert] = {}

    async def live(self, source: str, fingerprints: Collection[str]) -> dict[str, LiveAlert]:
        if not fingerprints:
            return {}
        found = await read_live(self._work, source, fingerprints)
        self._known.update({alert.id: alert for alert in found.values()})
        return found

    async def reported_since(self, source: str, fingerprints: Collection[str], since: datetime) -> set[str]:
        if not fingerprints:
            return set()
        asked = {storable(fingerprint): fingerprint for fingerprint in fingerprints}
        found: set[str] = set()
        # One at a time, so that each finds its index. An alert ends no earlier than its last report came.
        for state in (LIVE, and_(ENDED, _ALERTS.c.resolved_at >= since)):
            statement = (
                select(_ALERTS.c.fingerprint)
                .select_from(WITH_REPORTS)
                .where(
                    self._work.mine(_ALERTS),
                    _ALERTS.c.source == source,
                    state,
                    _REPORTS.c.last_at >= since,
                    self._work.among(_ALERTS.c.fingerprint, asked),
                )
            )
            rows = (await self._work.connection.execute(statement)).scalars()
            found.update(asked[fingerprint] for fingerprint in rows)
        return found

    async def add(self, alerts: Sequence[Alert]) -> None:
        if not alerts:
            return
        try:
            await insert_alerts(self._work, alerts)
        except IntegrityError as error:
            raise Conflict("one of these alerts is live already, or its incident is not there") from error
        await count_reports(self._work, alerts)

    async def absorbed(self, alerts: Collection[LiveAlert]) -> None:
        if not alerts:
            return
        changed = [alert for alert in alerts if not self._is_known(alert)]
        if changed:
            await change_alerts(self._work, changed)
        await count_reports(self._work, list(alerts))
        self._known.update({alert.id: alert for alert in alerts})

    def _is_known(self, alert: LiveAlert) -> bool:
        """Whether nothing has changed but what every report changes."""
        before = self._known.get(alert.id)
        return (
            before is not None
            and before.state is alert.state
            and before.severity is alert.severity
            and before.incident == alert.incident
            and before.resolved_at == alert.resolved_at
            and before.reason == alert.reason
            and before.held_by == alert.held_by
        )

    async def reword(self, source: str, fingerprint: str, *, title: str | None, summary: str | None) -> None:
        words = {name: word for name, word in (("title", title), ("summary", summary)) if word is not None}
        is_meant = and_(_ALERTS.c.source == source, _ALERTS.c.fingerprint == storable(fingerprint), LIVE)
        if words:
            await self._work.change(update(_ALERTS).where(self._work.mine(_ALERTS), is_meant).values(**words))

    async def of_incident(self, incident_id: str, *, limit: int = 500) -> Sequence[Alert]:
        found: list[RowMapping] = []
        # One at a time, so that each goes by its index and stops at the limit.
        for state in (LIVE, ENDED):
            wanted = bounded(limit) - len(found)
            if wanted > 0:
                statement = (
                    _WHOLE.where(self._work.mine(_ALERTS), _ALERTS.c.incident == incident_id, state)
                    .order_by(_ALERTS.c.id)
                    .limit(wanted)
                )
                found += await self._work.rows(statement)
        return [_alert(row) for row in found]

    async def latest(self, source: str, fingerprint: str, ended_since: datetime) -> Alert | None:
        # One at a time, so that each finds its index.
        for state in (LIVE, and_(ENDED, _ALERTS.c.resolved_at >= ended_since)):
            statement = (
                _WHOLE.where(
                    self._work.mine(_ALERTS),
                    _ALERTS.c.source == source,
                    state,
                    _ALERTS.c.fingerprint == storable(fingerprint),
                )
                .order_by(_ALERTS.c.id.desc())
                .limit(1)
            )
            if (row := await self._work.row(statement)) is not None:
                return _alert(row)
        return None

    async def get(self, alert_id: str) -> Alert | None:
        row = await self._work.row(_WHOLE.where(self._work.mine(_ALERTS), _ALERTS.c.id == storable(alert_id)))
        return None if row is None else _alert(row)

    async def suppressed_sources(self, reason: str) -> Sequence[str]:
        statement = select(_ALERTS.c.source).distinct().where(self._work.mine(_ALERTS), LIVE, _for_reason(reason))
        return sorted((await self._work.connection.execute(statement)).scalars())

    async def suppressed(self, source: str, reason: str, *, limit: int) -> Sequence[Alert]:
        statement = (
            _WHOLE.where(self._work.mine(_ALERTS), _ALERTS.c.source == source, LIVE, _for_reason(reason))
            .order_by(_ALERTS.c.id)
            .limit(limit)
        )
        return [_alert(row) for row in await self._work.rows(statement)]

    async def stale_sources(self, before: datetime) -> Sequence[str]:
        statement = (
            select(_ALERTS.c.source)
            .distinct()
            .select_from(WITH_REPORTS)
            .where(self._work.mine(_ALERTS), LIVE, _ALERTS.c.held_by.is_(None), _REPORTS.c.last_at < before)
            .order_by(_ALERTS.c.source)
        )
        return list((await self._work.connection.execute(statement)).scalars())

    async def stale(self, source: str, before: datetime, *, limit: int) -> Mapping[str, Sequence[LiveAlert]]:
        statement = (
            select(*LIVE_COLUMNS)
            .select_from(WITH_REPORTS)
            .where(
                self._work.mine(_ALERTS),
                _ALERTS.c.source == source,
                LIVE,
                _ALERTS.c.held_by.is_(None),
                _REPORTS.c.last_at < before,
            )
            .order_by(_REPORTS.c.last_at)
            .limit(limit)
        )
        found: dict[str, list[LiveAlert]] = {}
        for row in (await self._work.connection.execute(statement)).all():
            alert = live_alert(row)
            found.setdefault(alert.incident or "", []).append(alert)
        return found

    async def held(self) -> Mapping[str, Sequence[str]]:
        statement = select(_ALERTS.c.held_by, _ALERTS.c.source).distinct().where(self._work.mine(_ALERTS), HELD)
        found: dict[str, list[str]] = {}
        for key, source in (await self._work.connection.execute(statement)).all():
            found.setdefault(key, []).append(source)
        return found

    async def held_count(self, keys: Collection[str]) -> Mapping[str, int]:
        if not keys:
            return {}
        statement = (
            select(_ALERTS.c.held_by, func.count())
            .where(self._work.mine(_ALERTS), HELD, self._work.among(_ALERTS.c.held_by, keys))
            .group_by(_ALERTS.c.held_by)
        )
        rows = (await self._work.connection.execute(statement)).all()
        return {row[0]: row[1] for row in rows}

    async def held_by(self, source: str, keys: Collection[str], *, after: str = "", limit: int) -> Sequence[Alert]:
        # Their ids first, by the index of what is held; by the bare id, SQLite would go through all that is live.
        by_id = _ALERTS.c.id.concat("")
        which = (
            select(_ALERTS.c.id)
            .where(
                self._work.mine(_ALERTS),
                _ALERTS.c.source == source,
                HELD,
                self._work.among(_ALERTS.c.held_by, keys),
                by_id > after,
            )
            .order_by(by_id)
            .limit(limit)
        )
        ids = list((await self._work.connection.execute(which)).scalars())
        statement = _WHOLE.where(self._work.mine(_ALERTS), self._work.among(_ALERTS.c.id, ids))
        return [_alert(row) for row in await self._work.rows(statement.order_by(_ALERTS.c.id))] if ids else []

    async def window(
        self, states: Collection[AlertState], viewer: Viewer, *, cursor: str | None = None, limit: int = 100
    ) -> Window[Alert]:
        before = read_cursor(cursor, str)
        joined = and_(INCIDENTS.c.tenant == _ALERTS.c.tenant, INCIDENTS.c.id == _ALERTS.c.incident)
        statement = (
            _WHOLE.outerjoin(INCIDENTS, joined)
            .where(
                self._work.mine(_ALERTS),
                _ALERTS.c.state.in_([state.value for state in states]),
                LIVE if AlertState.RESOLVED not in states else true(),
                _ALERTS.c.id < before if before is not None else true(),
                or_(INCIDENTS.c.id.is_(None), visible_to(viewer)),
            )
            .order_by(_ALERTS.c.id.desc())
            .limit(bounded(limit) + 1)
        )
        return window(await self._work.rows(statement), limit, _alert, "id")


def _for_reason(reason: str) -> ColumnElement[bool]:
    return and_(_ALERTS.c.state == AlertState.SUPPRESSED.value, _ALERTS.c.reason == reason)


def _alert(row: RowMapping) -> Alert:
    fields = {name: value for name, value in row.items() if name != "tenant"}
    return Alert(
        **{**fields, "state": AlertState(row["state"]), "severity": Severity(row["severity"])},
    )
