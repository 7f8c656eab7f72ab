"""The pages that are read: the list of rooms, one room, a file in it, and where an incident's room is."""

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from aiohttp import hdrs, web

from bot.domain.cards import Card
from bot.ports.content import Attachment, from_json
from handlers.web.login import Visitor
from handlers.web.room.answers import new_nonce, retold
from handlers.web.room.frame import CHAT, Frame, incident_of
from handlers.web.room.overview import overview
from handlers.web.room.said import Said, drawn, picture_type, said
from handlers.web.room.seen import remember, seen

WINDOW: Final = 200
WIDEST_WINDOW: Final = 2000
_REF: Final = re.compile(r"inc-?([0-9]{1,18})", re.IGNORECASE)


async def rooms_page(frame: Frame, visitor: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `GET /`: all rooms of the visitor."""
    view = await overview(frame, visitor, seen(request))
    box = await retold(frame, visitor, request, None)
    own = view.own
    return frame.page(
        "rooms.html", visitor, view=view, room=None, box=box, nonce=new_nonce(), after=f"0.{own.revision}"
    )


async def room_page(frame: Frame, visitor: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `GET /rooms/{room}`: what was said there, the latest at the bottom, and a line to write on."""
    room = await frame.entered(visitor, request.match_info["room"])
    if room is None:
        return frame.problem(visitor, HTTPStatus.NOT_FOUND, "web.not_found")
    limit = WIDEST_WINDOW if "earlier" in request.query else WINDOW
    messages = await said(frame, visitor, await frame.rooms.messages(room.id, limit=limit))
    marks, nonce = seen(request), new_nonce()
    view = await overview(frame, visitor, marks | {room.id: room.revision})
    response = frame.page(
        "room.html",
        visitor,
        room=room,
        view=view,
        incident=await incident_of(frame, visitor, room),
        messages=await drawn(frame, visitor, room, messages, nonce),
        pinned=latest_pinned(messages),
        has_earlier=len(messages) == limit < WIDEST_WINDOW,
        box=await retold(frame, visitor, request, room),
        nonce=nonce,
        after=f"{room.revision}.{view.own.revision}",
    )
    remember(response, marks, room.id, room.revision)
    return response


async def file(frame: Frame, visitor: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `GET /rooms/{room}/files/{message}`: a picture to be shown, anything else only to be saved."""
    room = await frame.entered(visitor, request.match_info["room"])
    wanted = request.match_info["message"]
    messages = await frame.rooms.messages(room.id, limit=WIDEST_WINDOW) if room is not None else ()
    content = next((from_json(message.content) for message in messages if message.id == wanted), None)
    if not isinstance(content, Attachment):
        return frame.problem(visitor, HTTPStatus.NOT_FOUND, "web.not_found")
    kind = picture_type(content.body)
    shown = "inline" if kind else "attachment"
    headers = {
        hdrs.CONTENT_DISPOSITION: f"{shown}; filename*=UTF-8''{quote(content.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        hdrs.CACHE_CONTROL: "private, max-age=3600",
    }
    return web.Response(body=content.body, content_type=kind or "application/octet-stream", headers=headers)


async def incident(frame: Frame, visitor: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `GET /incidents/{ref}`: lead to its room, or wait with the visitor until it is opened."""
    found = _REF.fullmatch(request.match_info["ref"])
    async with frame.desk.store.read(frame.desk.tenant) as unit:
        about = await unit.incidents.by_number(int(found[1]), visitor.person.viewer) if found else None
        link = await unit.rooms.find(about.id, CHAT) if about is not None else None
    if about is None:
        return frame.problem(visitor, HTTPStatus.NOT_FOUND, "web.not_found")
    if link is None:
        return frame.page("opening.html", visitor, incident=about)
    raise web.HTTPSeeOther(f"/rooms/{link.ref.room}")


async def help_page(frame: Frame, visitor: Visitor, _: web.Request) -> web.StreamResponse:
    """Answer `GET /help`: every command, how it is written, and what it does."""
    return frame.page("help.html", visitor, commands=frame.commands())


def latest_pinned(messages: list[Said]) -> Said | None:
    """Return the message that stays in view: the latest card that is pinned."""
    pinned = [message for message in messages if message.is_pinned and isinstance(message.card, Card)]
    return pinned[-1] if pinned else None
