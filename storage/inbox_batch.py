"""One commit of the inbox, at the least cost: two statements through the driver, however many deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from bot.ports.records import NewDelivery
from storage.tables.base import to_microseconds
from storage.work import Work

# One statement does it all in one round trip.
_POSTGRES: Final = """
WITH received AS (
    INSERT INTO inbox (tenant, id, source, kind, received_at, state, attempts, size_bytes)
    SELECT tenant, id, source, kind, received_at, 'pending', 0, octet_length(body)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bytea[])
        WITH ORDINALITY AS new (tenant, id, source, kind, received_at, body, place)
    ORDER BY place
    RETURNING seq, tenant, id
)
INSERT INTO inbox_bodies (seq, body)
SELECT received.seq, new.body
FROM received
JOIN unnest($1::text[], $2::text[], $6::bytea[]) AS new (tenant, id, body) USING (tenant, id)
"""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A delivery and the id that it gets."""

    id: str
    delivery: NewDelivery


async def write_batch(work: Work, rows: Sequence[InboxRow]) -> None:
    """Store all of these in this order."""
    if work.is_sqlite:
        deliveries, bodies = _sqlite_statements(len(rows))
        await work.connection.exec_driver_sql(deliveries, tuple(value for row in rows for value in _delivery(row)))
        await work.connection.exec_driver_sql(bodies, tuple(value for row in rows for value in _body(row)))
    else:
        await work.connection.exec_driver_sql(_POSTGRES, _columns(rows))
    work.touched.add("inbox")


# One statement for all rows: after each the driver takes the interpreter's lock back, and `executemany` would stand in
# line for it once a row while it holds the writer.
@lru_cache
def _sqlite_statements(rows: int) -> tuple[str, str]:
    deliveries = ", ".join(["(?, ?, ?, ?, ?, 'pending', 0, ?)"] * rows)
    bodies = ", ".join(["((SELECT seq FROM inbox WHERE tenant = ? AND id = ?), ?)"] * rows)
    return (
        f"INSERT INTO inbox (tenant, id, source, kind, received_at, state, attempts, size_bytes) VALUES {deliveries}",  # noqa: S608
        f"INSERT INTO inbox_bodies (seq, body) VALUES {bodies}",  # noqa: S608 - question marks only
    )


def _delivery(row: InboxRow) -> tuple[str, str, str, str, int, int]:
    delivery = row.delivery
    received_at = to_microseconds(delivery.received_at)
    return delivery.tenant, row.id, delivery.source, delivery.kind, received_at, len(delivery.body)


def _body(row: InboxRow) -> tuple[str, str, bytes]:
    return row.delivery.tenant, row.id, row.delivery.body


def _columns(rows: Sequence[InboxRow]) -> tuple[list[Any], ...]:
    return (
        [row.delivery.tenant for row in rows],
        [row.id for row in rows],
        [row.delivery.source for row in rows],
        [row.delivery.kind for row in rows],
        [row.delivery.received_at for row in rows],
        [row.delivery.body for row in rows],
    )
