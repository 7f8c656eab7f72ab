"""Silences and inhibitors within a unit of work."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.domain.access import Viewer
from bot.domain.hush import Inhibitor, Silence, Standing
from bot.domain.incident import TimerKind
from bot.domain.matchers import parse_matchers
from bot.domain.severity import Severity
from bot.domain.silencing import Sample, named
from bot.ports.hushing import SilenceStage
from bot.ports.records import Window
from storage.cursors import bounded, read_cursor, window
from storage.history import first_id
from storage.incidents import INCIDENTS, visible_to
from storage.tables import AlertRow, CounterRow, InhibitorRow, SilenceRow, TimerRow
from storage.tables.alerts import LIVE
from storage.tables.base import Instant
from storage.work import Work, among_given

_SILENCES = SilenceRow.__table__
_INHIBITORS = InhibitorRow.__table__
_ALERTS = AlertRow.__table__
_COUNTERS = CounterRow.__table__
_TIMERS = TimerRow.__table__
_COUNTER: Final = "silence"
_HIDDEN: Final = "hidden:"
"""Before what of the file held alerts back: the counter of how many those were."""


class SqlSilences:
    """See `bot.ports.hushing.Silences`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def next_number(self) -> int:
        statement = self._work.insert(_COUNTERS).on_conflict_do_update(
            index_elements=["tenant", "name"], set_={"value": _COUNTERS.c.value + 1}
        )
        first = {"tenant": self._work.tenant, "name": _COUNTER, "value": 1}
        number: int = (await self._work.connection.execute(statement.returning(_COUNTERS.c.value), first)).scalar_one()
        return number

    async def save(self, silence: Silence, timers: Mapping[str, datetime]) -> None:
        await self._work.put_over(_SILENCES, ["number"], [_row(silence)])
        mine = and_(_TIMERS.c.kind == TimerKind.SILENCE.value, _TIMERS.c.subject.startswith(f"{silence.number}:"))
        await self._work.change(delete(_TIMERS).where(self._work.mine(_TIMERS), mine))
        rows = [
            {"kind": TimerKind.SILENCE.value, "subject": subject, "incident": None, "due_at": at}
            for subject, at in timers.items()
        ]
        await self._work.put_over(_TIMERS, ["kind", "subject"], rows)
        self._work.touched.add("timers")

    async def get(self, number: int) -> Silence | None:
        row = await self._work.row(self._mine(_SILENCES.c.number == number).with_for_update())
        return None if row is None else _silence(row)

    async def many(self, numbers: Collection[int]) -> Mapping[int, Silence]:
        if not numbers:
            return {}
        rows = await self._work.rows(self._mine(self._work.among(_SILENCES.c.number, numbers)))
        return {row["number"]: _silence(row) for row in rows}

    async def in_force(self, at: datetime) -> Sequence[Silence]:
        rows = (await self._work.connection.execute(_in_force(), {"tenant": self._work.tenant, "at": at})).mappings()
        return [_silence(row) for row in rows]

    async def window(
        self, stages: Collection[SilenceStage], at: datetime, *, cursor: str | None = None, limit: int = 100
    ) -> Window[Silence]:
        before = read_cursor(cursor, int)
        statement = self._mine(or_(*(_stands(stage, at) for stage in stages)))
        if before is not None:
            statement = statement.where(_SILENCES.c.number < before)
        statement = statement.order_by(_SILENCES.c.number.desc()).limit(bounded(limit) + 1)
        return window(await self._work.rows(statement), limit, _silence, "number")

    async def hid(self, counts: Mapping[int, int]) -> None:
        # In one order always, lest two sources that were held back by the same silences wait for each other.
        for number, count in sorted(counts.items()):
            statement = update(_SILENCES).where(self._work.mine(_SILENCES), _SILENCES.c.number == number)
            await self._work.change(statement.values(hidden=_SILENCES.c.hidden + count))

    async def file_hid(self, counts: Mapping[str, int]) -> None:
        statement = self._work.insert(_COUNTERS)
        adds = statement.on_conflict_do_update(
            index_elements=["tenant", "name"], set_={"value": _COUNTERS.c.value + statement.excluded.value}
        )
        for holder, count in sorted(counts.items()):
            row = {"tenant": self._work.tenant, "name": _HIDDEN + holder, "value": count}
            await self._work.connection.execute(adds, row)

    async def hidden_by_file(self, holders: Collection[str]) -> Mapping[str, int]:
        names = [_HIDDEN + holder for holder in holders]
        which = self._work.among(_COUNTERS.c.name, names)
        rows = await self._work.rows(select(_COUNTERS).where(self._work.mine(_COUNTERS), which)) if names else ()
        return {row["name"].removeprefix(_HIDDEN): row["value"] for row in rows}

    async def recent_alerts(self, since: datetime, viewer: Viewer, *, limit: int) -> Sequence[Sample]:
        joined = and_(INCIDENTS.c.tenant == _ALERTS.c.tenant, INCIDENTS.c.id == _ALERTS.c.incident)
        columns = (_ALERTS.c.id, _ALERTS.c.title, _ALERTS.c.labels, _ALERTS.c.service, _ALERTS.c.severity)
        statement = (
            select(*columns, _ALERTS.c.state)
            .select_from(_ALERTS.outerjoin(INCIDENTS, joined))
            .where(self._work.mine(_ALERTS), or_(INCIDENTS.c.id.is_(None), visible_to(viewer)))
            .order_by(_ALERTS.c.id.desc())
            .limit(limit)
        )
        found: dict[str, RowMapping] = {}
        # One at a time, so that each goes by its index.
        for which in (LIVE, _ALERTS.c.id >= first_id(since)):
            found.update({row["id"]: row for row in await self._work.rows(statement.where(which))})
        newest = sorted(found, reverse=True)[:limit]
        return [_sample(found[alert]) for alert in newest]

    def _mine(self, which: ColumnElement[bool]) -> Select[Any]:
        return select(_SILENCES).where(self._work.mine(_SILENCES), which)


