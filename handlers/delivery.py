"""The effect loop: claim a lane, ask the chat for its effects in order, store each receipt."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.domain.effects import TellEnds
from bot.domain.incident import Incident
from bot.ports import chat as ask
from bot.ports.chat import Chat, Done, Failed, Gone, Receipt, RetryAfter, Unknown
from bot.ports.records import LaneKind, Lease, NewEffect, PageState, StoredEffect
from bot.ports.store import Conflict
from bot.setbacks import Setbacks
from handlers import furnishing
from handlers.desk import Desk
from handlers.lanes import Lanes, LeaseTerms
from handlers.pace import MOST_KEYS, Gathering, Pace
from handlers.settling import Settling
from handlers.task import Task, TooEarly, Unneeded, Untellable, pause
from handlers.telling import task_for

log = structlog.get_logger(__name__)

PAGE_KINDS = (LaneKind.PAGE,)
OTHER_KINDS = (LaneKind.ROOM, LaneKind.DIRECT, LaneKind.ANNOUNCE, LaneKind.CARD)
RESULTS = {Done: "done", RetryAfter: "retry", Failed: "failed", Unknown: "unknown", Gone: "gone"}
CHAT_PATIENCE = timedelta(seconds=30)
TRIES = 8
"""An effect that makes Tocsin itself fail so often, within some two minutes, is given up: those behind it must go on,
and somebody else must be called.
"""


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
        loop: str,
        terms: LeaseTerms,
        wake: asyncio.Event,
        lanes_at_once: int = 16,
    ) -> None:
        self._desk = desk
        self._chats = chats
        self._patience = min(CHAT_PATIENCE, terms.ttl / 2).total_seconds()
        self._pace = Pace()
        self._gathering = Gathering()
        self._drawn: dict[str, Incident] = {}
        self._settling = Settling(desk)
        self._setbacks = Setbacks[str](loop, desk.metrics)
        self.lanes = Lanes(loop, desk, kinds, self._work, terms=terms, wake=wake, at_once=lanes_at_once)

    async def _work(self, lease: Lease) -> None:
        self._setbacks.forget(self._desk.now())
        # Whoever had this lane died, froze or failed: what it was telling may have been told.
        in_doubt = lease.is_takeover
        while effects := await self._desk.store.queue.pending(lease, self._desk.now(), limit=20):
            for effect in effects:
                lease = await self.lanes.renewed(lease)
                if not await self._deliver(lease, replace(effect, is_unknown=effect.is_unknown or in_doubt)):
                    return
                in_doubt = False

    async def _deliver(self, lease: Lease, effect: StoredEffect) -> bool:
        """Perform one effect and store what came of it; returns whether the lane may go on."""
        if effect.page is not None and await self._is_needless(effect):
            return await self._store(lease, effect, None, Done())
        try:
            task = await task_for(self._desk, effect)
        except TooEarly as reason:
            return await self._store(lease, effect, None, RetryAfter(reason.wait, str(reason)))
        except Unneeded as unneeded:
            return await self._store(lease, effect, None, Done(), unneeded.version)
        except Untellable as reason:
            return await self._store(lease, effect, None, Failed(str(reason)))
        except (Conflict, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a bug in what is to be told must not stop all that is behind it
            again = RetryAfter(pause(effect.attempts), f"Tocsin could not word it: {type(error).__name__}")
            return await self._store(lease, effect, None, self._broken(effect, error, again))
        if effect.lane_kind is LaneKind.CARD and (wait := self._pause_before(effect, task)) is not None:
            often = RetryAfter(wait, "it changes too often to be told each time")
            return await self._store(lease, effect, None, often)
        receipt = await self._ask(effect, task)
        left = await self._furnish(lease, effect, task, receipt)
        results = self._desk.metrics.chat_results
        results.labels(effect.chat, type(task.effect).__name__.lower(), RESULTS[type(receipt)]).inc()
        return await self._store(lease, effect, task, receipt, task.version, left=left)

    def _pause_before(self, effect: StoredEffect, task: Task) -> timedelta | None:
        """Return how long to wait until an incident that keeps changing may be drawn, or its counts said, once more.

        What changes nothing but counts waits for more of it, ever longer; what else has changed is seen at once.
        """
        now, drawn = self._desk.now(), self._drawn.get(effect.lane)
        if task.drawn is None:
            return None
        counts = isinstance(effect.effect, TellEnds) or (drawn is not None and task.drawn.only_counts(drawn))
        wait = (self._gathering if counts else self._pace).wait(effect.lane, now)
        if wait is None:
            if len(self._drawn) >= MOST_KEYS:
                self._drawn.clear()
            self._drawn[effect.lane] = task.drawn
        return wait

    async def _ask(self, effect: StoredEffect, task: Task) -> Receipt:
        chat = self._chats.get(effect.chat)
        if chat is None:
            return Failed(f"the chat {effect.chat!r} is not configured any more")
        key = effect.key + task.suffix
        try:
            # A chat that never answers must not outlive the lease: its lane would be told twice.
            async with asyncio.timeout(self._patience):
                found = await chat.find(task.effect, key=key) if effect.is_unknown else None
                receipt = found if found is not None else await chat.perform(task.effect, key=key)
        except TimeoutError:
            return Unknown(f"{effect.chat} did not answer in time")
        except OSError as error:
            return Unknown(f"{effect.chat} could not be reached: {type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - a bug in one chat must not stop its lanes
            return self._broken(effect, error, Unknown(f"{effect.chat} failed unexpectedly: {type(error).__name__}"))
        self._setbacks.well(effect.id)
        return receipt

    def _broken(self, effect: StoredEffect, error: Exception, receipt: RetryAfter | Unknown) -> Receipt:
        """Count a failure that is Tocsin's own; returns the receipt, or after the last try that it failed for good."""
        what = type(effect.effect).__name__
        setback = self._setbacks.failed(effect.id, self._desk.now(), error, chat=effect.chat, effect=what)
        if setback.failures < TRIES:
            return receipt
        self._setbacks.well(effect.id)
        return Failed(receipt.reason)

    async def _furnish(self, lease: Lease, effect: StoredEffect, task: Task, receipt: Receipt) -> list[NewEffect]:
        """Ask for what belongs to a room or card that was just made; returns what is left of it, to be told later.

        It comes before the receipt is stored, so that after a crash in between it is asked for again.
        """
        left = []
        for beside in furnishing.besides(self._desk, task, receipt):
            lease = await self.lanes.renewed(lease)
            came_of_it = await self._perform(effect, beside.asked, beside.suffix)
            if isinstance(came_of_it, RetryAfter | Unknown):
                left.append(furnishing.row(effect, beside, came_of_it, self._desk.now()))
        return left

    async def _perform(self, effect: StoredEffect, also: ask.ChatEffect, suffix: str) -> Receipt:
        """Ask for something small beside an effect, whose failure would not be worth telling it again."""
        chat, key = self._chats[effect.chat], effect.key + suffix
        try:
            async with asyncio.timeout(self._patience):
                found = await chat.find(also, key=key) if effect.is_unknown else None
                receipt = found if found is not None else await chat.perform(also, key=key)
        except Exception as error:  # noqa: BLE001 - the effect itself is done, and its receipt must be stored
            receipt = Unknown(type(error).__name__)
        if not isinstance(receipt, Done):
            why = getattr(receipt, "reason", "")
            log.warning("beside_effect_failed", chat=effect.chat, effect=type(also).__name__, why=why)
        return receipt

    async def _is_needless(self, effect: StoredEffect) -> bool:
        """Say whether somebody has answered by now, or the incident has ended before this call was made."""
        async with self._desk.store.read(effect.tenant) as unit:
            page = await unit.pages.get(effect.page) if effect.page is not None else None
        return page is not None and page.state in {PageState.ACKNOWLEDGED, PageState.FAILED}

    async def _store(
        self,
        lease: Lease,
        effect: StoredEffect,
        task: Task | None,
        receipt: Receipt,
        drawn: int | None = None,
        *,
        left: Sequence[NewEffect] = (),
    ) -> bool:
        """Store what came of an effect; returns whether the lane may go on."""
        settled = await self._settling.settle(lease, effect, task, receipt, drawn, left=left)
        if settled.goes_on:
            self._setbacks.well(effect.id)
        elif isinstance(receipt, RetryAfter):
            self.lanes.wake_after(receipt.delay)
        for row in left:
            if row.due_at is not None:
                self.lanes.wake_after(row.due_at - self._desk.now())
        if settled.stray is not None:
            await self._perform(effect, ask.Archive(settled.stray), ":stray")
        return settled.goes_on
