"""Azure Monitor's alerts in the common alert schema, as action groups send them to a webhook.

Shape: Microsoft's documentation, "Common alert schema" and "Sample alert payloads"
(learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema and alerts-payload-samples).
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

_SCHEMA: Final = "azureMonitorCommonAlertSchema"
_FIRING: Final = {"fired": True, "resolved": False}
# Azure's Sev1 is not ours, so its severities go by the names that its documentation has for them.
_SEVERITIES: Final = {
    "sev0": "critical",
    "sev1": "error",
    "sev2": "warning",
    "sev3": "informational",
    "sev4": "verbose",
}


class Azure:
    """Reads what an action group's webhook sends when its common alert schema is switched on."""

    name: str = "azure"
    sample: bytes = sample("azure.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body."""
        found = whole(body)
        if found.get("schemaId") != _SCHEMA:
            why = "the body is not in the common alert schema; switch it on for the webhook in its action group"
            raise Unreadable(why, f"schemaId is not {_SCHEMA}")
        return alone(inner(found, "data"), _read)


def _read(data: Any) -> AlertEvent:
    essentials = inner(data, "essentials")
    condition = text(essentials.get("monitorCondition"), LABEL_LIMIT).lower()
    if condition not in _FIRING:
        raise Misshapen("monitorCondition is neither Fired nor Resolved")
    key = identity(essentials.get("alertId") or essentials.get("originAlertId"))
    if not key:
        raise Misshapen("the alert has neither an alertId nor an originAlertId")
    is_firing = _FIRING[condition]
    severity = _SEVERITIES.get(text(essentials.get("severity"), LABEL_LIMIT).lower())
    rule = line(essentials.get("alertRule")) or key
    shown = named(
        alertname=rule,
        resource=_first(essentials.get("configurationItems")),
        signal=essentials.get("signalType"),
        monitoring_service=essentials.get("monitoringService"),
        severity=severity,
        azure_severity=essentials.get("severity"),
    )
    target = shown.get("resource")
    return AlertEvent(
        fingerprint=key,
        is_firing=is_firing,
        # What somebody wrote into the rule comes first: it may be the service or the team.
        labels={**shown, **labels(inner(data, "customProperties"))},
        title=line(f"{rule}: {target}" if target else rule),
        severity=severity,
        summary=text(essentials.get("description")),
        url=address(essentials.get("investigationLink")),
        starts_at=moment(_trimmed(essentials.get("firedDateTime"))),
        ends_at=None if is_firing else moment(_trimmed(essentials.get("resolvedDateTime"))),
    )


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _trimmed(value: object) -> object:
    # Seven digits of a second's fraction, of which Python takes six.
    if isinstance(value, str) and len(value) == 28 and value.endswith("Z"):
        return f"{value[:26]}Z"
    return value


SOURCE: AlertSource = Azure()
