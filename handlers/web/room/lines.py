"""What visitors send: a typed line, a pressed button, an answered form."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from aiohttp import web

from bot.domain.forms import Form, command_line
from bot.domain.text import clean
from bot.ports.chat import Answer, Incoming
from bot.ports.content import to_json
from bot.ports.store import BuiltInRoom
from handlers.receipts import answer_from_json
from handlers.web.login import Visitor
from handlers.web.room.answers import Line, ask, draw, line_key, new_nonce, respond, way_back
from handlers.web.room.frame import Frame, account, ref, wants_parts

LONGEST_MESSAGE: Final = 20_000
LONGEST_BODY_BYTES: Final = 256 * 1024
_NAMES: Final = ("inc", "incident", "tocsin")
"""What a command may be called by, as in the other chats: `/inc ack` is `/ack`."""

_MENTION: Final = re.compile(r"@tocsin\b[:,]?", re.IGNORECASE)

_ANSWER: Final = "answer-"
"""Stands before a question's name, so that no question can be mistaken for a field of the page's own."""


async def say_line(frame: Frame, visitor: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `POST /lines`: carry out what was typed or pressed, or post it as a message into the room."""
    sent, room = await _sent(frame, visitor, request)
    nonce = sent.get("nonce", "")[:64]
    if (command := sent.get("command", "")).strip():
        return await _pressed(frame, visitor, request, room, sent | {"command": clean(command), "nonce": nonce})
    text = clean(sent.get("text", "").replace("\r\n", "\n")).strip()
    speech = frame.desk.speech(visitor.person)
    if not text:
        return _back(request, room)
    if len(text) > LONGEST_MESSAGE:
        words = speech.words("web.too_long", count=len(text), limit=LONGEST_MESSAGE)
        return await _told(frame, visitor, request, room, Answer(ok=False, text=words))
    given = command_in(text, is_alone=room is None or room.kind == "direct")
    if given is not None:
        line = Line(line_key(visitor, nonce, "typed", given), given, room)
        return await respond(frame, visitor, request, line, await ask(frame, visitor, line))
    assert room is not None  # where nobody else is, everything is a command
    if room.is_archived:
        return await _told(frame, visitor, request, room, Answer(ok=False, text=speech.words("web.room_is_closed")))
    text = text[1:] if text.startswith("//") else text
    key = line_key(visitor, nonce, "message", room.id, text)
    await frame.rooms.post(room.id, key, to_json(text), frame.desk.now(), author=visitor.person.id)
    talk = Incoming(key, text, account(visitor), ref(room), actor=visitor.person.id)
    answer = await frame.inbox.overheard(talk)
    if answer is None or answer.is_told:
        # Whoever talks waits for no answer, and what is made of it is in the room.
        return _back(request, room)
    return await _told(frame, visitor, request, room, answer)


async def answer_form(frame: Frame, visitor: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `POST /forms`: the answered form is the command that it stands for, with every answer as an option."""
    sent, room = await _sent(frame, visitor, request)
    try:
        form = answer_from_json(json.loads(sent.get("asked", ""))).form
    except (ValueError, LookupError, TypeError, RecursionError):
        form = None
    if form is None:
        raise web.HTTPBadRequest(text=f"{frame.desk.speech(visitor.person).words('web.form_broken')}\n")
    answers = {
        question.name: clean(sent.get(f"{_ANSWER}{question.name}", "").replace("\r\n", "\n")).strip()
        for question in form.questions
    }
    text = command_line(form.command, answers)
    line = Line(line_key(visitor, sent.get("nonce", "")[:64], "form", text), text, room)
    answer = await ask(frame, visitor, line)
    if answer.ok or not answer.errors:
        return await respond(frame, visitor, request, line, answer)
    form = _filled(answer.form or form, answers)
    box = await draw(frame, visitor, replace(answer, form=None), room, form=form)
    if wants_parts(request):
        return web.json_response({"ok": False, "html": box, "nonce": new_nonce()})
    return frame.page("told.html", visitor, status=HTTPStatus.UNPROCESSABLE_ENTITY, box=box, back=way_back(room))


def command_in(text: str, *, is_alone: bool) -> str | None:
    """Return the command in a typed text; None: it is a message for the room.

    A command starts with a slash, and may be called as in the other chats: `/inc ack`, `@tocsin ack`. Two slashes, or
    a path such as `/var/log`, are a message. `is_alone`: nobody else is there to read one, so everything is a command.
    """
    if (mention := _MENTION.match(text)) is not None:
        return text[mention.end() :].strip()
    if not text.startswith("/"):
        return text if is_alone else None
    first = text[1:].split(maxsplit=1)[0] if text[1:].strip() else ""
    if "/" in first and not is_alone:
        return None
    rest = text[1:].strip().lstrip("/")
    word, _, after = rest.partition(" ")
    return after.strip() if word.lower() in _NAMES else rest


async def _pressed(
    frame: Frame, visitor: Visitor, request: web.Request, room: BuiltInRoom | None, sent: Mapping[str, str]
) -> web.StreamResponse:
    if sent.get("confirm") and not sent.get("sure"):
        return frame.page("confirm.html", visitor, sent=sent, back=way_back(room))
    command, version = sent["command"], sent.get("version", "")
    key = line_key(visitor, sent["nonce"], "button", sent.get("message", ""), command, version)
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 16 else None
    line = Line(key, command[:LONGEST_MESSAGE], room, number)
    return await respond(frame, visitor, request, line, await ask(frame, visitor, line))


async def _sent(frame: Frame, visitor: Visitor, request: web.Request) -> tuple[dict[str, str], BuiltInRoom | None]:
    if (request.content_length or 0) > LONGEST_BODY_BYTES:
        raise web.HTTPRequestEntityTooLarge(LONGEST_BODY_BYTES, request.content_length or 0)
    sent = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    if not (room_id := sent.get("room", "")):
        return sent, None
    room = await frame.entered(visitor, room_id)
    if room is None:
        raise web.HTTPNotFound(text=f"{frame.desk.speech(visitor.person).words('web.not_found')}\n")
    return sent, room


async def _told(
    frame: Frame, visitor: Visitor, request: web.Request, room: BuiltInRoom | None, answer: Answer
) -> web.Response:
    """Answer with words of the pages' own, for which no line was handed in."""
    box = await draw(frame, visitor, answer, room)
    if wants_parts(request):
        return web.json_response({"ok": answer.ok, "html": box, "nonce": new_nonce(), "keep": True})
    status = HTTPStatus.OK if answer.ok else HTTPStatus.UNPROCESSABLE_ENTITY
    return frame.page("told.html", visitor, status=status, box=box, back=way_back(room))


def _back(request: web.Request, room: BuiltInRoom | None) -> web.Response:
    if wants_parts(request):
        return web.json_response({"ok": True, "html": "", "nonce": new_nonce()})
    raise web.HTTPSeeOther(f"{way_back(room)}#latest")


def _filled(form: Form, answers: Mapping[str, str]) -> Form:
    """Return the form with what was answered, so that nobody types anything twice."""
    questions = tuple(
        replace(question, value=answers.get(question.name, question.value)) for question in form.questions
    )
    return replace(form, questions=questions)
