"""What came of an effect is stored: its receipt, the room or card it made, and what follows from that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

import structlog

from bot.domain.actions import PageLost
from bot.domain.effects import DrawCard, Effect, Invite, OpenRoom, Page
from bot.domain.incident import Incident
from bot.domain.timeline import Actor
from bot.ports import chat as ask
from bot.ports.chat import Done, Failed, Gone, Receipt, RetryAfter, Unknown
from bot.ports.records import LaneKind, Lease, NewEffect, PageRecord, PageState, RoomLink, StoredEffect
from bot.ports.store import Conflict, LeaseLost, Unit, Urgency
from handlers.deciding import act, reload
from handlers.desk import Desk
from handlers.spreading import BUILT_IN, spread
from handlers.task import Task, pause

log = structlog.get_logger(__name__)

DELIVERY = Actor(part="delivery")
ROOM_KINDS = (LaneKind.ROOM, LaneKind.CARD)
HOPEFUL = frozenset({PageState.QUEUED, PageState.SENT, PageState.ACKNOWLEDGED})
GIVE_UP_AFTER = {
    LaneKind.PAGE: timedelta(hours=1),
    LaneKind.ROOM: timedelta(hours=24),
    LaneKind.DIRECT: timedelta(hours=6),
    LaneKind.ANNOUNCE: timedelta(hours=6),
    LaneKind.CARD: timedelta(hours=24),
}
"""A page that is an hour old has been overtaken by its escalation; a room may well wait for a chat to come back."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether the lane may go on, and a second room of the incident that is to be closed."""

    goes_on: bool
    stray: ask.RoomRef | None = None


