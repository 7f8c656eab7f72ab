"""The effect loop: claim a lane, ask the chat for its effects in order, store each receipt."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

import structlog

from bot.domain.actions import PageLost
from bot.domain.effects import DrawCard, Effect, Invite, OpenRoom, Page
from bot.domain.incident import Incident
from bot.domain.timeline import Actor
from bot.loops import Workers
from bot.ports import chat as ask
from bot.ports.chat import Chat, Done, Failed, Gone, Receipt, RetryAfter, Unknown
from bot.ports.records import LaneKind, Lease, PageState, RoomLink, StoredEffect
from bot.ports.store import Conflict, Unit, Urgency
from handlers.deciding import act, reload
from handlers.desk import Desk
from handlers.pace import Pace
from handlers.spreading import spread
from handlers.telling import CARD, Task, TooEarly, Unneeded, Untellable, task_for

log = structlog.get_logger(__name__)

DELIVERY = Actor(part="delivery")
PAGE_KINDS = (LaneKind.PAGE,)
ROOM_KINDS = (LaneKind.ROOM, LaneKind.CARD)
OTHER_KINDS = (LaneKind.ROOM, LaneKind.DIRECT, LaneKind.ANNOUNCE, LaneKind.CARD)
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
RESULTS = {Done: "done", RetryAfter: "retry", Failed: "failed", Unknown: "unknown", Gone: "gone"}
ROOM_OPENS_WITHIN = timedelta(milliseconds=200)
CHAT_PATIENCE = timedelta(seconds=30)
GIVE_UP_AFTER = {
    LaneKind.PAGE: timedelta(hours=1),
    LaneKind.ROOM: timedelta(hours=24),
    LaneKind.DIRECT: timedelta(hours=6),
    LaneKind.ANNOUNCE: timedelta(hours=6),
    LaneKind.CARD: timedelta(hours=24),
}
"""A page that is an hour old has been overtaken by its escalation; a room may well wait for a chat to come back."""


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """Who we are among the replicas, and for how long we take a lane at a time."""

    owner: str
    ttl: timedelta = timedelta(seconds=15)


class DeliveryLoop:
    """Performs effects of some kinds of lanes, several lanes at once, each in order.

    Pages have a loop of their own, so that they never wait for a throttled room.
    """

    def __init__(
        self,
        desk: Desk,
        chats: Mapping[str, Chat],
        kinds: tuple[LaneKind, ...],
        *,
        terms: LeaseTerms,
        wake: asyncio.Event,
        lanes_at_once: int = 16,
    ) -> None:
        self._desk = desk
        self._chats = chats
        self._kinds = kinds
        self._terms = terms
        self._wake = wake
        self._pace = Pace()
        self._workers = Workers("delivery", lanes_at_once)

    async def step(self) -> bool:
        """Claim as many lanes as there is room for, and work on them beside this loop."""
        if not self._workers.free:
            return False
        leases = await self._desk.store.leases.claim(
            self._kinds, self._terms.owner, self._desk.now(), self._terms.ttl, limit=self._workers.free
        )
        for lease in leases:
            self._workers.start(self._work(lease), self._wake.set)
        return False

    async def stop(self, grace_seconds: float) -> None:
        """Finish what is being told."""
        await self._workers.stop(grace_seconds)

    async def _work(self, lease: Lease) -> None:
        store = self._desk.store
        try:
            in_doubt = lease.is_takeover
            while effects := await store.queue.pending(lease, self._desk.now(), limit=20):
                for effect in effects:
                    lease = await self._renewed(lease)
                    # Whoever had this lane died or froze: what it was telling may have been told.
                    if not await self._deliver(lease, replace(effect, is_unknown=effect.is_unknown or in_doubt)):
                        return
                    in_doubt = False
        finally:
            await store.leases.release(lease)

    async def _renewed(self, lease: Lease) -> Lease:
        now = self._desk.now()
        if lease.expires_at - now > self._terms.ttl / 2:
            return lease
        return await self._desk.store.leases.renew(lease, now, self._terms.ttl)

    async def _deliver(self, lease: Lease, effect: StoredEffect) -> bool:
        """Perform one effect and store what came of it; returns whether the lane may go on."""
        if effect.page is not None and await self._is_answered(effect):
            return await self._store(lease, effect, None, Done())
        if effect.lane_kind is LaneKind.CARD and (wait := self._pace.wait(effect.lane, self._desk.now())) is not None:
            return await self._store(
                lease, effect, None, RetryAfter(wait, "it changes too often to be drawn each time")
            )
        try:
            task = await task_for(self._desk, effect)
        except TooEarly as reason:
            return await self._store(lease, effect, None, RetryAfter(ROOM_OPENS_WITHIN, str(reason)))
        except Unneeded as unneeded:
            return await self._store(lease, effect, None, Done(), unneeded.version)
        except Untellable as reason:
            return await self._store(lease, effect, None, Failed(str(reason)))
        receipt = await self._ask(effect, task)
        if isinstance(receipt, Done) and receipt.message is not None and task.suffix == CARD:
            # Before the receipt is stored, so that a crash in between finds the message by its key and pins it again.
            await self._perform(effect, ask.Pin(receipt.message), ":pin")
        results = self._desk.metrics.chat_results
        results.labels(effect.chat, type(task.effect).__name__.lower(), RESULTS[type(receipt)]).inc()
        return await self._store(lease, effect, task, receipt, task.version)

    async def _ask(self, effect: StoredEffect, task: Task) -> Receipt:
        chat = self._chats.get(effect.chat)
        if chat is None:
            return Failed(f"the chat {effect.chat!r} is not configured any more")
        key = effect.key + task.suffix
        try:
            # A chat that never answers must not outlive the lease: its lane would be told twice.
            async with asyncio.timeout(min(CHAT_PATIENCE, self._terms.ttl / 2).total_seconds()):
                if effect.is_unknown:
                    found = await chat.find(task.effect, key=key)
                    if found is not None:
                        return found
                return await chat.perform(task.effect, key=key)
        except TimeoutError:
            return Unknown(f"{effect.chat} did not answer in time")

    async def _perform(self, effect: StoredEffect, also: ask.ChatEffect, suffix: str) -> None:
        """Ask for something small beside an effect, whose failure would not be worth telling it again."""
        receipt = await self._chats[effect.chat].perform(also, key=effect.key + suffix)
        if not isinstance(receipt, Done):
            log.warning("beside_effect_failed", chat=effect.chat, effect=type(also).__name__)

    async def _is_answered(self, effect: StoredEffect) -> bool:
        async with self._desk.store.read(effect.tenant) as unit:
            page = await unit.pages.get(effect.page) if effect.page is not None else None
        return page is not None and page.state is PageState.ACKNOWLEDGED

    async def _store(
        self, lease: Lease, effect: StoredEffect, task: Task | None, receipt: Receipt, drawn: int | None = None
    ) -> bool:
        """Store what came of an effect; `drawn` is the incident's version that a card shows now."""
        goes_on, stray = True, None
        for _ in range(5):
            try:
                async with self._desk.store.write(effect.tenant, Urgency.COMMAND, lease=lease) as unit:
                    if drawn is not None and isinstance(receipt, Done) and await self._is_behind(unit, effect, drawn):
                        await self._remember(unit, effect, task, receipt)
                        await unit.outbox.again(effect, self._desk.now(), "it changed meanwhile", is_unknown=False)
                        return True
                    goes_on, stray = await self._settle(unit, effect, task, receipt)
                break
            except Conflict:
                continue
        else:
            raise Conflict(f"effect {effect.id} could not be settled")
        log.info(
            "effect_settled",
            chat=effect.chat,
            effect=type(effect.effect).__name__,
            result=type(receipt).__name__,
            attempts=effect.attempts + 1,
        )
        if stray is not None:
            await self._perform(effect, ask.Archive(stray), ":stray")
        return goes_on

    async def _is_behind(self, unit: Unit, effect: StoredEffect, drawn: int) -> bool:
        """Say whether the incident has changed since its card was drawn: whoever changed it relies on this effect."""
        if effect.lane_kind is not LaneKind.CARD or effect.incident is None:
            return False
        await unit.outbox.hold(effect)
        incident = await reload(unit, effect.incident)
        return incident is not None and incident.version != drawn

    async def _settle(
        self, unit: Unit, effect: StoredEffect, task: Task | None, receipt: Receipt
    ) -> tuple[bool, ask.RoomRef | None]:
        now = self._desk.now()
        too_old = now - effect.created_at > GIVE_UP_AFTER[effect.lane_kind]
        match receipt:
            case Done() if task is not None and task.is_first:
                stray = await self._remember(unit, effect, task, receipt)
                await self._opened_first(unit, effect)
                return False, stray
            case Done():
                stray = await self._remember(unit, effect, task, receipt)
                await unit.outbox.done(effect, now)
                if effect.page is not None and task is not None:
                    await unit.pages.mark(effect.page, PageState.SENT, now)
                return True, stray
            case RetryAfter() | Unknown() if not too_old:
                is_unknown = isinstance(receipt, Unknown)
                pause = receipt.delay if isinstance(receipt, RetryAfter) else _pause(effect.attempts)
                await unit.outbox.again(effect, now + pause, receipt.reason, is_unknown=is_unknown)
                if effect.page is not None and is_unknown:
                    await unit.pages.mark(effect.page, PageState.UNKNOWN, now)
                return False, None
            case Gone() if effect.incident is not None and effect.lane_kind in ROOM_KINDS and not too_old:
                await self._room_gone(unit, effect, receipt)
                return False, None
            case Failed() | RetryAfter() | Unknown() | Gone():
                await unit.outbox.dead(effect, now, receipt.reason)
                log.error("effect_dead", chat=effect.chat, effect=type(effect.effect).__name__, reason=receipt.reason)
                await self._page_lost(unit, effect, receipt.reason)
                return True, None
            case _:
                assert_never(receipt)

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
        """Mark the page failed and, when no other channel reaches the person in this step, go on without them."""
        if effect.page is None or effect.incident is None or not isinstance(effect.effect, Page):
            return
        await unit.pages.mark(effect.page, PageState.FAILED, self._desk.now())
        lost = effect.effect
        hopeful = {PageState.QUEUED, PageState.SENT, PageState.ACKNOWLEDGED}
        same = (lost.step, lost.episode)
        pages = await unit.pages.of(effect.incident)
        called = {page.person for page in pages if (page.step, page.episode) == same and page.state in hopeful}
        if lost.person in called:
            return
        incident = await reload(unit, effect.incident)
        if incident is not None:
            action = PageLost(lost.person, effect.chat, lost.step, lost.episode, reason, others_called=bool(called))
            await act(self._desk, unit, incident, action, DELIVERY)


def _pause(attempts: int) -> timedelta:
    doublings: int = 2 ** min(attempts, 10)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
