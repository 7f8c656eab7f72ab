"""Opsgenie's alert API, for whoever sends there: create, close, acknowledge, note, reword, and look at it.

Shape: Opsgenie's documentation of its Alert API (docs.opsgenie.com/docs/alert-api), and the clients that it published.
It works through requests one after another, so that a request is taken with 202 and its outcome asked for by its
`requestId`. What it answers: see `opsgenie_replies`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from bot.domain.alert import AlertEvent
from bot.domain.said import Acknowledged, Noted, Reworded, Said
from bot.ports.dropins import Call, Known, Recall, Refused, Reply, Taken
from bot.ports.sources import AlertSource, Parsed, Route, Unreadable
from integrations.sources.opsgenie_replies import (
    ACTIONS,
    missing,
    outcome,
    refusal,
    shown,
    taken,
    unprocessable,
    unprocessed,
)
from integrations.sources.reading import (
    LABEL_LIMIT,
    SUMMARY_LIMIT,
    Misshapen,
    alone,
    document,
    identity,
    inner,
    line,
    sample,
    short_labels,
    text,
    whole,
)

_CREATE: Final = Route("POST", "/v2/alerts")
_REQUEST: Final = Route("GET", "/v2/alerts/requests/{request}")
_GET: Final = Route("GET", "/v2/alerts/{identifier}")
_ABOUT: Final = {
    Route("POST", "/v2/alerts/{identifier}/close"): "close",
    Route("POST", "/v2/alerts/{identifier}/acknowledge"): "acknowledge",
    Route("POST", "/v2/alerts/{identifier}/notes"): "note",
    # Alertmanager sends these where `update_alerts` is on.
    Route("PUT", "/v2/alerts/{identifier}/message"): "message",
    Route("PUT", "/v2/alerts/{identifier}/description"): "description",
}
_SAYING: Final = ("note", "message", "description")
_PRIORITIES: Final = ("P1", "P2", "P3", "P4", "P5")
_SCHEME: Final = "geniekey "
_LONGEST_ALIAS: Final = 512


class Opsgenie:
    """Takes what Opsgenie's clients send. The key of the source is shown as `Authorization: GenieKey`."""

    name: str = "opsgenie"
    sample: bytes = sample("opsgenie.json")
    routes: Sequence[Route] = (_CREATE, *_ABOUT, _REQUEST, _GET)

    def keys(self, call: Call) -> Sequence[str]:
        """Return the key behind `GenieKey`."""
        shown = call.headers.get("authorization", "")
        return [shown[len(_SCHEME) :].strip()] if shown.lower().startswith(_SCHEME) else []

    async def answer(self, call: Call, recall: Recall) -> Taken | Reply:
        """Take what changes an alert, and answer what is asked of one."""
        if call.route == _REQUEST:
            return await _outcome(call, recall)
        if call.route == _GET:
            known = await _find(call, recall)
            if known is None:
                raise Refused(missing())
            return shown(known)
        given = _body(call.body)
        if call.route == _CREATE:
            _refuse(_faults_of_alert(given))
            # Opsgenie makes up an alias, too, where none is given.
            alias = given.get("alias") or str(uuid4())
            return _stored("create", alias, given)
        action = _ABOUT[call.route]
        if action in _SAYING and not _is_filled(given, action):
            _refuse({action: f"{action.capitalize()} can not be empty."})
        return _stored(action, await _alias(call, recall), given)

    def refusal(self, status: int, why: str) -> Reply:
        """Refuse in Opsgenie's shape."""
        return refusal(status, why)

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a request as it was stored."""
        found = whole(body)
        action, alias, given = text(found.get("action"), 20), identity(found.get("alias")), found.get("given")
        if action not in ACTIONS or not alias or not isinstance(given, dict):
            raise Unreadable("the body is no request that was stored", "action, alias or given is missing")
        if action == "create":
            return alone({"alias": alias, "given": given}, _read)
        if action == "message":
            return Parsed((), said=(Reworded(alias, title=line(given.get("message"))),))
        if action == "description":
            return Parsed((), said=(Reworded(alias, summary=text(given.get("description"), SUMMARY_LIMIT)),))
        said = _notes(alias, given)
        if action == "acknowledge":
            return Parsed((), said=(Acknowledged(alias), *said))
        events = (AlertEvent(alias, is_firing=False, labels={}, title=alias),) if action == "close" else ()
        return Parsed(events, said=said)


async def _outcome(call: Call, recall: Recall) -> Reply:
    delivery = await recall.delivery(call.parts["request"])
    if delivery is None:
        raise Refused(unprocessed())
    found = whole(delivery.body)
    known = await recall.alert(identity(found["alias"]))
    return outcome(delivery, found["action"], found["alias"], known)


async def _find(call: Call, recall: Recall) -> Known | None:
    identifier, kind = call.parts["identifier"], call.query.get("identifierType", "id")
    if kind == "alias":
        return await recall.alert(identity(identifier))
    # A tiny id is nothing that Tocsin gives.
    return await recall.alert_by_id(identifier) if kind == "id" else None


async def _alias(call: Call, recall: Recall) -> str:
    """Return the alias of the alert that a request is about; by alias, it need not be known yet."""
    if call.query.get("identifierType", "id") == "alias" and identity(call.parts["identifier"]):
        return call.parts["identifier"]
    known = await _find(call, recall)
    if known is None:
        raise Refused(missing())
    return known.alert.fingerprint


def _body(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        found = document(body)
    except Unreadable:
        found = None
    if not isinstance(found, dict):
        raise Refused(refusal(400, "The body is not a JSON object."))
    return found


def _stored(action: str, alias: str, given: Mapping[str, Any]) -> Taken:
    try:
        return Taken(json.dumps({"action": action, "alias": alias, "given": given}).encode(), taken)
    except (RecursionError, ValueError):
        raise Refused(refusal(400, "The body is nested too deeply.")) from None


def _refuse(faults: Mapping[str, str]) -> None:
    if faults:
        raise Refused(unprocessable(faults))


def _faults_of_alert(given: Mapping[str, Any]) -> dict[str, str]:
    faults = {}
    if not _is_filled(given, "message"):
        faults["message"] = "Message can not be empty."
    alias = given.get("alias")
    if alias is not None and not (isinstance(alias, str) and len(alias) <= _LONGEST_ALIAS):
        faults["alias"] = f"Alias must be text of {_LONGEST_ALIAS} characters at most."
    elif alias and not identity(alias):
        faults["alias"] = "Alias holds nothing that can be shown."
    if given.get("priority") not in (*_PRIORITIES, None):
        faults["priority"] = f"Priority should be one of [ {', '.join(_PRIORITIES)} ]"
    return faults


def _is_filled(given: Mapping[str, Any], name: str) -> bool:
    return isinstance(given.get(name), str) and bool(line(given[name]))


def _notes(alias: str, given: Mapping[str, Any]) -> tuple[Said, ...]:
    note = text(given.get("note"), SUMMARY_LIMIT).strip()
    return (Noted(alias, note, line(given.get("user"), 100)),) if note else ()


def _read(found: Any) -> AlertEvent:
    alias, given = found["alias"], found["given"]
    title = line(given.get("message"))
    if not title:
        raise Misshapen("the alert has no message")
    details = short_labels(given.get("details"))
    asked = text(given.get("priority"), 10).upper()
    priority = asked if asked in _PRIORITIES else "P3"
    # Alertmanager without a `priority:` says it in the details alone: P3 for want of another would hide a critical.
    severity = details.get("severity") if asked not in _PRIORITIES else None
    tags = given.get("tags")
    own = {
        "alertname": title,
        "service": line(given.get("entity")),
        **short_labels({name: given.get(name) for name in ("entity", "source", "user")}),
        "tags": ",".join(text(tag, 100) for tag in tags[:20]) if isinstance(tags, list) else "",
        "responders": ",".join(_responders(given)),
        "severity": priority.lower(),
        **details,
        "priority": priority,
    }
    long = {name: value for name, value in inner(given, "details").items() if text(name, LABEL_LIMIT) not in details}
    parts = [text(given.get("description")), *(f"{text(name, 100)}: {text(value)}" for name, value in long.items())]
    note = text(given.get("note"))
    return AlertEvent(
        fingerprint=alias,
        is_firing=True,
        labels={name: text(value, LABEL_LIMIT) for name, value in own.items() if value},
        title=title,
        severity=severity or priority.lower(),
        summary=text("\n".join(part for part in (*parts, note) if part), SUMMARY_LIMIT),
    )


def _responders(given: Mapping[str, Any]) -> Sequence[str]:
    """Return whom the sender wants called, as `team:ops`; Tocsin's own policies say who is."""
    found = []
    listed = given.get("responders")
    for one in listed[:20] if isinstance(listed, list) else ():
        if isinstance(one, dict):
            who = next((text(one[key], 100) for key in ("name", "username", "id") if one.get(key)), "")
            found.append(f"{text(one.get('type'), 20)}:{who}")
    return found


SOURCE: AlertSource = Opsgenie()
