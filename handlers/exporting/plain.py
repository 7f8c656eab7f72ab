"""An export as JSON, for programs: everything, with every earlier version of every answer."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.followup import Followup
from bot.domain.organisation import Organisation
from bot.domain.postmortem import Answer, latest
from bot.domain.postmortem_script import Prompt
from bot.domain.refusal import Value
from bot.domain.timeline import Actor
from bot.ports.records import StoredEvent
from bot.wording.speech import Speech
from handlers.exporting.gathering import Dossier

SCHEMA = 1


def as_json(dossier: Dossier, org: Organisation) -> str:
    """Return the whole of it as one JSON object. Instants are RFC 3339 in UTC; people are named."""
    speech = Speech(dossier.organisation(org))
    return json.dumps(_plain(dossier, speech), ensure_ascii=False, indent=2) + "\n"


def _plain(dossier: Dossier, speech: Speech) -> dict[str, Any]:
    incident = dossier.incident
    return {
        "schema": SCHEMA,
        "incident": {
            "ref": incident.ref,
            "title": incident.title,
            "severity": incident.severity.name,
            "status": incident.status.value,
            "kind": incident.kind.value,
            "visibility": incident.visibility.value,
            "service": incident.service,
            "team": incident.team,
            "alert_count": incident.alerts.total,
            "roles": [{"role": role.value, "person": dossier.name(person)} for role, person in incident.roles],
            "participants": [dossier.name(person) for person in dossier.responders],
            "opened_at": _at(incident.opened_at),
            "acknowledged_at": _at(incident.acknowledged_at),
            "mitigated_at": _at(incident.mitigated_at),
            "resolved_at": _at(incident.resolved_at),
            "closed_at": _at(incident.closed_at),
        },
        "metrics": {
            **{f"{name}_at": _at(at) for name, at in dossier.times.items()},
            "seconds_to_detect": _seconds(dossier, "began", "detected"),
            "seconds_to_acknowledge": _seconds(dossier, "detected", "acknowledged"),
            "seconds_to_mitigate": _seconds(dossier, "detected", "mitigated"),
            "seconds_to_resolve": _seconds(dossier, "began", "resolved"),
        },
        "timeline": [_event(stored, dossier, speech) for stored in dossier.timeline],
        "postmortem": _postmortem(dossier),
        "followups": [_followup(followup, dossier) for followup in dossier.followups],
    }


def _postmortem(dossier: Dossier) -> dict[str, Any] | None:
    postmortem, script = dossier.postmortem, dossier.script
    if postmortem is None or script is None:
        return None
    return {
        "state": postmortem.state.value,
        "owner": dossier.name(postmortem.owner) or None,
        "opened_at": _at(postmortem.opened_at),
        "finished_at": _at(postmortem.finished_at),
        "waived": {"by": dossier.name(postmortem.waived_by), "reason": postmortem.waived_reason}
        if postmortem.waived_by
        else None,
        "script": {"name": script.name, "version": script.digest},
        "questions": [_question(prompt, dossier) for prompt in script.prompts],
    }


def _question(prompt: Prompt, dossier: Dossier) -> dict[str, Any]:
    now = latest(dossier.answers, prompt.id)
    earlier = [one for one in dossier.answers if one.question == prompt.id and one not in now]
    return {
        "id": prompt.id,
        "number": prompt.number,
        "who": prompt.who.value,
        "kind": prompt.kind.value,
        "question": prompt.text(),
        "answers": [_answer(answer, dossier) for answer in now],
        "earlier": [_answer(answer, dossier) for answer in earlier],
    }


def _answer(answer: Answer, dossier: Dossier) -> dict[str, Any]:
    return {
        "item": answer.item,
        "version": answer.number,
        "person": dossier.name(answer.person) or None,
        "text": answer.text,
        "skipped": answer.skipped,
        "parts": [_named(part, dossier) for part in answer.parts],
        "at": _at(answer.at),
    }


def _named(fields: Mapping[str, Value], dossier: Dossier) -> dict[str, Value]:
    """Return fields with the names of people for their ids."""
    return {name: _drawn(name, value, dossier) for name, value in fields.items()}


def _drawn(name: str, value: Value, dossier: Dossier) -> Value:
    if not isinstance(value, str) or not value:
        return value
    match name:
        case "person" | "owner" | "finder":
            return dossier.name(value)
        case "people":
            return ", ".join(dossier.name(person) for person in value.split(","))
        case "by":
            return _actor(Actor.parse(value), dossier)
        case _:
            return value


def _event(stored: StoredEvent, dossier: Dossier, speech: Speech) -> dict[str, Any]:
    event = stored.event
    return {
        "kind": event.kind.value,
        "occurred_at": _at(event.occurred_at),
        "recorded_at": _at(stored.recorded_at),
        "actor": _actor(event.actor, dossier),
        "fields": _named(event.fields, dossier),
        "text": speech.event(event),
    }


def _followup(followup: Followup, dossier: Dossier) -> dict[str, Any]:
    return {
        "id": followup.id,
        "text": followup.text,
        "owner": dossier.name(followup.owner),
        "due_at": _at(followup.due_at),
        "created_by": dossier.name(followup.created_by),
        "created_at": _at(followup.created_at),
        "done_at": _at(followup.done_at),
    }


def _actor(actor: Actor, dossier: Dossier) -> str:
    return dossier.name(actor.person) if actor.person is not None else str(actor)


def _seconds(dossier: Dossier, first: str, last: str) -> int | None:
    span = dossier.lasted(first, last)
    return int(span.total_seconds()) if span is not None else None


def _at(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
