"""`/incidents`: the list of them, and one with all that belongs to it."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from bot.domain.incident import OPEN_STATUSES, Status
from handlers.web.api import models, showing
from handlers.web.api.operation import READER, Call, ListQuery, Operation
from handlers.web.problems import Problem

_REF: Final = re.compile(r"(?:INC-)?([1-9][0-9]{0,17})", re.ASCII | re.IGNORECASE)


class IncidentsQuery(ListQuery):
    """Which incidents to list."""

    status: Literal["open", "closed", "all"] = Field(
        "all", description="open: triage to mitigated; closed: resolved, closed and cancelled."
    )


def number_in(ref: str) -> int | None:
    """Return the number of an incident's ref (`INC-42`, or just `42`), or None when it is none."""
    found = _REF.fullmatch(ref)
    return int(found[1]) if found else None


async def _list(call: Call) -> models.Page[models.Incident]:
    query = call.query(IncidentsQuery)
    statuses = {
        "open": OPEN_STATUSES,
        "closed": frozenset(Status) - OPEN_STATUSES,
        "all": frozenset(Status),
    }[query.status]
    async with call.desk.store.read(call.desk.tenant) as unit:
        window = await unit.incidents.window(statuses, READER, cursor=query.cursor, limit=query.limit)
        rooms = await unit.rooms.of_many([incident.id for incident in window.items])
    items = [showing.incident(incident, rooms.get(incident.id, ())) for incident in window.items]
    return models.Page[models.Incident](items=items, next=window.next_cursor)


async def _one(call: Call) -> models.IncidentDetail:
    number = number_in(call.path("ref"))
    async with call.desk.store.read(call.desk.tenant) as unit:
        incident = await unit.incidents.by_number(number, READER) if number is not None else None
        if incident is None:
            raise Problem(404, "There is no such incident; refs look like INC-42.")
        postmortem = await unit.postmortems.of(incident.id)
        storm = await unit.storms.get(incident.id) if incident.is_storm else None
        its = showing.Belongings(
            rooms=await unit.rooms.of(incident.id),
            alerts=await unit.alerts.of_incident(incident.id),
            timeline=await unit.timeline.of(incident.id),
            pages=await unit.pages.of(incident.id),
            followups=await unit.followups.of(incident.id),
            postmortem=postmortem,
            script=await unit.postmortems.script(postmortem.script) if postmortem is not None else None,
            answers=await unit.postmortems.answers(postmortem.id) if postmortem is not None else (),
            storm=(storm, await unit.storms.extent(incident.id)) if storm is not None else None,
        )
        people = await showing.people_in(unit, call.desk.organisation(), incident, its)
    return showing.detail(incident, its, people, call.desk.speech())


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/incidents",
        "list_incidents",
        "List incidents, newest first.",
        models.Page[models.Incident],
        _list,
        query=IncidentsQuery,
    ),
    Operation(
        "GET",
        "/incidents/{ref}",
        "get_incident",
        "Show one incident with its alerts, timeline, pages, roles and follow-ups: the last 500 of each.",
        models.IncidentDetail,
        _one,
        problems={404: "There is no such incident."},
    ),
)
