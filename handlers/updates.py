"""The update loop: what a chat reported and is on disk is handled, each lane in order, once."""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from bot.domain.text import clip
from bot.loops import Workers
from bot.ports.chat import Chat, ChatInbox, HandlesUpdates, Update
from bot.ports.records import LaneKind, Lease
from bot.ports.store import LeaseLost
from handlers.delivery import LeaseTerms
from handlers.desk import Desk

log = structlog.get_logger(__name__)

TRIES: Final = 5
"""How often an update is handled again after a failure, before it is given up: its lane must go on."""

PAUSE_SECONDS: Final = 1.0


class UpdateLoop:
    """Hands stored updates to the chats that they came from."""

    def __init__(
        self,
        desk: Desk,
        chats: Mapping[str, Chat],
        inbox: ChatInbox,
        *,
        terms: LeaseTerms,
        wake: asyncio.Event,
        lanes_at_once: int = 16,
    ) -> None:
        self._desk = desk
        self._chats = chats
        self._inbox = inbox
        self._updates = desk.store.updates(desk.tenant)
        self._terms = terms
        self._wake = wake
        self._workers = Workers("updates", lanes_at_once)

    async def step(self) -> bool:
        """Claim as many lanes as there is room for, and work on them beside this loop."""
        if not self._workers.free:
            return False
        leases = await self._desk.store.leases.claim(
            (LaneKind.UPDATE,), self._terms.owner, self._desk.now(), self._terms.ttl, limit=self._workers.free
        )
        for lease in leases:
            self._workers.start(self._work(lease), self._wake.set)
        return False

    async def stop(self, grace_seconds: float) -> None:
        """Finish what is being handled."""
        await self._workers.stop(grace_seconds)

    async def _work(self, lease: Lease) -> None:
        store = self._desk.store
        try:
            while updates := await self._updates.pending(lease, limit=20):
                for update in updates:
                    lease = await self._renewed(lease)
                    if not await self._handle(lease, update):
                        await asyncio.sleep(PAUSE_SECONDS)
                        break
        finally:
            await store.leases.release(lease)

    async def _renewed(self, lease: Lease) -> Lease:
        now = self._desk.now()
        if lease.expires_at - now > self._terms.ttl * 3 / 4:
            return lease
        return await self._desk.store.leases.renew(lease, now, self._terms.ttl)

    async def _handle(self, lease: Lease, update: Update) -> bool:
        """Handle one update; returns whether its lane may go on with the next."""
        chat: object = self._chats.get(update.chat)
        if not isinstance(chat, HandlesUpdates):
            await self._updates.finish(lease, update, self._desk.now(), error="the chat is not configured any more")
            return True
        try:
            # A handler that hangs must not outlive the lease: another replica would handle the update beside it.
            async with asyncio.timeout(self._terms.ttl.total_seconds() / 2):
                await chat.handle(update, self._inbox)
        except LeaseLost:
            raise
        except Exception as error:
            attempts = await self._updates.attempted(lease, update)
            log.exception("update_failed", chat=update.chat, attempts=attempts)
            if attempts < TRIES:
                return False
            reason = clip(f"{type(error).__name__}: {error}", 200)
            await self._updates.finish(lease, update, self._desk.now(), error=reason)
            return True
        await self._updates.finish(lease, update, self._desk.now())
        return True
