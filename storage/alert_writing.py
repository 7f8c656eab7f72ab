"""The hottest write: what many reports did to many alerts, in the shape that each driver is fastest with."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import text

from bot.domain.alert import LiveAlert
from storage.tables.base import to_microseconds
from storage.work import Work

_SQLITE: Final = """
UPDATE alerts SET
    state = ?, severity = ?, incident = ?, count = count + ?, last_at = max(last_at, ?), resolved_at = ?, reason = ?
WHERE tenant = ? AND id = ?
"""

_POSTGRESQL: Final = text("""
UPDATE alerts SET
    state = told.state,
    severity = told.severity,
    incident = told.incident,
    count = alerts.count + told.reports,
    last_at = greatest(alerts.last_at, told.last_at),
    resolved_at = told.resolved_at,
    reason = told.reason
FROM unnest(
    CAST(:ids AS varchar[]), CAST(:states AS varchar[]), CAST(:severities AS integer[]),
    CAST(:incidents AS varchar[]), CAST(:reports AS integer[]), CAST(:lasts AS timestamptz[]),
    CAST(:ends AS timestamptz[]), CAST(:reasons AS varchar[])
) AS told (id, state, severity, incident, reports, last_at, resolved_at, reason)
WHERE alerts.tenant = :tenant AND alerts.id = told.id
""")


async def absorb_all(work: Work, alerts: Collection[LiveAlert]) -> None:
    """Write state, severity, incident, reports, last report, end and reason of every alert; none may be twice in it."""
    if work.is_sqlite:
        # Past SQLAlchemy's types: with them, preparing a thousand rows takes longer than writing them.
        await work.connection.exec_driver_sql(_SQLITE, [_row(work.tenant, alert) for alert in alerts])
        return
    columns: dict[str, Any] = {
        "ids": [alert.id for alert in alerts],
        "states": [alert.state.value for alert in alerts],
        "severities": [int(alert.severity) for alert in alerts],
        "incidents": [alert.incident for alert in alerts],
        "reports": [alert.reports for alert in alerts],
        "lasts": [alert.last_at for alert in alerts],
        "ends": [alert.resolved_at for alert in alerts],
        "reasons": [alert.reason for alert in alerts],
    }
    await work.connection.execute(_POSTGRESQL, {"tenant": work.tenant, **columns})


def _row(tenant: str, alert: LiveAlert) -> tuple[Any, ...]:
    return (
        alert.state.value,
        int(alert.severity),
        alert.incident,
        alert.reports,
        to_microseconds(alert.last_at),
        to_microseconds(alert.resolved_at) if alert.resolved_at is not None else None,
        alert.reason,
        tenant,
        alert.id,
    )
