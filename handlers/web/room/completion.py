"""What the command line offers while someone types."""

from typing import Final

from aiohttp import web

from bot.domain.incident import OPEN_STATUSES
from handlers.web.login import Visitor
from handlers.web.room.frame import Frame

_MOST_INCIDENTS: Final = 50


async def suggestions(frame: Frame, visitor: Visitor, _: web.Request) -> web.StreamResponse:
    """Answer `GET /suggestions`: the commands, people, teams, services and open incidents, for the visitor."""
    desk, speech = frame.desk, frame.desk.speech(visitor.person)
    org = desk.organisation()
    async with desk.store.read(desk.tenant) as unit:
        incidents = (await unit.incidents.window(OPEN_STATUSES, visitor.person.viewer, limit=_MOST_INCIDENTS)).items
    return web.json_response(
        {
            "commands": [
                {
                    "name": command.name,
                    "usage": command.usage,
                    "summary": speech.words(command.summary),
                    "options": [*command.options, *command.flags],
                }
                for command in frame.commands()
                if command.access <= visitor.person.access
            ],
            "people": sorted(person.name for person in org.people),
            "teams": sorted(team.name for team in org.teams),
            "services": sorted(service.name for service in org.services),
            "incidents": [{"name": incident.ref, "summary": incident.title} for incident in incidents],
        }
    )
