"""Finds lanes that have work that is due, in time that grows with the number of lanes and not of rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import String, TextClause, bindparam, text

from bot.ports.records import LaneKey, LaneKind
from storage.tables.base import Instant
from storage.work import Work


@dataclass(frozen=True, slots=True)
class FreeLane:
    """A lane whose head is due and that nobody works on. `was_leased`: an expired lease is in the way."""

    tenant: str
    kind: LaneKind
    lane: str
    was_leased: bool


# From one lane's head the index leads straight to the next lane's, past all that waits behind the first: with a
# DISTINCT, a backlog of 100,000 rows in one lane would be read wholly at every claim. (Comparing both columns at once,
# as a row, says the same, but SQLite then searches by the first one only.)
_QUEUE: Final = """
WITH RECURSIVE head (tenant, lane, seq) AS (
    SELECT tenant, lane, seq FROM (
        SELECT tenant, {lane} AS lane, seq FROM {table} WHERE state = 'pending' ORDER BY tenant, {lane}, seq LIMIT 1
    ) AS first
    UNION ALL
    SELECT next.tenant, next.{lane}, next.seq FROM head JOIN {table} AS next ON next.seq = coalesce(
        (
            SELECT seq FROM {table}
            WHERE state = 'pending' AND tenant = head.tenant AND {lane} > head.lane ORDER BY {lane}, seq LIMIT 1
        ),
        (SELECT seq FROM {table} WHERE state = 'pending' AND tenant > head.tenant ORDER BY tenant, {lane}, seq LIMIT 1)
    )
)
SELECT head.tenant, head.lane, leases.token IS NOT NULL AS was_leased
FROM head
LEFT JOIN leases ON leases.tenant = head.tenant AND leases.kind = :kind AND leases.lane = head.lane
WHERE leases.token IS NULL OR leases.expires_at <= :now
ORDER BY head.seq
LIMIT :limit
"""
"""For a queue whose rows are due as they come. `lane` is its column that names the lane."""

_OUTBOX: Final = """
WITH RECURSIVE head (tenant, lane, seq) AS (
    SELECT tenant, lane, seq FROM (
        SELECT tenant, lane, seq FROM outbox
        WHERE state = 'pending' AND lane_kind = :kind ORDER BY tenant, lane, seq LIMIT 1
    ) AS first
    UNION ALL
    SELECT next.tenant, next.lane, next.seq FROM head JOIN outbox AS next ON next.seq = coalesce(
        (
            SELECT seq FROM outbox
            WHERE state = 'pending' AND lane_kind = :kind AND tenant = head.tenant AND lane > head.lane
            ORDER BY lane, seq LIMIT 1
        ),
        (
            SELECT seq FROM outbox WHERE state = 'pending' AND lane_kind = :kind AND tenant > head.tenant
            ORDER BY tenant, lane, seq LIMIT 1
        )
    )
)
SELECT head.tenant, head.lane, leases.token IS NOT NULL AS was_leased
FROM head
JOIN outbox ON outbox.seq = head.seq AND outbox.due_at <= :now
LEFT JOIN leases ON leases.tenant = head.tenant AND leases.kind = :kind AND leases.lane = head.lane
WHERE leases.token IS NULL OR leases.expires_at <= :now
ORDER BY outbox.due_at, head.seq
LIMIT :limit
"""


def _prepared(statement: str) -> TextClause:
    return text(statement).bindparams(bindparam("kind", type_=String()), bindparam("now", type_=Instant()))


_STATEMENTS: Final = {
    **{kind: _prepared(_OUTBOX) for kind in LaneKind},
    LaneKind.INBOX: _prepared(_QUEUE.format(table="inbox", lane="source")),
    LaneKind.UPDATE: _prepared(_QUEUE.format(table="chat_updates", lane="lane")),
}


async def free_lanes(
    work: Work, kinds: Sequence[LaneKind], now: datetime, *, limit: int, resting: Collection[LaneKey] = ()
) -> Sequence[FreeLane]:
    """Return at most `limit` lanes of every tenant, kinds in this order, and in each the longest waiting head first.

    Those that are `resting` are left out.
    """
    found: list[FreeLane] = []
    for kind in kinds:
        wanted = limit - len(found)
        if wanted <= 0:
            break
        asked = {"kind": kind.value, "now": now, "limit": wanted + len(resting)}
        rows = (await work.connection.execute(_STATEMENTS[kind], asked)).mappings()
        awake = [row for row in rows if (row["tenant"], kind, row["lane"]) not in resting]
        found += [FreeLane(row["tenant"], kind, row["lane"], bool(row["was_leased"])) for row in awake[:wanted]]
    return found
