"""What the one who asked is told, and nobody else: drawn at once, or once more after a redirect."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web
from markupsafe import Markup

from bot.domain.forms import Form
from bot.ports.chat import Answer, Incoming
from bot.ports.store import BuiltInRoom
from handlers.receipts import answer_to_json
from handlers.web.login import Visitor
from handlers.web.room.frame import Frame, account, incident_of, ref, wants_parts

_PURPOSE: Final = "answer"
_KEPT_FOR: Final = timedelta(minutes=10)
_LONGEST_IN_ADDRESS: Final = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a visitor sends, and where from. `key` is the same for the same press of the same button."""

    key: str
    text: str
    room: BuiltInRoom | None
    version: int | None = None


def new_nonce() -> str:
    """Return what makes the things on one drawing of a page different from those on the next."""
    return secrets.token_urlsafe(12)


def line_key(visitor: Visitor, nonce: str, *parts: str) -> str:
    """Return the key of a line: two sends of one drawing are one, another person or another text never is."""
    framed = "".join(f"{len(part)}:{part}" for part in (visitor.person.id, nonce, *parts))
    return f"web:{hashlib.sha256(framed.encode('utf-8', 'replace')).hexdigest()[:40]}"


async def ask(frame: Frame, visitor: Visitor, line: Line) -> Answer:
    """Hand a line in and return what came of it."""
    return await frame.inbox.take(
        Incoming(
            key=line.key,
            text=line.text,
            account=account(visitor),
            room=ref(line.room) if line.room is not None else None,
            version=line.version,
            actor=visitor.person.id,
            token=visitor.token,
        )
    )


async def respond(frame: Frame, visitor: Visitor, request: web.Request, line: Line, answer: Answer) -> web.Response:
    """Answer a line: our script gets the drawn box, a browser is sent back to where it was, the box in the page.

    The way back carries the line, signed: taking a line again returns the same answer and does nothing, so that the
    answer survives the redirect without being kept anywhere. A line too long for an address is answered on the spot.
    """
    if wants_parts(request):
        return web.json_response(
            {"ok": answer.ok, "html": await draw(frame, visitor, answer, line.room), "nonce": new_nonce()}
        )
    if len(line.text) > _LONGEST_IN_ADDRESS:
        return frame.page(
            "told.html", visitor, box=await draw(frame, visitor, answer, line.room), back=way_back(line.room)
        )
    room = line.room.id if line.room is not None else ""
    version = "" if line.version is None else str(line.version)
    values = [visitor.person.id, room, line.key, line.text, version]
    token = frame.signer.sign(_PURPOSE, values, frame.desk.now() + _KEPT_FOR)
    raise web.HTTPSeeOther(f"{way_back(line.room)}?answer={token}#answer")


async def retold(frame: Frame, visitor: Visitor, request: web.Request, room: BuiltInRoom | None) -> Markup:
    """Draw the answer that the address names; nothing when it names none, or not one of this visitor here."""
    values = frame.signer.read(_PURPOSE, request.query.get("answer", ""), frame.desk.now())
    if values is None or values[:2] != (visitor.person.id, room.id if room is not None else ""):
        return Markup()
    _, _, key, text, version = values
    answer = await ask(frame, visitor, Line(key, text, room, int(version) if version else None))
    return await draw(frame, visitor, answer, room)


async def draw(
    frame: Frame,
    visitor: Visitor,
    answer: Answer,
    room: BuiltInRoom | None,
    *,
    form: Form | None = None,
) -> Markup:
    """Draw the box that only the one who asked sees. `form` is shown where the answer brings none of its own."""
    form = answer.form or form
    here = await incident_of(frame, visitor, room) if room is not None and answer.incident is not None else None
    return frame.draw(
        "_answer.html",
        visitor,
        answer=answer,
        form=form,
        here=here.ref if here is not None else None,
        asked=json.dumps(answer_to_json(Answer(ok=True, text="", form=form))) if form is not None else "",
        errors=dict(answer.errors),
        room_id=room.id if room is not None else "",
        nonce=new_nonce(),
    )


def way_back(room: BuiltInRoom | None) -> str:
    """Return the path of the page that a visitor was on."""
    return f"/rooms/{room.id}" if room is not None else "/"
