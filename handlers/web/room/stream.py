"""What is new, as server-sent events: drawn parts of the page, resumed where the connection broke off.

Nothing is queued for a browser: each stream reads from the database what changed since the revision that it sent
last, so that a slow reader costs no memory, and `Last-Event-ID` alone is enough to go on.
"""

import asyncio
import re
from collections import Counter
from typing import Final

from aiohttp import ClientConnectionResetError, hdrs, web

from bot.ports.store import BuiltInRoom
from handlers.web.login import Visitor
from handlers.web.room.frame import Frame
from handlers.web.room.news import News
from handlers.web.room.watch import Watch

WATCH: Final = web.AppKey("watch", Watch)
STREAMS: Final = web.AppKey("streams", Counter[str])

MOST_STREAMS: Final = 1000
MOST_FOR_ONE: Final = 20
HEARTBEAT_SECONDS: Final = 15.0
SLOWEST_SECONDS: Final = 30.0
_HEADERS: Final = {
    hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8",
    hdrs.CACHE_CONTROL: "no-store",
    "X-Accel-Buffering": "no",
}
_PLACE: Final = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})")
CALM_SECONDS: Final = 0.1
"""Changes within a tenth of a second are one for the reader: a card, its pin and a topic come together."""

CROWD_SECONDS: Final = 0.01
"""By so much longer for every other reader, so that a full house slows its own pages down and no call."""


async def events(frame: Frame, visitor: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `GET /events` and `GET /rooms/{room}/events` until the browser goes, the session ends, or Tocsin stops."""
    room_id = request.match_info.get("room")
    room = await frame.entered(visitor, room_id) if room_id else None
    if room_id and room is None:
        raise web.HTTPNotFound
    watch, streams = request.app[WATCH], request.app[STREAMS]
    if streams.total() >= MOST_STREAMS or streams[visitor.person.id] >= MOST_FOR_ONE:
        raise web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: "10"})
    now = frame.desk.now()
    own_id, lobby_id = await frame.rooms.direct(visitor.person.id, now), await frame.rooms.lobby(now)
    room_at, own_at = _resumed(request) or await _present(frame, room, own_id)
    news = News(frame, request, visitor, room_at, own_at, own_id)
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    streams[visitor.person.id] += 1
    stagger = 0.5 + streams.total() % 16 / 16
    try:
        # What happens elsewhere is announced in the lobby: it tells when the list of rooms may be another.
        watched = {own_id, lobby_id, *([room.id] if room is not None else [])}
        with watch.over(*watched) as changed, watch.over_list(own_id, lobby_id) as list_changed:
            await _send(response, "retry: 2000\n\n")
            while not watch.is_closing:
                changed.clear()
                list_changed.clear()
                if not await _sent(frame, request, response, news, room_id):
                    break
                # They don't all read in the same instant, but one after the other.
                calm = CALM_SECONDS + CROWD_SECONDS * streams.total() * stagger
                await _until(changed, response, news, calm)
                if list_changed.is_set():
                    news.owe_list()
    except (ClientConnectionResetError, ConnectionResetError, TimeoutError):
        pass  # the browser went, or takes nothing any more: it will come again with what it has
    finally:
        streams[visitor.person.id] -= 1
        streams += Counter()
    return response


async def _sent(
    frame: Frame, request: web.Request, response: web.StreamResponse, news: News, room_id: str | None
) -> bool:
    """Send what is new; false when the visitor may not be here any more: logged out, removed, or shut out."""
    visitor = await frame.login.visitor(request)
    if visitor is None or visitor.person.id != news.visitor.person.id:
        return False
    news.visitor = visitor
    room = await frame.entered(visitor, room_id) if room_id else None
    if room_id and room is None:
        return False
    async for name, html in news.parts(room):
        await _send(response, _event(name, html, news.place))
    return True


async def _until(changed: asyncio.Event, response: web.StreamResponse, news: News, calm_seconds: float) -> None:
    """Wait for a change, or for what is owed; keep the connection warm through proxies that close silent ones."""
    try:
        async with asyncio.timeout(news.rest(HEARTBEAT_SECONDS)):
            await changed.wait()
        await asyncio.sleep(calm_seconds)
    except TimeoutError:
        await _send(response, ": still here\n\n")
        news.owe_list()


async def _present(frame: Frame, room: BuiltInRoom | None, own_id: str) -> tuple[int, int]:
    own = await frame.rooms.room(own_id)
    return room.revision if room is not None else 0, own.revision if own is not None else 0


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
