"""Follow-ups in the database, with the timers that remind of them."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, delete, select

from bot.domain.followup import Followup
from bot.domain.incident import TimerKind
from storage.tables import FollowupRow, TimerRow
from storage.work import Work

_FOLLOWUPS = FollowupRow.__table__
_TIMERS = TimerRow.__table__
_KIND = TimerKind.FOLLOWUP.value


class SqlFollowups:
    """See `bot.ports.store.Followups`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def save(self, followups: Sequence[Followup]) -> None:
        if not followups:
            return
        await self._work.put_over(
            _FOLLOWUPS,
            ["id"],
            [
                {
                    "id": followup.id,
                    "incident": followup.incident,
                    "text": followup.text,
                    "owner": followup.owner,
                    "created_by": followup.created_by,
                    "created_at": followup.created_at,
                    "due_at": followup.due_at,
                    "remind_at": followup.remind_at,
                    "done_at": followup.done_at,
                }
                for followup in followups
            ],
        )
        timers = [
            {"kind": _KIND, "subject": followup.id, "incident": followup.incident, "due_at": followup.remind_at}
            for followup in followups
            if followup.remind_at is not None
        ]
        await self._work.put_over(_TIMERS, ["kind", "subject"], timers)
        silent = [followup.id for followup in followups if followup.remind_at is None]
        if silent:
            statement = delete(_TIMERS).where(
                self._work.mine(_TIMERS), _TIMERS.c.kind == _KIND, self._work.among(_TIMERS.c.subject, silent)
            )
            await self._work.change(statement)
        self._work.touched.add("timers")

    async def get(self, followup_id: str) -> Followup | None:
        statement = select(_FOLLOWUPS).where(self._work.mine(_FOLLOWUPS), _FOLLOWUPS.c.id == followup_id)
        row = await self._work.row(statement)
        return None if row is None else _followup(row)

    async def of(self, incident_id: str) -> Sequence[Followup]:
        statement = (
            select(_FOLLOWUPS)
            .where(self._work.mine(_FOLLOWUPS), _FOLLOWUPS.c.incident == incident_id)
            .order_by(_FOLLOWUPS.c.created_at, _FOLLOWUPS.c.id)
        )
        return [_followup(row) for row in await self._work.rows(statement)]


def _followup(row: RowMapping) -> Followup:
    return Followup(**{name: value for name, value in row.items() if name != "tenant"})
