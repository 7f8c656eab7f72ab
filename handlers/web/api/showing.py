"""Turns what Tocsin knows into what the API shows: ids of people become names, ids of incidents refs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.access import Role
from bot.domain.alert import Alert
from bot.domain.context import context_of
from bot.domain.followup import Followup
from bot.domain.hush import Silence
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation
from bot.domain.postmortem import Answer, Postmortem, latest
from bot.domain.postmortem_script import Script
from bot.domain.refusal import Value
from bot.domain.storm import Storm, top_values
from bot.domain.timeline import Actor
from bot.ports.chat import RoomRef
from bot.ports.records import PageRecord, RoomLink, StoredEvent
from bot.ports.store import Unit
from bot.ports.storms import Extent
from bot.wording.speech import Speech
from handlers.reasons import reason_of
from handlers.web.api import models


class People:
    """Knows the names of people, those who have left included."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def name(self, person: str) -> str:
        """Return what a person is called; of one who was erased only the id is left."""
        return self._names.get(person, person)

    def actor(self, actor: Actor) -> str:
        """Return a person's name, or `tocsin:` and the part's."""
        return self.name(actor.person) if actor.person is not None else str(actor)

    def field(self, name: str, value: Value) -> Value:
        """Return a field of an event with names for ids; which fields hold ids, `Event` and `Message` say."""
        if not isinstance(value, str) or not value:
            return value
        match name:
            case "person" | "owner":
                return self.name(value)
            case "people":
                return ", ".join(self.name(person) for person in value.split(",") if person)
            case "by":
                return self.actor(Actor.parse(value))
            case _:
                return value


@dataclass(frozen=True, slots=True)
class Belongings:
    """All that belongs to one incident."""

    rooms: Sequence[RoomLink]
    alerts: Sequence[Alert]
    timeline: Sequence[StoredEvent]
    pages: Sequence[PageRecord]
    followups: Sequence[Followup]
    postmortem: Postmortem | None = None
    script: Script | None = None
    answers: Sequence[Answer] = ()
    storm: tuple[Storm, Extent] | None = None


async def people_in(unit: Unit, org: Organisation, shown: Incident, its: Belongings) -> People:
    """Return the names of all the people whom an incident and what belongs to it speak of, those who left included."""
    ids: set[str | None] = {person for _, person in shown.roles}
    ids.update(page.person for page in its.pages)
    ids.update(answer.person for answer in its.answers)
    for followup in its.followups:
        ids.update((followup.owner, followup.created_by))
    for stored in its.timeline:
        ids.add(stored.event.actor.person)
        for name, value in stored.event.fields.items():
            if isinstance(value, str):
                ids.update(_ids_in(name, value))
    names = {person.id: person.name for person in org.people}
    gone = {person for person in ids if person and person not in names}
    return People({**names, **await unit.people.names(gone)} if gone else names)


def _ids_in(name: str, value: str) -> Iterable[str | None]:
    match name:
        case "person" | "owner":
            return (value,)
        case "people":
            return value.split(",")
        case "by":
            return (Actor.parse(value).person,)
        case _:
            return ()


def incident(shown: Incident, rooms: Sequence[RoomLink]) -> models.Incident:
    """Show an incident as in a list."""
    return models.Incident(**_incident_fields(shown, rooms))


def _incident_fields(shown: Incident, rooms: Sequence[RoomLink]) -> dict[str, Any]:
    return {
        "ref": shown.ref,
        "title": shown.title,
        "severity": shown.severity.name,
        "status": shown.status,
        "kind": shown.kind,
        "visibility": shown.visibility,
        "service": shown.service,
        "alert_count": shown.alerts.total,
        "rooms": [models.Room(chat=link.ref.chat, id=_room_id(link.ref), name=link.name) for link in rooms],
        "opened_at": shown.opened_at,
        "acknowledged_at": shown.acknowledged_at,
        "resolved_at": shown.resolved_at,
        "version": shown.version,
    }


