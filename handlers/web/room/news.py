"""What one browser has not been sent yet, as drawn parts of its page."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from bot.ports.store import BuiltInRoom
from handlers.web.login import Visitor
from handlers.web.room.answers import new_nonce
from handlers.web.room.conversation import WINDOW
from handlers.web.room.frame import Frame, incident_of
from handlers.web.room.overview import overview
from handlers.web.room.said import AT_ONCE, draw, said
from handlers.web.room.seen import seen

LIST_EVERY_SECONDS: Final = 1.0
"""The list of rooms concerns everyone and costs several queries: a storm must not have it drawn for each message."""


@dataclass(slots=True)
class News:
    """What a browser has: `room` and `own` are the revisions up to which it was sent messages and calls."""

    frame: Frame
    request: web.Request
    visitor: Visitor
    room: int
    own: int
    own_id: str
    _sent: dict[str, str] = field(default_factory=dict)
    _list_is_owed: bool = True
    _listed_at: float = 0.0

    @property
    def place(self) -> str:
        """Where a stream goes on that breaks off now."""
        return f"{self.room}.{self.own}"

    def owe_list(self) -> None:
        """Note that something changed which the list of rooms may show."""
        self._list_is_owed = True

    def rest(self, longest_seconds: float) -> float:
        """Return for how many seconds there is nothing to send unless something changes, at most so many."""
        return min(longest_seconds, self._list_pause()) if self._list_is_owed else longest_seconds

    async def parts(self, room: BuiltInRoom | None) -> AsyncIterator[tuple[str, str]]:
        """Yield the events that make the page what it would now be drawn as; the list of rooms may come later."""
        if room is not None:
            async for event in self._messages(room):
                yield event
            incident = await incident_of(self.frame, self.visitor, room)
            head = self.frame.draw("_head.html", self.visitor, room=room, incident=incident)
            if self._is_other("head", head):
                yield "head", head
                # The list shows the same title, severity and status.
                self._list_is_owed = True
        async for event in self._calls():
            yield event
        # The last event of a batch carries the new place; a break before it makes the whole batch come again.
        if self._is_other("mark", self.place):
            yield "mark", self.place
        if self._list_is_owed and not self._list_pause():
            listed = await self._list(room)
            if self._is_other("rooms", listed):
                yield "rooms", listed

    def _list_pause(self) -> float:
        return max(self._listed_at + LIST_EVERY_SECONDS - _now(), 0.0)

    async def _list(self, room: BuiltInRoom | None) -> str:
        self._list_is_owed, self._listed_at = False, _now()
        marks = seen(self.request)
        if room is not None:
            marks[room.id] = room.revision
        view = await overview(self.frame, self.visitor, marks)
        return self.frame.draw("_rooms.html", self.visitor, view=view, room=room)

    async def _messages(self, room: BuiltInRoom) -> AsyncIterator[tuple[str, str]]:
        if room.revision <= self.room:
            return
        changed = await self.frame.rooms.messages(room.id, after_revision=self.room, limit=WINDOW)
        if len(changed) == WINDOW and self.room:
            yield "reload", ""
        for count, one in enumerate(await said(self.frame, self.visitor, changed), start=1):
            yield "message", draw(self.frame, self.visitor, room, one, new_nonce())
            if one.is_pinned and one.card is not None:
                values = {"message": one, "room_id": room.id, "nonce": new_nonce()}
                yield "pinned", self.frame.draw("_pinned.html", self.visitor, **values)
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)
        self.room = max([self.room, room.revision, *(message.revision for message in changed)])

    async def _calls(self) -> AsyncIterator[tuple[str, str]]:
        own = await self.frame.rooms.room(self.own_id)
        if own is None or own.revision <= self.own:
            return
        changed = await self.frame.rooms.messages(own.id, after_revision=self.own, limit=WINDOW)
        calls = [message for message in changed if message.is_loud and message.edited_at is None]
        for one in await said(self.frame, self.visitor, calls):
            values = {"message": one, "room_id": own.id, "nonce": new_nonce()}
            yield "call", self.frame.draw("_call.html", self.visitor, **values)
        self.own = max([own.revision, *(message.revision for message in changed)])

    def _is_other(self, name: str, html: str) -> bool:
        digest = hashlib.sha256(html.encode("utf-8", "replace")).hexdigest()
        is_other = self._sent.get(name) != digest
        self._sent[name] = digest
        return is_other


def _now() -> float:
    return asyncio.get_running_loop().time()
