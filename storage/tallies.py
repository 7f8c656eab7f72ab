"""What alerts did to many incidents, written by one statement."""

from collections.abc import Sequence
from typing import Final

import orjson
from sqlalchemy import text

from bot.domain.incident import Incident
from storage.work import Work

# Materialised, lest SQLite reads the JSON anew for every incident of the tenant.
_TALLY: Final = """
WITH told AS MATERIALIZED (
    SELECT value ->> 0 AS id, value ->> 1 AS version, value ->> 2 AS total, value ->> 3 AS firing, value ->> 4 AS worst
    FROM json_each(?)
)
UPDATE incidents SET version = told.version, alerts_total = told.total, alerts_firing = told.firing,
    alerts_worst = told.worst
FROM told WHERE incidents.tenant = ? AND incidents.id = told.id AND incidents.version = told.version - 1
"""

_TALLY_POSTGRESQL: Final = text("""
UPDATE incidents SET version = told.version, alerts_total = told.total, alerts_firing = told.firing,
    alerts_worst = told.worst
FROM unnest(
    CAST(:ids AS varchar[]), CAST(:versions AS integer[]), CAST(:totals AS integer[]), CAST(:firing AS integer[]),
    CAST(:worst AS integer[])
) AS told (id, version, total, firing, worst)
WHERE incidents.tenant = :tenant AND incidents.id = told.id AND incidents.version = told.version - 1
""")


async def write_tallies(work: Work, incidents: Sequence[Incident]) -> int:
    """Write the alerts and the version of each incident that is still one version behind; returns how many were."""
    told = [(one.id, one.version, one.alerts.total, one.alerts.firing, one.alerts.worst) for one in incidents]
    if work.is_sqlite:
        given = (orjson.dumps(told).decode(), work.tenant)
        await work.connection.exec_driver_sql(_TALLY, given)
        # The driver counts no rows of a statement that begins with WITH.
        changed: int = (await work.connection.exec_driver_sql("SELECT changes()")).scalar_one()
    else:
        names = ("ids", "versions", "totals", "firing", "worst")
        columns = {name: list(column) for name, column in zip(names, zip(*told, strict=True), strict=True)}
        result = await work.connection.execute(_TALLY_POSTGRESQL, {"tenant": work.tenant, **columns})
        changed = result.rowcount
    return changed
