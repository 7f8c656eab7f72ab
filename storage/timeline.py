"""The timelines in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select

from bot.domain.timeline import Actor, Event, EventKind
from bot.ids import new_id
from bot.ports.records import StoredEvent
from storage.cursors import bounded
from storage.tables import EventRow
from storage.work import Work

_TIMELINE = EventRow.__table__


class SqlTimeline:
    """See `bot.ports.store.Timeline`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, incident_id: str, events: Sequence[Event], recorded_at: datetime) -> None:
        await self.add_many([(incident_id, event) for event in events], recorded_at)

    async def add_many(self, events: Sequence[tuple[str, Event]], recorded_at: datetime) -> None:
        rows = [
            {
                "id": new_id(recorded_at),
                "incident": incident_id,
                "kind": event.kind.value,
                "schema_version": event.schema,
                "actor": str(event.actor),
                "fields": event.fields,
                "occurred_at": event.occurred_at,
                "recorded_at": recorded_at,
            }
            for incident_id, event in events
        ]
        await self._work.put(_TIMELINE, rows)

    async def of(self, incident_id: str, *, limit: int = 500) -> Sequence[StoredEvent]:
        statement = (
            select(_TIMELINE)
            .where(self._work.mine(_TIMELINE), _TIMELINE.c.incident == incident_id)
            .order_by(_TIMELINE.c.occurred_at.desc(), _TIMELINE.c.seq.desc())
            .limit(bounded(limit))
        )
        rows = await self._work.rows(statement)
        return [_stored(row) for row in reversed(rows)]


def _stored(row: RowMapping) -> StoredEvent:
    event = Event(
        kind=EventKind(row["kind"]),
        actor=Actor.parse(row["actor"]),
        occurred_at=row["occurred_at"],
        fields=row["fields"],
        schema=row["schema_version"],
    )
    return StoredEvent(row["id"], row["incident"], event, row["recorded_at"])
