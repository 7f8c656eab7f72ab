"""The rooms as a list for one person: open incidents first, the lobby, their own room, and what has ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.access import Access
from bot.domain.incident import OPEN_STATUSES, Incident, Status
from bot.ports.store import BuiltInRoom
from handlers.web.login import Visitor
from handlers.web.room.frame import CHAT, Frame

ENDED = frozenset({Status.RESOLVED, Status.CLOSED, Status.CANCELLED})
MOST_OPEN = 100
MOST_ENDED = 30


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident in the list. `room` is None while its room is being opened."""

    incident: Incident
    room: BuiltInRoom | None
    is_new: bool
    commander: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All the rooms that a person may enter. `calls` counts the open incidents that they are called to."""

    open: Sequence[IncidentLine]
    ended: Sequence[IncidentLine]
    lobby: BuiltInRoom
    own: BuiltInRoom
    lobby_is_new: bool
    own_is_new: bool
    calls: int


async def overview(frame: Frame, visitor: Visitor, seen: Mapping[str, int]) -> Overview:
    """Gather the list; the lobby and the person's own room are made when they are first asked for."""
    desk, person = frame.desk, visitor.person
    now = desk.now()
    lobby_id, own_id = await frame.rooms.lobby(now), await frame.rooms.direct(person.id, now)
    rooms = {room.id: room for room in await frame.rooms.rooms(person.id, sees_all=person.access is Access.ADMIN)}
    async with desk.store.read(desk.tenant) as unit:
        open_ones = (await unit.incidents.window(OPEN_STATUSES, person.viewer, limit=MOST_OPEN)).items
        ended = (await unit.incidents.window(ENDED, person.viewer, limit=MOST_ENDED)).items
        calls = await unit.pages.calling(person.id)
        links = await unit.rooms.of_many([incident.id for incident in (*open_ones, *ended)])
    speech = desk.speech(person)

    def line(incident: Incident) -> IncidentLine:
        link = next((link for link in links.get(incident.id, ()) if link.ref.chat == CHAT), None)
        room = rooms.get(link.ref.room) if link is not None else None
        commander = speech.name(incident.commander) if incident.commander is not None else None
        return IncidentLine(incident, room, room is not None and _is_new(room, seen), commander)

    own = rooms[own_id]
    return Overview(
        open=[line(incident) for incident in sorted(open_ones, key=lambda one: (one.severity, -one.number))],
        ended=[line(incident) for incident in ended],
        lobby=rooms[lobby_id],
        own=own,
        lobby_is_new=_is_new(rooms[lobby_id], seen),
        own_is_new=_is_new(own, seen),
        calls=calls,
    )


def _is_new(room: BuiltInRoom, seen: Mapping[str, int]) -> bool:
    return room.revision > seen.get(room.id, 0)
