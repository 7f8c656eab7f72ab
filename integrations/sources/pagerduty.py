"""PagerDuty's Events API v2 and its change events, for whoever sends there: only the host of the address changes.

Shape and limits: PagerDuty's developer documentation, "Send an Alert Event" and "Send a Change Event". Answers: "Events
API v2 Overview", "Response Codes & Retry Logic" (202; 400, which its clients give up at; 429 and every 5xx, after which
they send again), and the bodies of its schema (github.com/PagerDuty/api-schema, `reference/events-v2/openapiv3.json`).
What PagerDuty answers to an event or a routing key that is wrong was seen in github.com/envato/pagerduty, issue 70. Where
PagerDuty throttles with 429, Tocsin answers 503, which its clients treat alike.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from bot.domain.alert import AlertEvent
from bot.domain.said import Acknowledged, Changed
from bot.ports.dropins import Call, Recall, Refused, Reply, Taken
from bot.ports.sources import AlertSource, Parsed, Route, Unreadable
from integrations.sources.reading import (
    SUMMARY_LIMIT,
    Misshapen,
    address,
    alone,
    document,
    identity,
    inner,
    line,
    moment,
    sample,
    short_labels,
    text,
    whole,
)

_ALERTS: Final = Route("POST", "/v2/enqueue")
_CHANGES: Final = Route("POST", "/v2/change/enqueue")
_ACTIONS: Final = ("trigger", "acknowledge", "resolve")
_SEVERITIES: Final = ("critical", "error", "warning", "info")
_LONGEST_KEY: Final = 255
# Alertmanager's own details: how many of a group fire just now, which says nothing of what it is.
_COUNTS: Final = frozenset({"num_firing", "num_resolved"})
_UNRECOGNISED: Final = Reply(
    400,
    {
        "status": "Unrecognized object",
        "message": "Event object format is unrecognized",
        "errors": ["JSON parse error"],
    },
)


class PagerDuty:
    """Takes what PagerDuty's clients send. The routing key in the body is the key of the source."""

    name: str = "pagerduty"
    sample: bytes = sample("pagerduty.json")
    routes: Sequence[Route] = (_ALERTS, _CHANGES)

    def keys(self, call: Call) -> Sequence[str]:
        """Return the routing key; some clients say it in a header only."""
        found = (_event(call.body).get("routing_key"), call.headers.get("x-routing-key"))
        return [key for key in found if isinstance(key, str) and key]

    async def answer(self, call: Call, recall: Recall) -> Taken | Reply:  # noqa: ARG002 - nothing can be asked here
        """Check as PagerDuty does; what is stored is the event without its routing key, and with a `dedup_key`."""
        event = _event(call.body)
        event.pop("routing_key", None)
        if call.route == _CHANGES:
            _refuse(_faults_of_change(event))
            return Taken(_stored("change", event), lambda _: _success("Change event processed"))
        _refuse(_faults_of_alert(event))
        key = event["dedup_key"] = event.get("dedup_key") or uuid4().hex
        return Taken(_stored("alert", event), lambda _: _success("Event processed", dedup_key=key))

    def refusal(self, status: int, why: str) -> Reply:
        """Refuse a key with 400, as PagerDuty does."""
        if status in {401, 403}:
            return _invalid([why])
        return Reply(status, {"status": "error", "message": why, "errors": [why]})

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read an event as it was stored."""
        found = whole(body)
        event = found.get("event")
        if not isinstance(event, dict):
            raise Unreadable("the body holds no event", "event is missing")
        if found.get("kind") == "change":
            return Parsed((), said=(_read_change(event),))
        if event.get("event_action") == "acknowledge":
            return Parsed((), said=(Acknowledged(_fingerprint(event)),))
        return alone(event, _read)


def _event(body: bytes) -> dict[str, Any]:
    try:
        found = document(body)
    except Unreadable:
        found = None
    if not isinstance(found, dict):
        raise Refused(_UNRECOGNISED)
    return found


def _stored(kind: str, event: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps({"kind": kind, "event": event}).encode()
    except (RecursionError, ValueError):
        raise Refused(_invalid(["the event is nested too deeply"])) from None


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise Refused(_invalid(faults))


def _faults_of_alert(event: Mapping[str, Any]) -> list[str]:
    action, key = event.get("event_action"), event.get("dedup_key")
    faults = []
    if action not in _ACTIONS:
        faults.append(f"'event_action' must be one of: {', '.join(_ACTIONS)}")
    if key is not None and not (isinstance(key, str) and len(key) <= _LONGEST_KEY):
        faults.append(f"'dedup_key' must be text of {_LONGEST_KEY} characters at most")
    if (key or action in ("acknowledge", "resolve")) and not identity(key):
        faults.append("'dedup_key' is missing or blank")
    if action == "trigger":
        faults += _faults_of_payload(event, ("summary", "source"))
        severity = inner(event, "payload").get("severity")
        if severity not in _SEVERITIES:
            faults.append(f"'payload.severity' must be one of: {', '.join(_SEVERITIES)}")
    return faults


def _faults_of_change(event: Mapping[str, Any]) -> list[str]:
    return _faults_of_payload(event, ("summary",))


def _faults_of_payload(event: Mapping[str, Any], needed: Sequence[str]) -> list[str]:
    if not isinstance(event.get("payload"), dict):
        return ["'payload' is missing or blank"]
    payload = event["payload"]
    return [
        f"'payload.{name}' is missing or blank"
        for name in needed
        if not (isinstance(payload.get(name), str) and line(payload[name]))
    ]


def _fingerprint(event: Mapping[str, Any]) -> str:
    found = identity(event.get("dedup_key"))
    if not found:
        raise Unreadable("the event has no dedup_key", "dedup_key is missing")
    return found


def _read(event: Any) -> AlertEvent:
    action, payload = event.get("event_action"), inner(event, "payload")
    if action not in ("trigger", "resolve"):
        raise Misshapen("event_action is none of trigger, acknowledge and resolve")
    fingerprint = identity(event.get("dedup_key"))
    if not fingerprint:
        raise Misshapen("the event has no dedup_key")
    title = line(payload.get("summary")) or fingerprint
    details = payload.get("custom_details")
    severity = text(payload.get("severity"), 40) or None
    own = {
        "alertname": line(payload.get("class")) or title,
        "service": payload.get("component"),
        **short_labels({name: payload.get(name) for name in ("source", "component", "group", "class")}),
        **{name: value for name, value in short_labels(details).items() if name not in _COUNTS},
        "severity": severity,
    }
    return AlertEvent(
        fingerprint=fingerprint,
        is_firing=action == "trigger",
        labels=short_labels(own),
        title=title,
        severity=severity,
        summary=_summary(details),
        url=address(event.get("client_url")) or _first_link(event),
        starts_at=moment(payload.get("timestamp")),
    )


def _read_change(event: Mapping[str, Any]) -> Changed:
    payload = inner(dict(event), "payload")
    summary = line(payload.get("summary"))
    if not summary:
        raise Unreadable("the change has no summary", "payload.summary is missing")
    details = short_labels(payload.get("custom_details"))
    labels = short_labels({"source": payload.get("source"), **details})
    return Changed(labels, summary, _first_link(event), moment(payload.get("timestamp")))


def _summary(details: object) -> str:
    """Return the details that are too long to be labels, such as Alertmanager's list of what fires."""
    if isinstance(details, dict):
        known = short_labels(details)
        long = [f"{text(name, 100)}: {text(value)}" for name, value in details.items() if text(name, 100) not in known]
        return text("\n".join(long), SUMMARY_LIMIT) if any(details.values()) else ""
    return text(details)


def _first_link(event: Mapping[str, Any]) -> str | None:
    links = event.get("links")
    hrefs = [address(one.get("href")) for one in links if isinstance(one, dict)] if isinstance(links, list) else []
    return next((href for href in hrefs if href), None)


def _success(message: str, **more: str) -> Reply:
    return Reply(202, {"status": "success", "message": message, **more})


def _invalid(errors: Sequence[str]) -> Reply:
    return Reply(400, {"status": "invalid event", "message": "Event object is invalid", "errors": list(errors)})


SOURCE: AlertSource = PagerDuty()
