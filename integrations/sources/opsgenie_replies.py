"""What Opsgenie answers, word for word where its clients look at the words.

Codes: docs.opsgenie.com/docs/response (400 for bad JSON, 401 for a bad key, 404, 422 for a bad field, 429 where it
throttles). Bodies: docs.opsgenie.com/docs/alert-api; of a 401, github.com/streaak/keyhacks, pull request 124; of a 422,
github.com/prometheus/alertmanager, pull request 1965. Its client in Go sends again after 429 and every 5xx but 501, and
asks again after a request only where a 404 bears `X-Opsgenie-Errortype: RequestNotProcessed`
(github.com/opsgenie/opsgenie-go-sdk-v2, `client/client.go`). Where Opsgenie throttles with 429, Tocsin answers 503.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from bot.domain.alert import Alert
from bot.ports.dropins import Known, Reply
from bot.ports.records import Delivery, DeliveryState

ACTIONS: Final = {
    "create": "Create",
    "close": "Close",
    "acknowledge": "Acknowledge",
    "note": "Add Note",
    "message": "Update Message",
    "description": "Update Description",
}
_DONE: Final = {
    "create": "Created alert",
    "close": "Closed alert",
    "acknowledge": "Acknowledged alert",
    "note": "Added note",
    "message": "Updated message",
    "description": "Updated description",
}


def taken(delivery_id: str) -> Reply:
    """Return the answer to a request that is on disk: its id is the delivery's."""
    return _reply(202, {"result": "Request will be processed"}, delivery_id)


def refusal(status: int, why: str) -> Reply:
    """Return a refusal; each has an id of its own, which nothing is kept under."""
    return _reply(status, {"message": why}, str(uuid4()))


def missing() -> Reply:
    """Return what is said of an alert that nobody knows."""
    return refusal(404, "Alert does not exist with requested identifier.")


def unprocessable(faults: Mapping[str, str]) -> Reply:
    """Return what is said of fields that are wrong."""
    why = "Request body is not processable. Please check the errors."
    return _reply(422, {"message": why, "errors": dict(faults)}, str(uuid4()))


def unprocessed() -> Reply:
    """Return what is said of a request that nobody made or that waits still; its clients ask again."""
    said = refusal(404, "Request not found. It might not be processed, yet.")
    return replace(said, headers={**said.headers, "X-Opsgenie-Errortype": "RequestNotProcessed"})


def outcome(delivery: Delivery, action: str, alias: str, known: Known | None) -> Reply:
    """Return what became of a request; one that waits still is not found yet, which is how Opsgenie says so."""
    if delivery.state is DeliveryState.PENDING:
        return unprocessed()
    is_done = delivery.state is DeliveryState.DONE and known is not None
    data = {
        "success": is_done,
        "isSuccess": is_done,
        "action": ACTIONS[action],
        "status": _DONE[action] if is_done else "Alert does not exist",
        "processedAt": delivery.received_at.isoformat(),
        "integrationId": delivery.source,
        "alertId": known.alert.id if known is not None else "",
        "alias": alias,
    }
    return _reply(200, {"data": data}, delivery.id)


def shown(known: Known) -> Reply:
    """Return an alert that was asked for."""
    return _reply(200, {"data": _alert_data(known)}, str(uuid4()))


def _reply(status: int, said: Mapping[str, Any], request_id: str) -> Reply:
    return Reply(status, {**said, "took": 0.0, "requestId": request_id}, {"X-Request-ID": request_id})


def _alert_data(known: Known) -> Mapping[str, Any]:
    alert = known.alert
    labels = dict(alert.labels)
    tags, responders = labels.pop("tags", ""), labels.pop("responders", "")
    return {
        "id": alert.id,
        "tinyId": "",
        "alias": alert.fingerprint,
        "message": alert.title,
        "status": "open" if alert.is_live else "closed",
        "acknowledged": known.is_acknowledged,
        "isSeen": known.is_acknowledged,
        "tags": [tag for tag in tags.split(",") if tag],
        "snoozed": False,
        "count": alert.count - _ends_reported(alert),
        "lastOccurredAt": alert.last_at.isoformat(),
        "createdAt": alert.first_at.isoformat(),
        "updatedAt": _updated_at(alert),
        "source": labels.get("source", ""),
        "owner": "",
        "priority": labels.get("priority", "P3"),
        "responders": [_responder(one) for one in responders.split(",") if one],
        "integration": {"id": alert.source, "name": alert.source, "type": "API"},
        "entity": labels.get("entity", ""),
        "description": alert.summary,
        "details": labels,
    }


def _ends_reported(alert: Alert) -> int:
    """Return how many of the counted reports ended the alert: Opsgenie counts those that made it only."""
    return 0 if alert.is_live or alert.reason == "expired" else 1


def _updated_at(alert: Alert) -> str:
    return (alert.resolved_at or alert.last_at).isoformat()


def _responder(written: str) -> Mapping[str, str]:
    kind, _, name = written.partition(":")
    return {"type": kind, "name": name}