class SqlInhibitors:
    """See `bot.ports.hushing.Inhibitors`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def among(self, pairs: Collection[tuple[str, str]], ended_after: datetime) -> Sequence[Standing]:
        if not pairs:
            return ()
        given = {
            "tenant": self._work.tenant,
            "rules": self._work.listed(sorted({rule for rule, _ in pairs})),
            "keys": self._work.listed(sorted({key for _, key in pairs})),
            "ended_after": ended_after,
        }
        rows = (await self._work.connection.execute(_among(self._work.is_sqlite), given)).all()
        return [Standing((rule, key, bool(of)), title, ended_at) for rule, key, of, title, ended_at in rows]

    async def add(self, inhibitors: Sequence[Inhibitor]) -> None:
        rows = [
            {"rule": one.rule, "key": one.key, "alert": one.alert, "is_target": one.is_target} for one in inhibitors
        ]
        await self._work.put_missing(_INHIBITORS, rows)

    async def forget(self, rules: Collection[str], ended_by: datetime) -> None:
        its = and_(_ALERTS.c.tenant == _INHIBITORS.c.tenant, _ALERTS.c.id == _INHIBITORS.c.alert)
        is_over = ~exists(select(_ALERTS.c.id).where(its, or_(LIVE, _ALERTS.c.resolved_at > ended_by)))
        which = or_(_INHIBITORS.c.rule.not_in(sorted(rules)), is_over)
        await self._work.change(delete(_INHIBITORS).where(self._work.mine(_INHIBITORS), which))

    async def live_labels(self, after: str, *, limit: int) -> Sequence[tuple[str, Mapping[str, str]]]:
        statement = (
            select(_ALERTS.c.id, _ALERTS.c.labels)
            .where(self._work.mine(_ALERTS), LIVE, _ALERTS.c.id > after)
            .order_by(_ALERTS.c.id)
            .limit(limit)
        )
        return [(row["id"], row["labels"]) for row in await self._work.rows(statement)]


@cache
def _in_force() -> Select[Any]:
    return select(_SILENCES).where(
        _SILENCES.c.tenant == bindparam("tenant"),
        _SILENCES.c.ends_at > bindparam("at"),
        _SILENCES.c.starts_at <= bindparam("at"),
    )


@cache
def _among(is_sqlite: bool) -> Select[Any]:  # noqa: FBT001 - a key of the cache
    its = and_(_ALERTS.c.tenant == _INHIBITORS.c.tenant, _ALERTS.c.id == _INHIBITORS.c.alert)
    place = (_INHIBITORS.c.rule, _INHIBITORS.c.key, _INHIBITORS.c.is_target)
    is_live = _ALERTS.c.resolved_at.is_(None)
    return (
        select(*place, func.min(_ALERTS.c.title), func.max(_ALERTS.c.resolved_at))
        .select_from(_INHIBITORS.join(_ALERTS, its))
        .where(
            _INHIBITORS.c.tenant == bindparam("tenant"),
            among_given(_INHIBITORS.c.rule, "rules", is_sqlite=is_sqlite),
            among_given(_INHIBITORS.c.key, "keys", is_sqlite=is_sqlite),
            or_(is_live, _ALERTS.c.resolved_at > bindparam("ended_after", type_=Instant())),
        )
        .group_by(*place, is_live)
    )


def _stands(stage: SilenceStage, at: datetime) -> ColumnElement[bool]:
    match stage:
        case SilenceStage.PENDING:
            return and_(_SILENCES.c.starts_at > at, _SILENCES.c.ends_at > at)
        case SilenceStage.ACTIVE:
            return and_(_SILENCES.c.starts_at <= at, _SILENCES.c.ends_at > at)
        case SilenceStage.EXPIRED:
            return _SILENCES.c.ends_at <= at


def _row(silence: Silence) -> dict[str, Any]:
    return {
        "number": silence.number,
        "matchers": named(silence.matchers),
        "service": silence.service,
        "author": silence.author,
        "reason": silence.reason,
        "is_maintenance": silence.is_maintenance,
        "created_at": silence.created_at,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "hidden": silence.hidden,
    }


def _silence(row: RowMapping) -> Silence:
    fields = {name: value for name, value in row.items() if name != "tenant"}
    return Silence(**{**fields, "matchers": parse_matchers(row["matchers"])})


def _sample(row: RowMapping) -> Sample:
    severity = Severity(row["severity"])
    return Sample(row["title"], row["labels"], row["service"], severity, is_live=row["state"] != "resolved")
