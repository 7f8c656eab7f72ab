"""Zabbix's problems, by a media type of the type webhook with the script of our page.

Shape: ours; its macros are Zabbix' documentation's, "Macros used in notifications" and "Webhook script examples"
(zabbix.com/documentation/current/en/manual/config/notifications/media/webhook). In a recovery message `{EVENT.ID}` is
still the problem's, as zabbix.org's specification ZBXNEXT-384 says, and `{EVENT.VALUE}` is 0.
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
    document,
    identity,
    line,
    named,
    sample,
    text,
    whole,
)

_FIRING: Final = {"1": True, "0": False}
# Their names can be changed in Zabbix, their numbers can't.
_SEVERITIES: Final = {
    "0": "not classified",
    "1": "information",
    "2": "warning",
    "3": "average",
    "4": "high",
    "5": "disaster",
}


class Zabbix:
    """Reads one problem, recovery or update a body."""

    name: str = "zabbix"
    sample: bytes = sample("zabbix.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body."""
        return alone(whole(body), _read)


def _read(found: Any) -> AlertEvent:
    value = text(found.get("event_value"), LABEL_LIMIT).strip()
    if value not in _FIRING:
        raise Misshapen("event_value is neither 1 (a problem) nor 0 (a recovery); it must be {EVENT.VALUE}")
    key = identity(_known(found.get("event_id")))
    if not key:
        raise Misshapen("event_id is missing; it must be {EVENT.ID}")
    severity = _SEVERITIES.get(text(found.get("event_nseverity"), LABEL_LIMIT).strip())
    name = line(_known(found.get("event_name"))) or f"problem {key}"
    host = line(_known(found.get("host")))
    # A problem that was updated keeps its number, so that a graver severity is the same alert, grown worse.
    return AlertEvent(
        fingerprint=key,
        is_firing=_FIRING[value],
        labels={
            **_tags(found.get("event_tags")),
            **named(alertname=name, host=host, trigger=_known(found.get("trigger_id")), severity=severity),
        },
        title=line(f"{host}: {name}" if host else name),
        severity=severity,
        summary=text(_known(found.get("event_opdata"))),
        url=address(found.get("url")),
    )


def _known(value: object) -> object:
    """Return a macro's value; None for one that Zabbix did not know and left as it was."""
    unknown = isinstance(value, str) and (value == "*UNKNOWN*" or (value.startswith("{") and value.endswith("}")))
    return None if unknown else value


def _tags(value: object) -> dict[str, str]:
    """Return tags as labels. Zabbix writes them as JSON inside a text."""
    try:
        tags = document(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else value
    except Unreadable:
        return {}
    pairs = (
        [(tag.get("tag"), tag.get("value")) for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    )
    found = {text(name, 200): text(content, LABEL_LIMIT) for name, content in pairs if isinstance(name, str)}
    return {name: content or "true" for name, content in found.items() if name}


SOURCE: AlertSource = Zabbix()
