"""The tallies of alerts of many incidents, written in one statement: nothing of an incident changes as often."""

from collections.abc import Sequence
from typing import Final

import orjson
from sqlalchemy import text

from bot.domain.incident import Incident
from storage.work import Work

# Materialised, lest SQLite reads the JSON anew for every incident of the tenant.
_TALLY: Final = """
WITH told AS MATERIALIZED (
    SELECT value ->> 0 AS id, value ->> 1 AS version, value ->> 2 AS total, value ->> 3 AS firing FROM json_each(?)
)
UPDATE incidents SET version = told.version, alerts_total = told.total, alerts_firing = told.firing
FROM told WHERE incidents.tenant = ? AND incidents.id = told.id AND incidents.version = told.version - 1
"""

_TALLY_POSTGRESQL: Final = text("""
UPDATE incidents SET version = told.version, alerts_total = told.total, alerts_firing = told.firing
FROM unnest(
    CAST(:ids AS varchar[]), CAST(:versions AS integer[]), CAST(:totals AS integer[]), CAST(:firing AS integer[])
) AS told (id, version, total, firing)
WHERE incidents.tenant = :tenant AND incidents.id = told.id AND incidents.version = told.version - 1
""")


async def change_tallies(work: Work, incidents: Sequence[Incident]) -> int:
    """Write the tallies where the stored version is the one before, and return of how many incidents it was."""
    told = [(one.id, one.version, one.alerts.total, one.alerts.firing) for one in incidents]
    if work.is_sqlite:
        await work.connection.exec_driver_sql(_TALLY, (orjson.dumps(told).decode(), work.tenant))
        # The driver counts no rows of a statement that begins with WITH.
        changed: int = (await work.connection.exec_driver_sql("SELECT changes()")).scalar_one()
        return changed
    ids, versions, totals, firing = (list(column) for column in zip(*told, strict=True))
    columns = {"ids": ids, "versions": versions, "totals": totals, "firing": firing}
    return (await work.connection.execute(_TALLY_POSTGRESQL, {"tenant": work.tenant, **columns})).rowcount
