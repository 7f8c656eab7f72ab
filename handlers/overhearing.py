"""Talk in an incident's room, taken for an answer while its postmortem asks and its owner speaks."""

from dataclasses import replace

from bot.domain.forms import command_line
from bot.domain.organisation import Person
from bot.domain.text import clean
from bot.ports.chat import Incoming
from handlers.desk import Desk


async def answer_in(desk: Desk, person: Person, incoming: Incoming) -> Incoming | None:
    """Return the line that somebody's talk stands for, under the same key; None: it is talk and nothing else.

    It is an answer when the room is that of an incident which has ended, whose postmortem asks, is not paused, and is
    led by who speaks. The line names the question that was asked when this was heard.
    """
    if incoming.room is None or not incoming.text.strip():
        return None
    async with desk.store.read(desk.tenant) as unit:
        incident = await unit.incidents.in_room(incoming.room, person.viewer)
        if incident is None or incident.is_open:
            return None
        postmortem = await unit.postmortems.of(incident.id)
    if postmortem is None or not postmortem.is_asking or postmortem.is_paused or postmortem.current is None:
        return None
    if postmortem.owner != person.id:
        return None
    asked = f"answer {incident.ref} --heard yes --for {postmortem.current}"
    return replace(incoming, text=command_line(asked, {"text": clean(incoming.text).strip()}))
