"""Timers within a unit of work."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select

from bot.domain.incident import TimerKind
from bot.ports.records import Due
from storage.tables import TimerRow
from storage.work import Work

_TIMERS = TimerRow.__table__
_DERIVED = frozenset(kind.value for kind in TimerKind) - {TimerKind.FOLLOWUP.value}
"""The kinds that follow from the incident. A newer replica may have others: those are its affair."""


class SqlTimers:
    """See `bot.ports.store.Timers`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def set_for(self, incident_id: str, due: Mapping[TimerKind, datetime]) -> None:
        ended = sorted(_DERIVED.difference(kind.value for kind in due))
        others = delete(_TIMERS).where(
            self._work.mine(_TIMERS), _TIMERS.c.incident == incident_id, _TIMERS.c.kind.in_(ended)
        )
        await self._work.change(others)
        await self.begin({incident_id: due})

    async def begin(self, due: Mapping[str, Mapping[TimerKind, datetime]]) -> None:
        rows = [
            {"kind": kind.value, "subject": incident_id, "incident": incident_id, "due_at": at}
            for incident_id, timers in due.items()
            for kind, at in timers.items()
        ]
        await self._work.put_over(_TIMERS, ["kind", "subject"], rows)
        self._work.touched.add("timers")

    async def of_many(self, incident_ids: Collection[str]) -> Mapping[str, Mapping[TimerKind, datetime]]:
        if not incident_ids:
            return {}
        statement = select(_TIMERS.c.incident, _TIMERS.c.kind, _TIMERS.c.due_at).where(
            self._work.mine(_TIMERS),
            self._work.among(_TIMERS.c.incident, incident_ids),
            _TIMERS.c.kind.in_(sorted(_DERIVED)),
        )
        found: dict[str, dict[TimerKind, datetime]] = {}
        for row in await self._work.rows(statement):
            found.setdefault(row["incident"], {})[TimerKind(row["kind"])] = row["due_at"]
        return found

    async def consume(self, due: Due) -> bool:
        # The time is compared too: a timer that was moved is another timer.
        statement = delete(_TIMERS).where(
            self._work.mine(_TIMERS),
            _TIMERS.c.kind == due.kind,
            _TIMERS.c.subject == due.subject,
            _TIMERS.c.due_at == due.due_at,
        )
        return await self._work.change(statement) == 1
