"""`/commands`: runs one line exactly as a chat would."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from bot.domain.organisation import Account
from bot.domain.refusal import Refusal
from bot.domain.text import clean, clip, nearest
from bot.ids import new_id
from bot.ports.chat import Incoming, RoomRef
from handlers.spreading import BUILT_IN
from handlers.web.api import models
from handlers.web.api.incidents import number_in
from handlers.web.api.operation import READER, Call, Given, Operation
from handlers.web.problems import Problem
from handlers.web.tokens import API_TOKEN

CHAT: Final = "api"
"""What lines that came by the API name as their chat."""

_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_QUOTED: Final = 40


class CommandBody(Given):
    """A line, and who writes it where."""

    actor: str = Field(min_length=1, max_length=200, description="A person's name, as in tocsin.yaml.")
    text: str = Field(min_length=1, description="The line, such as `ack INC-42`.")
    room: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Where it is written: an incident's ref, or the id of a built-in room; null for nowhere.",
    )


async def _run(call: Call) -> models.CommandAnswer:
    body = await call.body(CommandBody)
    key = call.request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise Problem(422, "An Idempotency-Key is 1 to 200 visible ASCII characters.")
    org = call.desk.organisation()
    person = org.person_named(body.actor)
    if person is None:
        like = nearest(body.actor, [known.name for known in org.people])
        return _refused(call, Refusal("person.unknown", given=clip(body.actor, _QUOTED), like=like))
    try:
        room = await _room(call, body.room) if body.room is not None else None
    except Refusal as refusal:
        return _refused(call, refusal)
    incoming = Incoming(
        key=key if key is not None else new_id(call.desk.now()),
        text=body.text,
        account=Account(CHAT, "", person.name),
        room=room,
        actor=person.id,
        token=API_TOKEN,
    )
    answer = await call.inbox.take(incoming)
    return models.CommandAnswer(ok=answer.ok, reply=answer.text, incident=answer.incident)


async def _room(call: Call, named: str) -> RoomRef | None:
    """Return the room of this name; None while an incident's is not open yet. Refuses an unknown incident.

    The id of no built-in room is a `Problem`: outside a room, a line might do something else than was meant.
    """
    if not named.upper().startswith("INC-"):
        room = await call.desk.store.rooms(call.desk.tenant).room(clean(named))
        if room is None:
            what = f"no built-in room has the id {clip(named, _QUOTED)!r}"
            raise Problem(422, "There is no such room; the line was not run.", errors=[("body.room", what)])
        return RoomRef(BUILT_IN, "", room.id)
    number = number_in(named)
    async with call.desk.store.read(call.desk.tenant) as unit:
        incident = await unit.incidents.by_number(number, READER) if number is not None else None
        if incident is None:
            raise Refusal("incident.unknown", ref=clip(named, _QUOTED))
        links = await unit.rooms.of(incident.id)
    return next((link.ref for link in links), None)


def _refused(call: Call, refusal: Refusal) -> models.CommandAnswer:
    return models.CommandAnswer(ok=False, reply=call.desk.speech().refuse(refusal), incident=None)


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "POST",
        "/commands",
        "run_command",
        "Run one line on behalf of a person, with their access.",
        models.CommandAnswer,
        _run,
        body=CommandBody,
        headers={"Idempotency-Key": "A line sent again under its key is not run again: its first answer is returned."},
        problems={415: "The body is not declared as JSON.", 413: "The body is too large."},
    ),
)
