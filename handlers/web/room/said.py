"""A room's messages as the page shows them to one reader."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from bot.domain.cards import Card
from bot.ports.content import Attachment, from_json
from bot.ports.store import BuiltInRoom, RoomMessage
from bot.wording.speech import Speech
from handlers.web.login import Visitor
from handlers.web.room.artist import when
from handlers.web.room.frame import Frame

PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
"""What a file must begin with to be shown as a picture. SVG is not among them: it can hold a script."""

AT_ONCE: Final = 20
"""How many messages are worked on before others get their turn: a long room must not hold up a call."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message, ready to be drawn. One of `text`, `card` and `file` is set. `author` None: Tocsin itself."""

    id: str
    seq: int
    room: str
    author: str | None
    is_own: bool
    at: datetime
    at_text: str
    at_full: str
    is_loud: bool
    is_pinned: bool
    is_edited: bool
    text: str | None = None
    card: Card | None = None
    file: Attachment | None = None

    @property
    def is_picture(self) -> bool:
        """Whether its file is a picture that the page may show."""
        return self.file is not None and picture_type(self.file.body) is not None


async def said(frame: Frame, visitor: Visitor, messages: Sequence[RoomMessage]) -> list[Said]:
    """Make messages ready for a reader, with their authors' names, also of those who have left."""
    names = await _names(frame, {message.author for message in messages if message.author is not None})
    speech, now = frame.desk.speech(visitor.person), frame.desk.now()
    ready = []
    for count, message in enumerate(messages, start=1):
        ready.append(_one(message, visitor, names, speech, now))
        if count % AT_ONCE == 0:
            await asyncio.sleep(0)
    return ready


async def drawn(
    frame: Frame, visitor: Visitor, room: BuiltInRoom, messages: Sequence[Said], nonce: str
) -> list[Markup]:
    """Draw messages as the page lists them."""
    lines = []
    for count, message in enumerate(messages, start=1):
        lines.append(draw(frame, visitor, room, message, nonce))
        if count % AT_ONCE == 0:
            await asyncio.sleep(0)
    return lines


def draw(frame: Frame, visitor: Visitor, room: BuiltInRoom, message: Said, nonce: str) -> Markup:
    """Draw one message."""
    values = {"message": message, "room_id": room.id, "is_own_room": room.kind == "direct", "nonce": nonce}
    return frame.draw("_message.html", visitor, **values)


def picture_type(body: bytes) -> str | None:
    """Return the type of a picture by its first bytes; None for anything else."""
    return next((kind for start, kind in PICTURES.items() if body.startswith(start)), None)


async def _names(frame: Frame, ids: set[str]) -> Mapping[str, str]:
    org = frame.desk.organisation()
    names = {person.id: person.name for person_id in ids if (person := org.person(person_id)) is not None}
    if missing := ids - names.keys():
        async with frame.desk.store.read(frame.desk.tenant) as unit:
            names.update(await unit.people.names(missing))
    return names


def _one(message: RoomMessage, visitor: Visitor, names: Mapping[str, str], speech: Speech, now: datetime) -> Said:
    text: str | None = None
    card: Card | None = None
    file: Attachment | None = None
    try:
        match from_json(message.content):
            case str(plain):
                text = plain
            case Card() as drawn:
                card = drawn
            case Attachment() as attached:
                file = attached
    except (ValueError, LookupError, TypeError):
        text = speech.words("web.unreadable")
    author = message.author
    return Said(
        id=message.id,
        seq=message.seq,
        room=message.room,
        author=None if author is None else names.get(author) or speech.words("word.someone_gone"),
        is_own=author == visitor.person.id,
        at=message.at,
        at_text=when(message.at, now, speech),
        at_full=speech.at(message.at),
        is_loud=message.is_loud,
        is_pinned=message.is_pinned,
        is_edited=message.edited_at is not None and text is not None,
        text=text,
        card=card,
        file=file,
    )
