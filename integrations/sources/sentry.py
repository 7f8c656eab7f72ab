"""Sentry's integrations: issue alerts, metric alerts, and issues that are resolved; and its old webhook plugin.

Shape: getsentry/sentry-docs, docs/organization/integrations/integration-platform/webhooks/{issue-alerts,issues,
metric-alerts}.mdx; the plugin's: keephq/keep, keep/providers/sentry_provider/alerts_mock.py. The signature: the page
"Webhooks" of the same documentation (`Sentry-Hook-Signature`; the time beside it is not signed).
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
    line,
    moment,
    named,
    sample,
    text,
    whole,
)
from integrations.sources.signing import BodySignature

# That an issue is new is for alert rules to judge: this resource tells of every one. One that came back is heard, and
# archived means that somebody decided not to look at it.
_ISSUE: Final = {"unresolved": True, "resolved": False, "archived": False, "ignored": False}
_METRIC: Final = {"critical": True, "warning": True, "resolved": False}
_TAGS: Final = ("environment", "release", "server_name", "transaction")
"""The tags that become labels: of the others, some tell who the user was."""


class Sentry(BodySignature):
    """Reads what an internal integration sends: the resources `event_alert`, `metric_alert` and `issue`."""

    name: str = "sentry"
    sample: bytes = sample("sentry.json")
    routes: Sequence[Route] = USUAL_ROUTES
    header = "sentry-hook-signature"

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. Installing the integration, a new or an assigned issue and a comment hold no alert."""
        found = whole(body)
        data, action = inner(found, "data"), text(found.get("action"), LABEL_LIMIT)
        if "metric_alert" in data:
            return alone(found, _read_metric)
        if "event" in data and action == "triggered":
            return alone(data, _read_event)
        if "issue" in data and "comment" not in data:
            return alone(found, _read_issue) if action in _ISSUE else Parsed(())
        if "installation" in data or "comment" in data:
            return Parsed(())
        if "id" in found and "event" in found:
            return alone(found, _read_plugin)
        why = "the body is of no alert and no issue; take other resources out of the integration"
        raise Unreadable(why, "neither event_alert, metric_alert nor issue")


def _read_event(data: Any) -> AlertEvent:
    event = inner(data, "event")
    rule = line(data.get("triggered_rule"))
    return _of_issue(event.get("issue_id"), event, event.get("web_url"), named(rule=rule, **_tags(event)))


def _read_issue(found: Any) -> AlertEvent:
    issue = inner(found, "data", "issue")
    project = inner(issue, "project").get("slug")
    shown = named(project=project, issue=issue.get("shortId"))
    url = issue.get("web_url") or issue.get("permalink")
    return _of_issue(issue.get("id"), issue, url, shown, is_firing=_ISSUE[text(found.get("action"), LABEL_LIMIT)])


def _read_plugin(found: Any) -> AlertEvent:
    event = inner(found, "event")
    titled = {**event, "title": event.get("title") or found.get("message"), "level": found.get("level")}
    shown = named(project=found.get("project_slug") or found.get("project"), **_tags(event))
    return _of_issue(found.get("id"), {"culprit": found.get("culprit"), **titled}, found.get("url"), shown)


def _of_issue(
    issue_id: object, shown: dict[str, Any], url: object, labels: dict[str, str], *, is_firing: bool = True
) -> AlertEvent:
    key = identity(issue_id)
    if not key:
        raise Misshapen("the issue has no id")
    title = line(shown.get("title")) or f"issue {key}"
    severity = line(shown.get("level"), 40) or None
    return AlertEvent(
        fingerprint=identity(f"issue:{key}"),
        is_firing=is_firing,
        labels={**labels, **named(alertname=title, severity=severity)},
        title=title,
        severity=severity,
        summary=text(shown.get("culprit")),
        url=address(url),
        starts_at=moment(shown.get("firstSeen") or shown.get("datetime") or shown.get("timestamp")),
    )


def _read_metric(found: Any) -> AlertEvent:
    action = text(found.get("action"), LABEL_LIMIT)
    if action not in _METRIC:
        raise Misshapen("action of a metric alert is none of critical, warning and resolved")
    data = inner(found, "data")
    alert, rule = inner(data, "metric_alert"), inner(data, "metric_alert", "alert_rule")
    key = identity(alert.get("id"))
    if not key:
        raise Misshapen("the metric alert has no id")
    projects = alert.get("projects")
    name = line(rule.get("name")) or line(alert.get("title")) or f"metric alert {key}"
    is_firing = _METRIC[action]
    return AlertEvent(
        fingerprint=identity(f"metric:{key}"),
        is_firing=is_firing,
        labels=named(
            alertname=name,
            project=projects[0] if isinstance(projects, list) and projects else None,
            environment=rule.get("environment"),
            severity=action if is_firing else None,
        ),
        title=line(data.get("description_title")) or name,
        severity=action if is_firing else None,
        summary=text(data.get("description_text")),
        url=address(data.get("web_url")),
        starts_at=moment(alert.get("date_started")),
        ends_at=None if is_firing else moment(alert.get("date_closed")),
    )


def _tags(event: dict[str, Any]) -> dict[str, object]:
    tags = event.get("tags")
    pairs = [tag for tag in (tags if isinstance(tags, list) else []) if isinstance(tag, list) and len(tag) == 2]
    found = {name: value for name, value in pairs if isinstance(name, str) and name in _TAGS}
    return {"environment": event.get("environment"), **found}


SOURCE: AlertSource = Sentry()