class Settling:
    """Stores receipts, each in one transaction under the lease of its lane."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def settle(
        self,
        lease: Lease,
        effect: StoredEffect,
        task: Task | None,
        receipt: Receipt,
        drawn: int | None = None,
        *,
        left: Sequence[NewEffect] = (),
    ) -> Settled:
        """Store what came of an effect; `drawn` is the incident's version that a card shows now.

        `task` is what the chat was asked for; None when it was not asked. `left` is what is to be told beside it.
        """
        too_old = self._desk.now() - effect.created_at > GIVE_UP_AFTER[effect.lane_kind]
        if too_old and isinstance(receipt, RetryAfter | Unknown | Gone):
            receipt = Failed(receipt.reason)
        try:
            settled = await self._whole(lease, effect, task, receipt, drawn, left=left)
        except (LeaseLost, Conflict, OSError):
            raise
        except Exception:
            if isinstance(receipt, RetryAfter | Unknown):
                raise
            # What follows can't be done, perhaps because nobody can read the incident. The receipt must be kept all
            # the same: it would be told again, and those behind it never.
            log.exception("receipt_stored_barely", chat=effect.chat, effect=type(effect.effect).__name__)
            settled = await self._barely(lease, effect, task, receipt)
        log.info(
            "effect_settled",
            chat=effect.chat,
            effect=type(effect.effect).__name__,
            result=type(receipt).__name__,
            attempts=effect.attempts + 1,
        )
        return settled

    async def _whole(
        self,
        lease: Lease,
        effect: StoredEffect,
        task: Task | None,
        receipt: Receipt,
        drawn: int | None,
        *,
        left: Sequence[NewEffect],
    ) -> Settled:
        for _ in range(5):
            try:
                async with self._desk.store.write(
                    effect.tenant, Urgency.of_lanes([effect.lane_kind]), lease=lease
                ) as unit:
                    await unit.outbox.add(left, self._desk.now())
                    if drawn is not None and isinstance(receipt, Done) and await self._is_behind(unit, effect, drawn):
                        await self._remember(unit, effect, task, receipt)
                        await unit.outbox.again(effect, self._desk.now(), "it changed meanwhile", is_unknown=False)
                        return Settled(True)
                    return await self._settle(unit, effect, task, receipt)
            except Conflict:
                continue
        raise Conflict(f"effect {effect.id} could not be settled")

    async def _barely(self, lease: Lease, effect: StoredEffect, task: Task | None, receipt: Receipt) -> Settled:
        """Store the receipt and the page's state, and nothing of what follows from them."""
        now = self._desk.now()
        async with self._desk.store.write(effect.tenant, Urgency.of_lanes([effect.lane_kind]), lease=lease) as unit:
            is_done = isinstance(receipt, Done) and not (task is not None and task.is_first)
            reason = getattr(receipt, "reason", "what follows could not be stored")
            if is_done:
                await unit.outbox.done(effect, now)
            else:
                await self._dead(unit, effect, reason)
            if effect.page is not None and not is_done:
                await unit.pages.mark(effect.page, PageState.FAILED, now, reason)
            elif effect.page is not None and task is not None:
                await unit.pages.mark(effect.page, PageState.SENT, now)
        return Settled(True)

    async def _is_behind(self, unit: Unit, effect: StoredEffect, drawn: int) -> bool:
        """Say whether the incident has changed since its card was drawn: whoever changed it relies on this effect."""
        if effect.lane_kind is not LaneKind.CARD or effect.incident is None:
            return False
        await unit.outbox.hold(effect)
        incident = await reload(unit, effect.incident)
        return incident is not None and incident.version != drawn

    async def _settle(self, unit: Unit, effect: StoredEffect, task: Task | None, receipt: Receipt) -> Settled:
        now = self._desk.now()
        match receipt:
            case Done() if task is not None and task.is_first:
                stray = await self._remember(unit, effect, task, receipt)
                await self._opened_first(unit, effect)
                return Settled(False, stray)
            case Done():
                stray = await self._remember(unit, effect, task, receipt)
                await unit.outbox.done(effect, now)
                if effect.page is not None and task is not None:
                    await unit.pages.mark(effect.page, PageState.SENT, now)
                return Settled(True, stray)
            case RetryAfter() | Unknown():
                # What nobody was asked about stays as doubtful as it was.
                is_unknown = isinstance(receipt, Unknown) or (task is None and effect.is_unknown)
                delay = receipt.delay if isinstance(receipt, RetryAfter) else pause(effect.attempts)
                await unit.outbox.again(effect, now + delay, receipt.reason, is_unknown=is_unknown)
                if effect.page is not None and is_unknown:
                    await unit.pages.mark(effect.page, PageState.UNKNOWN, now)
                return Settled(False)
            case Gone() if effect.incident is not None and effect.lane_kind in ROOM_KINDS:
                await self._room_gone(unit, effect, receipt)
                return Settled(False)
            case Failed() | Gone():
                await self._dead(unit, effect, receipt.reason)
                await self._page_lost(unit, effect, receipt.reason)
                return Settled(True)
            case _:
                assert_never(receipt)

    async def _dead(self, unit: Unit, effect: StoredEffect, reason: str) -> None:
        await unit.outbox.dead(effect, self._desk.now(), reason)
        log.error("effect_dead", chat=effect.chat, effect=type(effect.effect).__name__, reason=reason)

    async def _remember(self, unit: Unit, effect: StoredEffect, task: Task | None, receipt: Done) -> ask.RoomRef | None:
        """Keep what was made. A second room of one incident is never linked: it is returned, to be closed."""
        if effect.incident is None or task is None:
            return None
        if isinstance(task.effect, ask.OpenRoom) and receipt.room is not None:
            linked = await unit.rooms.find(effect.incident, effect.chat)
            if linked is not None and linked.ref == receipt.room:
                return None
            if linked is not None and linked.ref != task.effect.reopen:
                return receipt.room
            if linked is not None:
                # The old one could not be opened again: what it was for goes on in this one.
                await unit.rooms.unlink(linked.ref)
            await unit.rooms.link(RoomLink(effect.incident, receipt.room, task.effect.name))
        if task.ends is not None:
            await unit.rooms.set_ends_told(effect.incident, effect.chat, task.ends)
        if task.draws is not None:
            message = receipt.message.message if receipt.message is not None else None
            if message is None and isinstance(task.effect, ask.Edit):
                message = task.effect.message.message
            if message is not None:
                await unit.rooms.set_card(effect.incident, effect.chat, message, task.draws)
        return None

    async def _opened_first(self, unit: Unit, effect: StoredEffect) -> None:
        """Bring people and card into a room that was opened for an effect which found none, and tell that next."""
        assert effect.incident is not None
        incident = await reload(unit, effect.incident)
        if incident is not None:
            await self._add(unit, effect, incident, Invite(incident.participants), DrawCard())
        await unit.outbox.again(effect, self._desk.now(), "its room was opened first", is_unknown=False)

    async def _room_gone(self, unit: Unit, effect: StoredEffect, receipt: Gone) -> None:
        """Forget a room that somebody deleted; whatever is to be said there opens another one."""
        assert effect.incident is not None
        incident = await reload(unit, effect.incident)
        await unit.rooms.unlink(receipt.room)
        if incident is None or not incident.has_room:
            await unit.outbox.dead(effect, self._desk.now(), receipt.reason)
            return
        log.warning("room_gone", chat=effect.chat, incident=incident.ref, reason=receipt.reason)
        if effect.lane_kind is LaneKind.CARD:
            await self._add(unit, effect, incident, OpenRoom(), Invite(incident.participants))
        await unit.outbox.again(effect, self._desk.now(), receipt.reason, is_unknown=False)

    async def _add(self, unit: Unit, effect: StoredEffect, incident: Incident, *also: Effect) -> None:
        now = self._desk.now()
        rows, _ = spread(also, incident, self._desk.organisation(), (effect.chat,), now)
        await unit.outbox.add(
            [replace(row, key=f"{effect.key}:{effect.attempts}:{place}") for place, row in enumerate(rows)], now
        )

    async def _page_lost(self, unit: Unit, effect: StoredEffect, reason: str) -> None:
        """Mark the page failed and say so; when its step can't be heard by anybody else, go on without them."""
        if effect.page is None or effect.incident is None or not isinstance(effect.effect, Page):
            return
        await unit.pages.mark(effect.page, PageState.FAILED, self._desk.now(), reason)
        lost = effect.effect
        incident = await reload(unit, effect.incident)
        if incident is not None:
            pages = await unit.pages.of(incident.id)
            same = [page for page in pages if (page.step, page.episode) == (lost.step, lost.episode)]
            action = PageLost(
                lost.person, effect.chat, lost.step, lost.episode, reason, may_be_heard=_may_be_heard(same)
            )
            await act(self._desk, unit, incident, action, DELIVERY)


def _may_be_heard(pages: Sequence[PageRecord]) -> bool:
    """Whether one of a step's calls may still be heard.

    The built-in room takes every call and rings only in a browser that is open: it is no hope, unless the step has
    nothing else.
    """
    outside = [page for page in pages if page.channel != BUILT_IN]
    return any(page.state in HOPEFUL for page in outside or pages)
