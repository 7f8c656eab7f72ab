"""How what each source's sample reports comes to an end, in the vendor's own words."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

Change = Mapping[tuple[str | int, ...], Any]


def changed(document: Any, change: Change) -> Any:
    """Return a JSON document with the values at these paths replaced."""
    copy = json.loads(json.dumps(document))
    for path, value in change.items():
        at = copy
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
    return copy


def _cloudwatch(document: Any) -> Any:
    alarm = {**json.loads(document["Message"]), "OldStateValue": "ALARM", "NewStateValue": "OK"}
    return {**document, "Message": json.dumps(alarm), "MessageId": "another"}


_CHANGES: Final[Mapping[str, Change]] = {
    "alertmanager": {("alerts", 0, "status"): "resolved", ("alerts", 0, "endsAt"): "2026-11-22T22:05:00Z"},
    "azure": {
        ("data", "essentials", "monitorCondition"): "Resolved",
        ("data", "essentials", "resolvedDateTime"): "2026-11-22T22:05:00.0000000Z",
    },
    "datadog": {("transition",): "Recovered", ("scope",): "service:inference-gateway,host:gw-3", ("type",): "success"},
    "evidently": {
        ("tests", 0, "status"): "SUCCESS",
        ("tests", 0, "description"): "Drift score is 0.99. The drift detection method is K-S p_value. "
        "The drift threshold is 0.05.",
    },
    "gcp": {("incident", "state"): "closed", ("incident", "ended_at"): 1795385100},
    "generic": {(0, "status"): "resolved"},
    "github": {
        ("workflow_run", "conclusion"): "success",
        ("workflow_run", "id"): 99002,
        ("workflow_run", "run_number"): 413,
        ("workflow_run", "head_sha"): "89e6c98d92887913cadf06b2adb97f26cde4849b",
    },
    "gitlab": {
        ("object_attributes", "status"): "success",
        ("object_attributes", "id"): 5108,
        ("object_attributes", "sha"): "0000000000000000000000000000000000000001",
    },
    "grafana": {("alerts", 0, "status"): "resolved", ("alerts", 0, "endsAt"): "2026-11-23T02:05:00+04:00"},
    "kibana": {("action_group",): "recovered", ("reason",): ""},
    "new-relic": {("state",): "CLOSED", ("updatedAt",): 1795385100000},
    "opsgenie": {("action",): "close", ("given",): {"note": "It is over", "source": "probe"}},
    "pagerduty": {("event", "event_action"): "resolve"},
    "sentry": {
        ("action",): "resolved",
        ("data",): {"issue": {"id": "5120045", "title": "TimeoutError", "status": "resolved", "level": "error"}},
    },
    "zabbix": {("event_value",): "0"},
    "uptime-kuma": {
        ("heartbeat", "status"): 1,
        ("heartbeat", "msg"): "200 - OK",
        ("msg",): "[Gateway] [✅ Up] 200 - OK",
    },
}
_ENDINGS: Final[Mapping[str, Callable[[Any], Any]]] = {"cloudwatch": _cloudwatch}


def ending(name: str, sample: bytes) -> bytes:
    """Return the body by which a source says that its sample's first alert is over."""
    document = json.loads(sample)
    end = _ENDINGS[name](document) if name in _ENDINGS else changed(document, _CHANGES[name])
    return json.dumps(end).encode()
