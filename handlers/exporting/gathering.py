"""All that an export of one incident tells, read in one unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.access import Access
from bot.domain.followup import Followup
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation, Person
from bot.domain.postmortem import Answer, Postmortem
from bot.domain.postmortem_script import Script
from bot.domain.postmortem_times import proposed, settled
from bot.domain.taking_part import took_part
from bot.domain.timeline import Actor
from bot.ports.records import StoredEvent
from bot.ports.store import Unit

MOST_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Dossier:
    """An incident with what there is to tell of it. `names` has everyone's name, also of those who have left.

    `answers` holds every version. `times` are those of the postmortem, where somebody gave them.
    """

    incident: Incident
    postmortem: Postmortem | None
    script: Script | None
    answers: Sequence[Answer]
    timeline: Sequence[StoredEvent]
    followups: Sequence[Followup]
    names: Mapping[str, str]
    times: Mapping[str, datetime | None]

    def name(self, person: str | None) -> str:
        """Return what a person is called; of one who was erased only the id is left."""
        return self.names.get(person, person) if person else ""

    @property
    def responders(self) -> tuple[str, ...]:
        """The ids of those who took part in the response."""
        return took_part(self.incident, [stored.event for stored in self.timeline])

    def organisation(self, org: Organisation) -> Organisation:
        """Return the organisation with everyone in it whom this speaks of, so that sentences can name them."""
        here = {person.id for person in org.people}
        left = (
            Person(person, name, Access.VIEWER, org.timezone)
            for person, name in self.names.items()
            if person not in here
        )
        return Organisation(org.name, org.timezone, (*org.people, *left))

    def lasted(self, first: str, last: str) -> timedelta | None:
        """Return how long it took from one of the five times to another; None where one is not known."""
        begin, end = self.times[first], self.times[last]
        return end - begin if begin is not None and end is not None else None


async def gather(unit: Unit, incident: Incident, org: Organisation) -> Dossier:
    """Read all of it."""
    postmortem = await unit.postmortems.of(incident.id)
    script = await unit.postmortems.script(postmortem.script) if postmortem is not None else None
    answers = await unit.postmortems.answers(postmortem.id) if postmortem is not None else ()
    timeline = await unit.timeline.of(incident.id, limit=MOST_EVENTS)
    followups = await unit.followups.of(incident.id)
    alerts = await unit.alerts.of_incident(incident.id)
    names = {person.id: person.name for person in org.people}
    told = settled(script, answers) if script is not None else None
    gone = _people(incident, postmortem, answers, timeline, followups) - set(names)
    return Dossier(
        incident=incident,
        postmortem=postmortem,
        script=script,
        answers=answers,
        timeline=timeline,
        followups=followups,
        names={**names, **await unit.people.names(gone)} if gone else names,
        times=told or proposed(incident, min((alert.first_at for alert in alerts), default=None)),
    )


def _people(
    incident: Incident,
    postmortem: Postmortem | None,
    answers: Sequence[Answer],
    timeline: Sequence[StoredEvent],
    followups: Sequence[Followup],
) -> set[str]:
    named: set[str | None] = {person for _, person in incident.roles}
    named |= {
        *incident.participants,
        incident.opened_by,
        incident.acknowledged_by,
        *(answer.person for answer in answers),
    }
    if postmortem is not None:
        named |= {postmortem.owner, postmortem.waived_by}
    for followup in followups:
        named |= {followup.owner, followup.created_by}
    for stored in timeline:
        named.add(stored.event.actor.person)
        for name, value in stored.event.fields.items():
            if isinstance(value, str) and name in {"person", "owner", "people"}:
                named.update(value.split(","))
            elif isinstance(value, str) and name == "by":
                named.add(Actor.parse(value).person)
    return {person for person in named if person}
