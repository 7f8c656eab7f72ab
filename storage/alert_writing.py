"""The hottest writes: many alerts and what many reports did to them, in the shape that each driver is fastest with.

On SQLite that is few statements with many values each. After every statement, and for `executemany` after every row,
the driver takes the interpreter's lock back and stands in line for it, while the writer is held.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import text

from bot.domain.alert import Alert, LiveAlert
from storage.tables.base import storable, to_json, to_microseconds
from storage.work import Work

_COLUMNS: Final = (
    *("tenant", "id", "source", "fingerprint", "state", "severity", "title", "labels", "first_at"),
    *("service", "incident", "group_key", "summary", "url", "reason", "resolved_at", "held_by"),
)
_TYPES: Final = (
    *("varchar", "varchar", "varchar", "varchar", "varchar", "integer", "varchar", "jsonb", "timestamptz"),
    *("varchar", "varchar", "varchar", "varchar", "varchar", "varchar", "timestamptz", "varchar"),
)
_ROWS_AT_ONCE: Final = 250
"""SQLite takes 32,766 parameters in a statement."""

_COUNT: Final = """
INSERT INTO alert_reports (tenant, id, count, last_at, flaps)
SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
ON CONFLICT (tenant, id) DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at),
    flaps = flaps + excluded.flaps
"""

# Materialised, lest SQLite reads the JSON anew for every alert of the tenant.
_CHANGE: Final = """
WITH told AS MATERIALIZED (
    SELECT value ->> 0 AS id, value ->> 1 AS state, value ->> 2 AS severity, value ->> 3 AS incident,
        value ->> 4 AS resolved_at, value ->> 5 AS reason, value ->> 6 AS held_by
    FROM json_each(?)
)
UPDATE alerts SET
    state = told.state, severity = told.severity, incident = told.incident, resolved_at = told.resolved_at,
    reason = told.reason, held_by = told.held_by
FROM told WHERE alerts.tenant = ? AND alerts.id = told.id
"""

_COUNT_POSTGRESQL: Final = text("""
INSERT INTO alert_reports AS kept (tenant, id, count, last_at, flaps)
SELECT :tenant, told.id, told.count, told.last_at, told.flaps
FROM unnest(
    CAST(:ids AS varchar[]), CAST(:counts AS bigint[]), CAST(:lasts AS timestamptz[]), CAST(:flaps AS integer[])
) AS told (id, count, last_at, flaps)
ON CONFLICT (tenant, id) DO UPDATE SET
    count = kept.count + excluded.count, last_at = greatest(kept.last_at, excluded.last_at),
    flaps = kept.flaps + excluded.flaps
""")

_CHANGE_POSTGRESQL: Final = text("""
UPDATE alerts SET
    state = told.state, severity = told.severity, incident = told.incident, resolved_at = told.resolved_at,
    reason = told.reason, held_by = told.held_by
FROM unnest(
    CAST(:ids AS varchar[]), CAST(:states AS varchar[]), CAST(:severities AS integer[]),
    CAST(:incidents AS varchar[]), CAST(:ends AS timestamptz[]), CAST(:reasons AS varchar[]),
    CAST(:holders AS varchar[])
) AS told (id, state, severity, incident, resolved_at, reason, held_by)
WHERE alerts.tenant = :tenant AND alerts.id = told.id
""")


async def insert_alerts(work: Work, alerts: Sequence[Alert]) -> None:
    """Store new alerts, their reports left out: see `count_reports`."""
    if work.is_sqlite:
        await _insert_in_turn(work, alerts)
        return
    rows = [_new_row(work, alert) for alert in alerts]
    columns = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    await work.connection.execute(_insert_postgresql(), columns)


async def _insert_in_turn(work: Work, alerts: Sequence[Alert]) -> None:
    """Store them a statement at a time; the next one's values are made ready while SQLite is at work on one."""
    writing: asyncio.Future[Any] | None = None
    for at in range(0, len(alerts), _ROWS_AT_ONCE):
        part = alerts[at : at + _ROWS_AT_ONCE]
        values = tuple(value for alert in part for value in _new_row(work, alert))
        if writing is not None:
            await writing
        writing = asyncio.ensure_future(work.connection.exec_driver_sql(_insert_sqlite(len(part)), values))
        await asyncio.sleep(0)  # it begins now
    if writing is not None:
        await writing


async def count_reports(work: Work, alerts: Sequence[Alert] | Sequence[LiveAlert]) -> None:
    """Add the reports of these alerts to those that are counted already; none may be twice in it."""
    if work.is_sqlite:
        counts = [(alert.id, _reports(alert), to_microseconds(alert.last_at), alert.flaps) for alert in alerts]
        await work.connection.exec_driver_sql(_COUNT, (work.tenant, orjson.dumps(counts).decode()))
        return
    values = {
        "tenant": work.tenant,
        "ids": [alert.id for alert in alerts],
        "counts": [_reports(alert) for alert in alerts],
        "lasts": [alert.last_at for alert in alerts],
        "flaps": [alert.flaps for alert in alerts],
    }
    await work.connection.execute(_COUNT_POSTGRESQL, values)


async def change_alerts(work: Work, alerts: Sequence[LiveAlert]) -> None:
    """Write state, severity, incident, end, reason and what holds back of these alerts; none may be twice in it."""
    if work.is_sqlite:
        told = [_changed_row(alert) for alert in alerts]
        await work.connection.exec_driver_sql(_CHANGE, (orjson.dumps(told).decode(), work.tenant))
        return
    values = {
        "tenant": work.tenant,
        "ids": [alert.id for alert in alerts],
        "states": [alert.state.value for alert in alerts],
        "severities": [int(alert.severity) for alert in alerts],
        "incidents": [alert.incident for alert in alerts],
        "ends": [alert.resolved_at for alert in alerts],
        "reasons": [alert.reason and storable(alert.reason) for alert in alerts],
        "holders": [alert.held_by for alert in alerts],
    }
    await work.connection.execute(_CHANGE_POSTGRESQL, values)


@lru_cache
def _insert_sqlite(rows: int) -> str:
    row = f"({', '.join('?' * len(_COLUMNS))})"
    return f"INSERT INTO alerts ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - ? only


@lru_cache
def _insert_postgresql() -> Any:
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in zip(_COLUMNS, _TYPES, strict=True))
    return text(f"INSERT INTO alerts ({', '.join(_COLUMNS)}) SELECT * FROM unnest({arrays})")  # noqa: S608 - our names


def _new_row(work: Work, alert: Alert) -> tuple[Any, ...]:
    is_sqlite = work.is_sqlite
    ended = alert.resolved_at
    return (
        work.tenant,
        alert.id,
        alert.source,
        storable(alert.fingerprint),
        alert.state.value,
        int(alert.severity),
        storable(alert.title),
        to_json(alert.labels),
        to_microseconds(alert.first_at) if is_sqlite else alert.first_at,
        alert.service,
        alert.incident,
        alert.group_key,
        storable(alert.summary),
        alert.url and storable(alert.url),
        alert.reason and storable(alert.reason),
        to_microseconds(ended) if is_sqlite and ended is not None else ended,
        alert.held_by,
    )


def _changed_row(alert: LiveAlert) -> tuple[Any, ...]:
    ended = None if alert.resolved_at is None else to_microseconds(alert.resolved_at)
    reason = alert.reason and storable(alert.reason)
    return (alert.id, alert.state.value, int(alert.severity), alert.incident, ended, reason, alert.held_by)


def _reports(alert: Alert | LiveAlert) -> int:
    return alert.count if isinstance(alert, Alert) else alert.reports
