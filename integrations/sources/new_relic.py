"""New Relic's issues, as its workflows send them to a webhook with the payload that New Relic proposes.

Shape: the template that New Relic proposes, as in zulip/zulip, zerver/webhooks/newrelic/doc.md, and in keephq/keep,
keep/providers/newrelic_provider/newrelic_provider.py; its variables: New Relic's documentation, "Workflow variables"
(docs.newrelic.com/docs/alerts/get-notified/custom-variables-incident-workflows).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.ports.sources import USUAL_ROUTES, AlertSource, Parsed, Route
from integrations.sources.reading import (
    LABEL_LIMIT,
    Misshapen,
    address,
    alone,
    identity,
    line,
    moment,
    named,
    sample,
    text,
    whole,
)

_OVER: Final = frozenset({"CLOSED", "RESOLVED"})


class NewRelic:
    """Reads one issue a body."""

    name: str = "new-relic"
    sample: bytes = sample("new_relic.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body."""
        return alone(whole(body), _read)


def _read(issue: Any) -> AlertEvent:
    key = identity(issue.get("id"))
    state = text(issue.get("state"), LABEL_LIMIT).strip().upper()
    if not key or not state:
        raise Misshapen("the issue has no id or no state; keep both in the payload")
    is_firing = state not in _OVER
    title = line(issue.get("title")) or key
    condition = line(_first(issue.get("alertConditionNames"))) or title
    severity = text(issue.get("priority"), LABEL_LIMIT).strip().lower() or None
    changed_at = moment(issue.get("updatedAt"))
    return AlertEvent(
        fingerprint=key,
        is_firing=is_firing,
        labels=named(
            alertname=condition,
            policy=_first(issue.get("alertPolicyNames")),
            entity=_first(issue.get("impactedEntities")),
            workflow=issue.get("workflowName"),
            severity=severity,
        ),
        title=title,
        severity=severity,
        summary=text(", ".join(_names(issue.get("impactedEntities")))),
        url=address(issue.get("issueUrl")),
        starts_at=moment(issue.get("createdAt")),
        ends_at=None if is_firing else changed_at,
    )


def _names(value: object) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return [name for name in map(line, given) if name]


def _first(value: object) -> str | None:
    return next(iter(_names(value)), None)


SOURCE: AlertSource = NewRelic()
