"""Which incident a command is about: the one it names, else the room's; what a person may not see is not there."""

from collections.abc import Sequence

from bot.domain.cards import Button, Card
from bot.domain.incident import OPEN_STATUSES, Incident
from bot.domain.organisation import Person
from bot.domain.refusal import Refusal
from bot.domain.text import clip
from bot.ports.chat import RoomRef
from bot.ports.store import Unit
from bot.wording.speech import Speech
from handlers.ask import About, Command
from handlers.cards import MOST_BUTTONS
from handlers.lines import incident_line

_LONGEST_LABEL = 60


class Which(Refusal):
    """A command that is about an incident named none, outside an incident's room; `recent` may be the one meant."""

    def __init__(self, command: Command, recent: Sequence[Incident]) -> None:
        super().__init__("incident.which" if recent else "incident.none", verb=command.name)
        self.recent = recent


async def find(
    unit: Unit, command: Command, person: Person, number: int | None, in_room: Incident | None
) -> Incident | None:
    """Return the incident that a command is about, as far as the person may see it.

    Raises `Refusal` for a name that is unknown to them, and `Which` when one is wanted and none is named.
    """
    if command.about is About.NOTHING:
        return None
    if number is not None:
        named = await unit.incidents.by_number(number, person.viewer)
        if named is None:
            raise Refusal("incident.unknown", ref=f"INC-{number}")
        return named
    if in_room is None and command.about is About.INCIDENT:
        recent = await unit.incidents.window(OPEN_STATUSES, person.viewer, limit=MOST_BUTTONS)
        raise Which(command, recent.items)
    return in_room


async def of_room(unit: Unit, room: RoomRef | None, person: Person) -> Incident | None:
    """Return the incident whose room this is, or None."""
    return await unit.incidents.in_room(room, person.viewer) if room is not None else None


def choice(which: Which, tail: str, speech: Speech) -> Card | None:
    """Return a card that offers the same command for each incident that may be meant."""
    if not which.recent:
        return None
    said = speech.refuse(which)
    verb = which.fields["verb"]
    return Card(
        title=said,
        fallback=said,
        body="\n".join(incident_line(incident, speech) for incident in which.recent),
        actions=tuple(
            Button(
                label=clip(f"{incident.ref} · {incident.title}", _LONGEST_LABEL),
                command=f"{verb} {incident.ref} {tail}".strip(),
                version=incident.version,
            )
            for incident in which.recent
        ),
    )
