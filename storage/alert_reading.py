"""The hottest read: what is known of the alerts that a delivery reports, in the shape that each driver is fastest with."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Select, and_, bindparam, select

from bot.domain.alert import AlertState, LiveAlert
from bot.domain.severity import Severity
from storage.tables import AlertRow, ReportsRow
from storage.tables.alerts import LIVE
from storage.tables.base import from_microseconds, storable
from storage.work import Work, among_given

_ALERTS = AlertRow.__table__
_REPORTS = ReportsRow.__table__

WITH_REPORTS: Final = _ALERTS.join(_REPORTS, and_(_REPORTS.c.tenant == _ALERTS.c.tenant, _REPORTS.c.id == _ALERTS.c.id))
LIVE_COLUMNS: Final = (
    _ALERTS.c.fingerprint,
    _ALERTS.c.id,
    _ALERTS.c.state,
    _ALERTS.c.severity,
    _ALERTS.c.incident,
    _REPORTS.c.last_at,
    _ALERTS.c.reason,
    _ALERTS.c.held_by,
)

# All rows as one value: SQLite writes them without the interpreter's lock, which the driver would take for each.
_AMONG_SQLITE: Final = f"""
SELECT json_group_array(json_array(
    alerts.fingerprint, alerts.id, state, severity, incident, last_at, reason, held_by
))
FROM alerts JOIN alert_reports USING (tenant, id)
WHERE tenant = ? AND source = ? AND {LIVE.text} AND fingerprint IN (SELECT value FROM json_each(?) AS listed)
"""  # noqa: S608 - our own words

_AMONG_POSTGRESQL: Final[Select[Any]] = (
    select(*LIVE_COLUMNS)
    .select_from(WITH_REPORTS)
    .where(
        _ALERTS.c.tenant == bindparam("tenant"),
        _ALERTS.c.source == bindparam("source"),
        LIVE,
        among_given(_ALERTS.c.fingerprint, "asked", is_sqlite=False),
    )
)

_STATES: Final = {state.value: state for state in AlertState}
_SEVERITIES: Final = {severity.value: severity for severity in Severity}


async def read_live(work: Work, source: str, fingerprints: Collection[str]) -> dict[str, LiveAlert]:
    """Return those of these alerts that are live, by fingerprint as it was asked for."""
    asked = {storable(fingerprint): fingerprint for fingerprint in fingerprints}
    listed = work.listed(asked)
    if work.is_sqlite:
        result = await work.connection.exec_driver_sql(_AMONG_SQLITE, (work.tenant, source, listed))
        found = {}
        for row in orjson.loads(result.scalar_one()):
            row[5] = from_microseconds(row[5])
            found[asked[row[0]]] = live_alert(row)
        return found
    given: Mapping[str, Any] = {"tenant": work.tenant, "source": source, "asked": listed}
    return {asked[row[0]]: live_alert(row) for row in (await work.connection.execute(_AMONG_POSTGRESQL, given)).all()}


def live_alert(row: Sequence[Any]) -> LiveAlert:
    """Return a row of `LIVE_COLUMNS` as the value that travels."""
    _, alert_id, state, severity, incident, last_at, reason, held_by = row
    return LiveAlert(alert_id, _STATES[state], _SEVERITIES[severity], incident, last_at, 0, None, reason, 0, held_by)
