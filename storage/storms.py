"""Storms within a unit of work."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, RowMapping, Select, and_, bindparam, func, literal, select
from sqlalchemy.exc import IntegrityError

from bot.domain.access import Visibility
from bot.domain.incident import TimerKind
from bot.domain.severity import Severity
from bot.domain.storm import STORM_GROUP, Storm
from bot.ports.store import Conflict
from bot.ports.storms import Extent, Folded, Weather
from storage.tables import FoldedGroupRow, IncidentRow, StormRow, TimerRow
from storage.tables.base import Instant
from storage.tables.incidents import GROUPED, OPEN
from storage.tables.storms import ON
from storage.work import Work

_STORMS = StormRow.__table__
_GROUPS = FoldedGroupRow.__table__
_INCIDENTS = IncidentRow.__table__
_TIMERS = TimerRow.__table__


class SqlStorms:
    """See `bot.ports.store.Storms`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def weather(self, since: datetime, *, most: int) -> Weather:
        if not self._work.is_sqlite:
            # Others who count now would each find room below the limit. SQLite has one writer anyway.
            await self._work.alone()
        given = {"tenant": self._work.tenant, "since": since, "most": most}
        row = await self._work.row(_weather(), given)
        assert row is not None
        storm = _storm(row) if row["incident"] is not None else None
        return Weather(min(row["opened"] + row["folded"], most), storm)

    async def spared_since(self, since: datetime, critical: Severity, *, most: int) -> Sequence[tuple[int, str]]:
        statement = (
            select(_INCIDENTS.c.number, _INCIDENTS.c.title)
            .where(
                self._work.mine(_INCIDENTS),
                GROUPED,
                OPEN,
                _INCIDENTS.c.group_key != STORM_GROUP,
                _INCIDENTS.c.opened_at > since,
                _INCIDENTS.c.severity <= int(critical),
                _INCIDENTS.c.visibility == Visibility.OPEN.value,
            )
            .order_by(_INCIDENTS.c.number.desc())
            .limit(most)
        )
        return [(row["number"], row["title"]) for row in reversed(await self._work.rows(statement))]

    async def get(self, incident_id: str) -> Storm | None:
        row = await self._work.row(select(_STORMS).where(self._work.mine(_STORMS), _STORMS.c.incident == incident_id))
        return None if row is None else _storm(row)

    async def extent(self, incident_id: str) -> Extent:
        statement = select(
            func.count().label("groups"), func.count(_GROUPS.c.service.distinct()).label("services")
        ).where(self._work.mine(_GROUPS), _GROUPS.c.incident == incident_id)
        row = await self._work.row(statement)
        assert row is not None
        return Extent(row["groups"], row["services"])

    async def fold(self, incident_id: str, groups: Sequence[Folded], at: datetime) -> int:
        values = [
            {
                "tenant": self._work.tenant,
                "incident": incident_id,
                "group_key": group.group_key,
                "service": group.service,
                "at": at,
            }
            for group in groups
        ]
        statement = self._work.insert(_GROUPS).values(values).on_conflict_do_nothing()
        return await self._work.change(statement) if values else 0

    async def save(self, storm: Storm, due_at: datetime | None = None) -> None:
        row = {
            "incident": storm.incident,
            "began_at": storm.began_at,
            "last_at": storm.last_at,
            "above_at": storm.above_at,
            "ended_at": storm.ended_at,
            "beside": list(storm.beside),
            "label_values": {name: dict(counts) for name, counts in storm.values.items()},
        }
        try:
            await self._work.put_over(_STORMS, ["incident"], [row])
        except IntegrityError as error:
            raise Conflict("another storm is on") from error
        if due_at is not None:
            timer = {"kind": TimerKind.STORM.value, "subject": storm.incident, "incident": None, "due_at": due_at}
            await self._work.put_over(_TIMERS, ["kind", "subject"], [timer])
            self._work.touched.add("timers")


@cache
def _weather() -> Select[Any]:
    """One row: both counts, each ended at the limit, beside the storm that is on or nothing."""
    tenant: BindParameter[str] = bindparam("tenant")
    since: BindParameter[datetime] = bindparam("since", type_=Instant())
    most: BindParameter[int] = bindparam("most")
    opened = (
        select(_INCIDENTS.c.id)
        .where(
            _INCIDENTS.c.tenant == tenant,
            GROUPED,
            _INCIDENTS.c.group_key != STORM_GROUP,
            _INCIDENTS.c.opened_at > since,
        )
        .limit(most)
        .subquery("opened_lately")
    )
    folded = (
        select(_GROUPS.c.group_key)
        .where(_GROUPS.c.tenant == tenant, _GROUPS.c.at > since)
        .limit(most)
        .subquery("folded_lately")
    )
    one = select(literal(1).label("one")).subquery("one")
    return select(
        select(func.count()).select_from(opened).scalar_subquery().label("opened"),
        select(func.count()).select_from(folded).scalar_subquery().label("folded"),
        *_STORMS.c,
    ).select_from(one.outerjoin(_STORMS, and_(_STORMS.c.tenant == tenant, ON)))


def _storm(row: RowMapping) -> Storm:
    return Storm(
        incident=row["incident"],
        began_at=row["began_at"],
        last_at=row["last_at"],
        above_at=row["above_at"],
        ended_at=row["ended_at"],
        beside=tuple(row["beside"]),
        values=row["label_values"],
    )
