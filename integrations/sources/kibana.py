"""Elastic's alerting rules, by Kibana's webhook connector with the body of our page.

Shape: ours; its variables are Kibana's documentation's, "Rule action variables" (elastic/kibana,
docs/user/alerting/action-variables.asciidoc). That an alert is over is said by its action group, `recovered`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import USUAL_ROUTES, AlertSource, Parsed, Route
from integrations.sources.reading import (
    LABEL_LIMIT,
    Misshapen,
    address,
    alone,
    line,
    moment,
    named,
    sample,
    text,
    whole,
)

_RECOVERED: Final = "recovered"
_MOST_TAGS: Final = 50


class Kibana:
    """Reads one alert a body; each alert of a rule is one alert here."""

    name: str = "kibana"
    sample: bytes = sample("kibana.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body."""
        return alone(whole(body), _read)


def _read(found: Any) -> AlertEvent:
    group = text(found.get("action_group"), LABEL_LIMIT).strip()
    if not group:
        raise Misshapen("action_group is missing; set the action's frequency to 'For each alert'")
    rule, alert = text(found.get("rule_id"), LABEL_LIMIT), text(found.get("alert_id"), LABEL_LIMIT)
    if not rule or not alert:
        raise Misshapen("the rule or the alert has no id")
    is_firing = group.lower() != _RECOVERED
    name = line(found.get("rule_name")) or rule
    tags = _tags(found.get("tags"))
    severity = line(found.get("severity"), 40) or tags.get("severity")
    at = moment(found.get("date"))
    return AlertEvent(
        fingerprint=fingerprint({"space": text(found.get("space"), LABEL_LIMIT), "rule": rule, "alert": alert}),
        is_firing=is_firing,
        labels={**tags, **named(alertname=name, alert=alert, space=found.get("space"), severity=severity)},
        # A rule without groups calls its one alert by the rule's own id, or says that it matched.
        title=name if alert in {rule, "query matched"} else line(f"{name}: {alert}"),
        severity=severity or None,
        summary=text(found.get("reason")),
        url=address(found.get("url")) or address(found.get("rule_url")),
        starts_at=at if is_firing else None,
        ends_at=None if is_firing else at,
    )


def _tags(value: object) -> dict[str, str]:
    """Return tags as labels: those of the form `team:ml`; Kibana joins a rule's tags with commas."""
    found: dict[str, str] = {}
    for tag in text(value, 20_000).split(",")[:_MOST_TAGS]:
        name, colon, content = tag.strip().partition(":")
        if colon and name and content:
            found.setdefault(text(name, 200), text(content, LABEL_LIMIT))
    return found


SOURCE: AlertSource = Kibana()
