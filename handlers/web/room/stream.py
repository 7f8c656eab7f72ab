"""What is new, as server-sent events: drawn parts of the page, resumed where the connection broke off.

Nothing is queued for a browser: each stream reads from the database what changed since the revision that it sent
last, so that a slow reader costs no memory, and `Last-Event-ID` alone is enough to go on.
"""

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from aiohttp import ClientConnectionResetError, hdrs, web

from bot.ports.store import BuiltInRoom
from handlers.web.login import Visitor
from handlers.web.room.answers import new_nonce
from handlers.web.room.conversation import WINDOW
from handlers.web.room.frame import Frame, incident_of
from handlers.web.room.overview import overview
from handlers.web.room.said import said
from handlers.web.room.seen import seen
from handlers.web.room.watch import Watch

WATCH: Final = web.AppKey("watch", Watch)
STREAMS: Final = web.AppKey("streams", Counter[str])

MOST_STREAMS: Final = 1000
MOST_FOR_ONE: Final = 20
HEARTBEAT_SECONDS: Final = 15.0
SLOWEST_SECONDS: Final = 30.0
_PLACE: Final = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})")
CALM_SECONDS: Final = 0.1
"""Changes within a tenth of a second are one for the reader: a card, its pin and a topic come together."""


@dataclass(slots=True)
class News:
    """What one browser has not been sent yet. `room` and `own` are the revisions that it has."""

    frame: Frame
    visitor: Visitor
    request: web.Request
    room: int
    own: int
    _sent: dict[str, str] = field(default_factory=dict)

    async def parts(self, room: BuiltInRoom | None) -> AsyncIterator[tuple[str, str]]:
        """Yield the events that make the page what it would now be drawn as."""
        if room is not None:
            async for event in self._messages(room):
                yield event
            incident = await incident_of(self.frame, self.visitor, room)
            head = self.frame.draw("_head.html", self.visitor, room=room, incident=incident)
            if self._is_other("head", head):
                yield "head", head
        marks = seen(self.request)
        if room is not None:
            marks[room.id] = room.revision
        view = await overview(self.frame, self.visitor, marks)
        async for event in self._calls(view.own):
            yield event
        listed = self.frame.draw("_rooms.html", self.visitor, view=view, room=room)
        if self._is_other("rooms", listed):
            yield "rooms", listed
        # The last event of a batch carries the new place; a break before it makes the whole batch come again.
        if self._is_other("mark", mark := f"{self.room}.{self.own}"):
            yield "mark", mark

    async def _messages(self, room: BuiltInRoom) -> AsyncIterator[tuple[str, str]]:
        changed = await self.frame.rooms.messages(room.id, after_revision=self.room, limit=WINDOW)
        if len(changed) == WINDOW and self.room:
            yield "reload", ""
        for message, one in zip(changed, await said(self.frame, self.visitor, changed), strict=True):
            values = {"message": one, "room_id": room.id, "nonce": new_nonce()}
            yield "message", self.frame.draw("_message.html", self.visitor, **values)
            if message.is_pinned and one.card is not None:
                yield "pinned", self.frame.draw("_pinned.html", self.visitor, **values)
        self.room = max([self.room, room.revision, *(message.revision for message in changed)])

    async def _calls(self, own: BuiltInRoom) -> AsyncIterator[tuple[str, str]]:
        if own.revision <= self.own:
            return
        changed = await self.frame.rooms.messages(own.id, after_revision=self.own, limit=WINDOW)
        for message, one in zip(changed, await said(self.frame, self.visitor, changed), strict=True):
            if message.is_loud and message.edited_at is None:
                values = {"message": one, "room_id": own.id, "nonce": new_nonce()}
                yield "call", self.frame.draw("_call.html", self.visitor, **values)
        self.own = max([own.revision, *(message.revision for message in changed)])

    def _is_other(self, name: str, html: str) -> bool:
        digest = hashlib.sha256(html.encode("utf-8", "replace")).hexdigest()
        is_other = self._sent.get(name) != digest
        self._sent[name] = digest
        return is_other


async def events(frame: Frame, visitor: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `GET /events` and `GET /rooms/{room}/events` until the browser goes, the session ends, or Tocsin stops."""
    room_id = request.match_info.get("room")
    room = await frame.entered(visitor, room_id) if room_id else None
    if room_id and room is None:
        raise web.HTTPNotFound
    watch, streams = request.app[WATCH], request.app[STREAMS]
    if watch.watchers >= MOST_STREAMS or streams[visitor.person.id] >= MOST_FOR_ONE:
        raise web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: "10"})
    own = await frame.rooms.direct(visitor.person.id, frame.desk.now())
    place = _resumed(request) or await _now(frame, room, own)
    news = News(frame, visitor, request, *place)
    response = web.StreamResponse(
        status=HTTPStatus.OK,
        headers={
            hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8",
            hdrs.CACHE_CONTROL: "no-store",
            "X-Accel-Buffering": "no",
        },
    )
    await response.prepare(request)
    streams[visitor.person.id] += 1
    try:
        with watch.over([own, *([room.id] if room is not None else [])]) as changed:
            await _send(response, "retry: 2000\n\n")
            while not watch.is_closing and frame.login.visitor(request) is not None:
                changed.clear()
                room = await frame.entered(visitor, room_id) if room_id else None
                if room_id and room is None:
                    break
                async for name, html in news.parts(room):
                    await _send(response, _event(name, html, f"{news.room}.{news.own}"))
                await _until(changed, response)
    except (ClientConnectionResetError, ConnectionResetError, TimeoutError):
        pass  # the browser went, or takes nothing any more: it will come again with what it has
    finally:
        streams[visitor.person.id] -= 1
        streams += Counter()
    return response


async def _now(frame: Frame, room: BuiltInRoom | None, own_id: str) -> tuple[int, int]:
    own = await frame.rooms.room(own_id)
    return room.revision if room is not None else 0, own.revision if own is not None else 0


async def _until(changed: asyncio.Event, response: web.StreamResponse) -> None:
    """Wait for a change, keeping the connection warm through proxies that close silent ones."""
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await changed.wait()
            await asyncio.sleep(CALM_SECONDS)
            return
        except TimeoutError:
            await _send(response, ": still here\n\n")
            return


async def _send(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(SLOWEST_SECONDS):
        await response.write(text.encode("utf-8", "replace"))


def _event(name: str, html: str, revision: str) -> str:
    lines = "\n".join(f"data: {line}" for line in html.splitlines() or [""])
    return f"event: {name}\nid: {revision}\n{lines}\n\n"


def _resumed(request: web.Request) -> tuple[int, int] | None:
    """Return the revisions that a browser has: as it says on coming again, else as its page was drawn."""
    text = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    found = _PLACE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None
