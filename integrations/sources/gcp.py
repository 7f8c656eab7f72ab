"""Google Cloud Monitoring's incidents, as its notification channels of the type webhook send them.

Shape: Google's documentation, "Create and manage notification channels", section "Webhooks"
(cloud.google.com/monitoring/support/notification-options#webhooks); keephq/keep,
keep/providers/gcpmonitoring_provider/alerts_mock.py.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.ports.sources import USUAL_ROUTES, AlertSource, Parsed, Route, Unreadable
from integrations.sources.reading import (
    LABEL_LIMIT,
    Misshapen,
    address,
    alone,
    identity,
    inner,
    labels,
    line,
    moment,
    named,
    sample,
    text,
    whole,
)

_FIRING: Final = {"open": True, "acknowledged": True, "closed": False}


class GoogleCloud:
    """Reads one incident a body."""

    name: str = "gcp"
    sample: bytes = sample("gcp.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. A test message is of severity `info`, since nothing will ever end it."""
        found = whole(body)
        if not isinstance(found.get("incident"), dict):
            raise Unreadable("the body has no incident", "incident is missing")
        return alone(found, _read)


def _read(found: Any) -> AlertEvent:
    incident = found["incident"]
    state = text(incident.get("state"), LABEL_LIMIT).lower()
    if state not in _FIRING:
        raise Misshapen("state is neither open nor closed")
    key = identity(incident.get("incident_id"))
    if not key:
        raise Misshapen("the incident has no incident_id")
    is_firing = _FIRING[state]
    theirs = labels(inner(incident, "policy_user_labels"))
    given = text(incident.get("severity"), LABEL_LIMIT).strip().lower()
    severity = "info" if found.get("version") == "test" else theirs.get("severity") or given
    severity = "" if severity == "no severity" else severity
    policy = line(incident.get("policy_name")) or line(incident.get("condition_name")) or key
    shown = named(
        alertname=policy,
        condition=incident.get("condition_name"),
        project=incident.get("scoping_project_id"),
        resource=incident.get("resource_display_name") or incident.get("resource_name"),
        resource_type=inner(incident, "resource").get("type"),
        metric=inner(incident, "metric").get("type"),
    )
    where = {**labels(inner(incident, "resource", "labels")), **labels(inner(incident, "metric", "labels"))}
    resource = shown.get("resource")
    return AlertEvent(
        fingerprint=key,
        is_firing=is_firing,
        # The policy's labels were written by people: they may name the service or the team.
        labels={**where, **shown, **theirs, **named(severity=severity)},
        title=line(f"{policy}: {resource}" if resource else policy),
        severity=severity or None,
        summary=text(incident.get("summary")),
        url=address(incident.get("url")),
        runbook=_runbook(incident),
        starts_at=moment(incident.get("started_at") or None),
        ends_at=None if is_firing else moment(incident.get("ended_at") or None),
    )


def _runbook(incident: dict[str, Any]) -> str | None:
    """Return the first link of the policy's documentation."""
    links = inner(incident, "documentation").get("links")
    first = links[0] if isinstance(links, list) and links else None
    return address(first.get("url")) if isinstance(first, dict) else None


SOURCE: AlertSource = GoogleCloud()