def detail(shown: Incident, its: Belongings, people: People, speech: Speech) -> models.IncidentDetail:
    """Show an incident with all that belongs to it."""
    context = context_of(shown, speech.org)
    return models.IncidentDetail(
        **_incident_fields(shown, its.rooms),
        team=context.team,
        rule=shown.rule,
        runbook=context.runbook,
        dashboards=context.dashboards,
        depends_on=context.depends_on,
        dependants=[models.Dependant(service=one.service, incident=one.ref) for one in shown.dependants],
        alerts=[alert(one, shown, {}, speech) for one in its.alerts],
        timeline=[_event(one, people, speech) for one in its.timeline],
        pages=[_page(one, people) for one in its.pages],
        roles=_roles(shown, people),
        followups=[_followup(one, people) for one in its.followups],
        postmortem=_postmortem(its, people, speech),
        storm=_storm(*its.storm) if its.storm is not None else None,
    )


def _storm(storm: Storm, extent: Extent) -> models.Storm:
    return models.Storm(
        groups=extent.groups,
        services=extent.services,
        first_at=storm.began_at,
        last_at=storm.last_at,
        ended_at=storm.ended_at,
        top=[
            models.StormLabel(
                label=name, values=[models.StormValue(value=value, count=count) for value, count in counts]
            )
            for name, counts in top_values(storm)
        ],
        beside=storm.beside,
    )


def _postmortem(its: Belongings, people: People, speech: Speech) -> models.Postmortem | None:
    """Show what was answered, in the order of the questions; of a skipped one, why."""
    if its.postmortem is None or its.script is None:
        return None
    answers = [
        models.PostmortemAnswer(
            question=prompt.text(),
            person=people.name(answer.person) if answer.person else speech.words("export.anonymous"),
            text=answer.text if answer.skipped is None else speech.words("export.skipped", reason=answer.skipped),
            at=answer.at,
        )
        for prompt in its.script.prompts
        for answer in latest(its.answers, prompt.id)
    ]
    return models.Postmortem(state=its.postmortem.state.value, answers=answers)


def alert(shown: Alert, incident: Incident | None, silences: Mapping[str, Silence], speech: Speech) -> models.Alert:
    """Show an alert with its incident; `silences` (by key) are those that hold alerts back."""
    silence = silences.get(shown.held_by or "")
    return models.Alert(
        fingerprint=shown.fingerprint,
        source=shown.source,
        service=shown.service,
        state=shown.state,
        severity=shown.severity.name,
        labels=shown.labels,
        incident=incident.ref if incident is not None else None,
        first_at=shown.first_at,
        last_at=shown.last_at,
        count=shown.count,
        flaps=shown.flaps,
        reason=reason_of(shown, silences, speech, incident),
        held_by=silence.ref if silence is not None else shown.held_by,
    )


def _event(stored: StoredEvent, people: People, speech: Speech) -> models.TimelineEvent:
    event = stored.event
    return models.TimelineEvent(
        id=stored.id,
        kind=event.kind,
        occurred_at=event.occurred_at,
        recorded_at=stored.recorded_at,
        actor=people.actor(event.actor),
        fields={name: people.field(name, value) for name, value in event.fields.items()},
        text=speech.event(event),
    )


def _page(page: PageRecord, people: People) -> models.PageSent:
    return models.PageSent(
        person=people.name(page.person),
        channel=page.channel,
        step=page.step,
        state=page.state,
        requested_at=page.requested_at,
        sent_at=page.sent_at,
        reason=page.reason,
    )


def _roles(shown: Incident, people: People) -> dict[str, str]:
    held: dict[Role, list[str]] = {}
    for role, person in shown.roles:
        held.setdefault(role, []).append(people.name(person))
    return {role.value: ", ".join(names) for role, names in held.items()}


def _followup(followup: Followup, people: People) -> models.Followup:
    return models.Followup(
        id=followup.id,
        text=followup.text,
        owner=people.name(followup.owner),
        due_at=followup.due_at,
        created_by=people.name(followup.created_by),
        created_at=followup.created_at,
        done_at=followup.done_at,
    )


def _room_id(ref: RoomRef) -> str:
    """Return what tells a room of a chat from every other one there: a topic shares its group's id."""
    return f"{ref.room}/{ref.thread}" if ref.thread else ref.room
