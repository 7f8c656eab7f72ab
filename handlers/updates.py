"""The update loop: what a chat reported and is on disk is handled, each lane in order, once."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from bot.domain.text import clip
from bot.ports.chat import Chat, ChatInbox
from bot.ports.chat_updates import HandlesUpdates, NotYet, Update
from bot.ports.records import LaneKind, Lease
from bot.ports.store import LeaseLost
from handlers.desk import Desk
from handlers.lanes import Lanes, LeaseTerms

log = structlog.get_logger(__name__)

TRIES: Final = 5
"""How often an update is handled again after a failure, before it is given up: its lane must go on."""


class UpdateLoop:
    """Stores updates and hands them to the chats that they came from. See `bot.ports.chat_updates.TakesUpdates`."""

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
        self.wake = wake
        self._desk = desk
        self._chats = chats
        self._inbox = inbox
        self._updates = desk.store.updates(desk.tenant)
        self.terms = terms
        self.lanes = Lanes(
            "updates", desk, (LaneKind.UPDATE,), self._work, terms=terms, wake=wake, at_once=lanes_at_once
        )

    async def take(self, updates: Sequence[Update]) -> None:
        """Return when updates are on disk; those whose key is known are left out.

        They are handled at once where nobody works on their lane: people wait for what comes of them, so their lane is
        leased in the commit that stores them.
        """
        owner, ttl = self.terms.owner, self.terms.ttl
        leases = await self._updates.take(updates, owner, self._desk.now(), ttl, limit=self.lanes.free)
        for lease in leases:
            self.lanes.start(lease)

    async def _work(self, lease: Lease) -> None:
        while updates := await self._updates.pending(lease, limit=20):
            for update in updates:
                lease = await self.lanes.renewed(lease)
                await self._handle(lease, update)

    async def _handle(self, lease: Lease, update: Update) -> None:
        """Handle one update; raises what went wrong, unless that was its last try."""
        chat: object = self._chats.get(update.chat)
        if not isinstance(chat, HandlesUpdates):
            await self._updates.finish(lease, update, self._desk.now(), error="the chat is not configured any more")
            return
        try:
            # A handler that hangs must not outlive the lease: another replica would handle the update beside it.
            async with asyncio.timeout(self.terms.ttl.total_seconds() / 2):
                await chat.handle(update, self._inbox)
        except (LeaseLost, NotYet):
            raise
        except Exception as error:
            if await self._updates.attempted(lease, update) < TRIES:
                raise
            log.exception("update_given_up", chat=update.chat, attempts=TRIES)
            reason = clip(f"{type(error).__name__}: {error}", 200)
            await self._updates.finish(lease, update, self._desk.now(), error=reason)
            return
        await self._updates.finish(lease, update, self._desk.now())
