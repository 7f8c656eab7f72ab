"""Heartbeats within a unit of work, each with its timer, and the pulse that says since when Tocsin is up."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select

from bot.domain.incident import TimerKind
from bot.ports.heartbeats import Heart
from storage.tables import HeartbeatRow, PulseRow, TimerRow
from storage.work import Work

_HEARTBEATS = HeartbeatRow.__table__
_PULSE = PulseRow.__table__
_TIMERS = TimerRow.__table__
_COLUMNS: Final = (
    _HEARTBEATS.c.name,
    _HEARTBEATS.c.watched_since,
    _HEARTBEATS.c.beat_at,
    _HEARTBEATS.c.missed_at,
)


class SqlHeartbeats:
    """See `bot.ports.store.Heartbeats`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def all(self) -> Sequence[Heart]:
        statement = select(*_COLUMNS).where(self._work.mine(_HEARTBEATS)).order_by(_HEARTBEATS.c.name)
        return [Heart(**row) for row in await self._work.rows(statement)]

    async def get(self, name: str) -> Heart | None:
        # The timer before the heartbeat, as the one who carries the timer out does; otherwise the two could wait for
        # each other.
        await self._work.row(select(_TIMERS.c.due_at).where(self._timer_of(name)).with_for_update())
        row = await self._work.row(
            select(*_COLUMNS).where(self._work.mine(_HEARTBEATS), _HEARTBEATS.c.name == name).with_for_update()
        )
        return None if row is None else Heart(**row)

    async def watch(self, name: str, since: datetime) -> Heart:
        found = await self.get(name)
        if found is None:
            await self._work.put_new(_HEARTBEATS, asdict(Heart(name, since)))
            found = await self.get(name)
        assert found is not None
        return found

    async def save(self, heart: Heart, due_at: datetime | None) -> None:
        await self._work.put_over(_HEARTBEATS, ["name"], [asdict(heart)])
        if due_at is None:
            await self._drop_timer(heart.name)
            return
        timer = {"kind": TimerKind.HEARTBEAT.value, "subject": heart.name, "incident": None, "due_at": due_at}
        await self._work.put_over(_TIMERS, ["kind", "subject"], [timer])
        self._work.touched.add("timers")

    async def forget(self, name: str) -> None:
        await self._work.change(delete(_HEARTBEATS).where(self._work.mine(_HEARTBEATS), _HEARTBEATS.c.name == name))
        await self._drop_timer(name)

    async def pulse(self, now: datetime, gap: timedelta) -> datetime:
        before = await self._work.row(select(_PULSE).where(self._work.mine(_PULSE)).with_for_update())
        is_unbroken = before is not None and now - before["seen_at"] <= gap
        up_since: datetime = before["up_since"] if before is not None and is_unbroken else now
        seen_at = now if before is None else max(now, before["seen_at"])
        await self._work.put_over(_PULSE, [], [{"up_since": up_since, "seen_at": seen_at}])
        return up_since

    async def up_since(self) -> datetime | None:
        row = await self._work.row(select(_PULSE.c.up_since).where(self._work.mine(_PULSE)))
        return None if row is None else row["up_since"]

    async def _drop_timer(self, name: str) -> None:
        await self._work.change(delete(_TIMERS).where(self._timer_of(name)))

    def _timer_of(self, name: str) -> ColumnElement[bool]:
        is_heartbeat = _TIMERS.c.kind == TimerKind.HEARTBEAT.value
        return and_(self._work.mine(_TIMERS), is_heartbeat, _TIMERS.c.subject == name)
