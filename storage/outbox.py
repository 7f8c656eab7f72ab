"""The outbox within a unit of work."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, select, text, update

from bot.ids import new_id
from bot.ports.records import EffectState, LaneKind, Merging, NewEffect, PageState, StoredEffect, Window
from storage.codec import from_plain, to_plain
from storage.cursors import bounded, read_cursor, window
from storage.tables import EffectRow, PageRow
from storage.tables.effects import DEAD, PENDING
from storage.work import Work, among_given

_OUTBOX = EffectRow.__table__
_PAGES = PageRow.__table__
_CONDITIONS = {
    EffectState.PENDING: PENDING,
    EffectState.DEAD: DEAD,
    EffectState.DONE: text("state = 'done'"),
}


class SqlOutbox:
    """See `bot.ports.store.Outbox`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, effects: Sequence[NewEffect], at: datetime) -> None:
        waiting = await self._waiting({effect.lane for effect in effects if effect.merges is not Merging.NEVER})
        if waiting:
            urgent = [effect.lane for effect in effects if effect.merges is Merging.AT_ONCE]
            await self._hasten([waiting[lane] for lane in urgent if lane in waiting], at)
        effects = [effect for effect in effects if effect.merges is Merging.NEVER or effect.lane not in waiting]
        if not effects:
            return
        rows = [
            {
                "id": new_id(at),
                "key": effect.key,
                "lane_kind": effect.lane_kind.value,
                "lane": effect.lane,
                "chat": effect.chat,
                "effect": to_plain(effect.effect),
                "incident": effect.incident,
                "page": effect.page,
                "created_at": at,
                "due_at": effect.due_at or at,
                "attempts": 0,
                "is_unknown": effect.is_unknown,
                "state": EffectState.PENDING.value,
            }
            for effect in effects
        ]
        await self._work.put_missing(_OUTBOX, rows)
        self._work.touched.add("effects")

    async def hold(self, effect: StoredEffect) -> None:
        await self._work.row(
            select(_OUTBOX.c.seq).where(self._work.mine(_OUTBOX), _OUTBOX.c.seq == effect.seq).with_for_update()
        )

    async def done(self, effect: StoredEffect, at: datetime) -> None:
        values = {"state": EffectState.DONE.value, "finished_at": at, "is_unknown": False, "error": None}
        await self._set(effect, {**values, "attempts": effect.attempts + 1})

    async def again(self, effect: StoredEffect, due_at: datetime, reason: str, *, is_unknown: bool) -> None:
        values = {"due_at": due_at, "error": reason, "is_unknown": is_unknown, "attempts": effect.attempts + 1}
        await self._set(effect, values)

    async def dead(self, effect: StoredEffect, at: datetime, reason: str) -> None:
        values = {"state": EffectState.DEAD.value, "finished_at": at, "error": reason}
        await self._set(effect, {**values, "attempts": effect.attempts + 1})

    async def window(self, state: str, *, cursor: str | None = None, limit: int = 100) -> Window[StoredEffect]:
        before = read_cursor(cursor, int)
        statement = select(_OUTBOX).where(self._work.mine(_OUTBOX), _CONDITIONS[EffectState(state)])
        if before is not None:
            statement = statement.where(_OUTBOX.c.seq < before)
        statement = statement.order_by(_OUTBOX.c.seq.desc()).limit(bounded(limit) + 1)
        return window(await self._work.rows(statement), limit, stored_effect, "seq")

    async def revive(self, effect_id: str, at: datetime) -> bool:
        statement = update(_OUTBOX).where(self._work.mine(_OUTBOX), _OUTBOX.c.id == effect_id, DEAD)
        values = {"state": EffectState.PENDING.value, "due_at": at, "attempts": 0, "finished_at": None}
        if await self._work.change(statement, values) != 1:
            return False
        page = select(_OUTBOX.c.page).where(self._work.mine(_OUTBOX), _OUTBOX.c.id == effect_id).scalar_subquery()
        given_up = update(_PAGES).where(
            self._work.mine(_PAGES), _PAGES.c.id == page, _PAGES.c.state == PageState.FAILED.value
        )
        await self._work.change(given_up, {"state": PageState.QUEUED.value, "reason": None})
        self._work.touched.add("effects")
        return True

    async def _hasten(self, seqs: Sequence[int], at: datetime) -> None:
        """Let what only waits for more to merge into it be due now."""
        if seqs:
            later = update(_OUTBOX).where(self._work.mine(_OUTBOX), _OUTBOX.c.seq.in_(seqs), _OUTBOX.c.due_at > at)
            if await self._work.change(later, {"due_at": at}):
                self._work.touched.add("effects")

    async def _waiting(self, lanes: Collection[str]) -> dict[str, int]:
        """Return what is pending in these lanes of cards, held so that it is not settled before the commit."""
        if not lanes:
            return {}
        given = {"tenant": self._work.tenant, "asked": self._work.listed(lanes)}
        rows = await self._work.rows(_pending_cards(self._work.is_sqlite), given)
        return {row["lane"]: row["seq"] for row in rows}

    async def _set(self, effect: StoredEffect, values: dict[str, object]) -> None:
        statement = update(_OUTBOX).where(self._work.mine(_OUTBOX), _OUTBOX.c.seq == effect.seq, PENDING)
        await self._work.change(statement, values)
        # The lane's next effect may be due now.
        self._work.touched.add("effects")


@cache
def _pending_cards(is_sqlite: bool) -> Select[Any]:  # noqa: FBT001 - a key of the cache
    return (
        select(_OUTBOX.c.lane, _OUTBOX.c.seq)
        .where(
            _OUTBOX.c.tenant == bindparam("tenant"),
            PENDING,
            _OUTBOX.c.lane_kind == LaneKind.CARD.value,
            among_given(_OUTBOX.c.lane, "asked", is_sqlite=is_sqlite),
        )
        .order_by(_OUTBOX.c.seq)
        .with_for_update()
    )


def stored_effect(row: RowMapping) -> StoredEffect:
    """Return a row of the outbox as the value that travels."""
    fields = {name: value for name, value in row.items() if name != "finished_at"}
    return StoredEffect(
        **{
            **fields,
            "lane_kind": LaneKind(row["lane_kind"]),
            "effect": from_plain(row["effect"]),
            "state": EffectState(row["state"]),
        }
    )
