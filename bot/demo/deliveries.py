"""What a real Alertmanager 0.25 sent, word for word, and how it is cast for the demo: other names, and times of today."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final

GATEWAY: Final = "inference-gateway"
FEATURES: Final = "feature-store"


class Recording(StrEnum):
    """One recorded delivery, by the name of its file."""

    FIRING = "am_rule_firing.json"
    GREW = "am_rule_firing_group_grew.json"
    PARTLY_RESOLVED = "am_rule_partly_resolved.json"
    RESOLVED = "am_rule_resolved.json"
    MILD = "am_api_firing.json"


@dataclass(frozen=True, slots=True)
class Part:
    """What an alert of the recordings plays."""

    labels: Mapping[str, str]
    summary: str
    description: str


_PLATFORM: Final = {"cluster": "gpu-east", "team": "ml-platform"}
_NODE: Final = {"alertname": "InferenceErrors", "service": GATEWAY, "job": GATEWAY, "severity": "critical"} | _PLATFORM

PARTS: Final[Mapping[str, Part]] = {
    "8be2815c4edb7eb7": Part(
        _NODE | {"host": "gpu-node-1", "instance": "gpu-node-1:9090"},
        "one request of five fails on gpu-node-1",
        "ranker-large runs out of GPU memory on gpu-node-1 since its rollout; callers get 503.",
    ),
    "d9005d4360d2f95d": Part(
        _NODE | {"host": "gpu-node-2", "instance": "gpu-node-2:9090"},
        "one request of five fails on gpu-node-2",
        "ranker-large runs out of GPU memory on gpu-node-2 since its rollout; callers get 503.",
    ),
    "b113e72ffebd1607": Part(
        _PLATFORM | {"alertname": "FeaturesLate", "service": FEATURES, "instance": FEATURES, "severity": "info"},
        "the features of the last hour are three minutes late",
        "The hourly features came three minutes late; models go on with the hour before.",
    ),
}
"""Every alert of the recordings, by its fingerprint."""


def delivery(recording: Recording, began_at: datetime, now: datetime) -> bytes:
    """Return the body to send now, in a story that began at `began_at`.

    Alerts begin as far apart as they did when they were recorded, though never in the future; what has ended has
    ended now. All else that was recorded is left as it is.
    """
    body = json.loads(recorded(recording))
    first_at = min(datetime.fromisoformat(alert["startsAt"]) for alert in _alerts(Recording.FIRING))
    for alert in body["alerts"]:
        part = PARTS[alert["fingerprint"]]
        started_at = began_at
        if recording is not Recording.MILD:
            started_at += datetime.fromisoformat(alert["startsAt"]) - first_at
        alert["labels"] |= part.labels
        alert["annotations"] |= {"summary": part.summary, "description": part.description}
        if "runbook_url" in alert["annotations"]:
            alert["annotations"]["runbook_url"] = f"https://runbooks.example/{part.labels['service']}"
        alert["startsAt"] = _instant(min(started_at, now))
        if alert["status"] == "resolved":
            alert["endsAt"] = _instant(now)
        alert["generatorURL"] = alert["generatorURL"].replace("http://vm:19090", "https://prometheus.example")
    return json.dumps(_enveloped(body)).encode()


def recorded(recording: Recording) -> bytes:
    """Return a delivery as it was recorded."""
    return files("bot.demo").joinpath("recordings", recording.value).read_bytes()


def _alerts(recording: Recording) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = json.loads(recorded(recording))["alerts"]
    return alerts


def _enveloped(body: dict[str, Any]) -> dict[str, Any]:
    """Say of the whole group what Alertmanager would say of alerts with these labels."""
    for kind, whole in (("labels", "commonLabels"), ("annotations", "commonAnnotations")):
        first, *others = (alert[kind] for alert in body["alerts"])
        common = {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
        body[whole] = common
    group = {name: body["commonLabels"][name] for name in body["groupLabels"]}
    told = ", ".join(f'{name}="{value}"' for name, value in group.items())
    return body | {
        "groupLabels": group,
        "groupKey": f"{{}}:{{{told}}}",
        "externalURL": "https://alertmanager.example",
    }


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
