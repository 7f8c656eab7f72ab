"""Datadog's monitors, by its webhooks integration with the payload of our page.

Shape: ours; its variables are Datadog's documentation's, "Webhooks" (docs.datadoghq.com/integrations/webhooks),
section "Variables". What a monitor says of itself: `$ALERT_TRANSITION`.
"""

import re
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
    identity,
    line,
    moment,
    named,
    sample,
    text,
    whole,
)

_PRIORITIES: Final = frozenset({"p1", "p2", "p3", "p4", "p5"})
_TYPES: Final = frozenset({"error", "warning", "info"})
_TRANSITION_FIRST: Final = re.compile(r"^\[[^\]]*\]\s*")
_MOST_TAGS: Final = 50


class Datadog:
    """Reads one notification of a monitor a body; each group of a monitor is one alert."""

    name: str = "datadog"
    sample: bytes = sample("datadog.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body."""
        return alone(whole(body), _read)


def _read(found: Any) -> AlertEvent:
    transition = text(found.get("transition"), LABEL_LIMIT).strip().lower()
    if not transition or transition.startswith("$"):
        raise Misshapen("transition is missing; it must be $ALERT_TRANSITION of Datadog")
    monitor, scope = identity(found.get("monitor_id")), text(found.get("scope"), LABEL_LIMIT)
    cycle = identity(found.get("cycle"))
    if not monitor and not cycle:
        raise Misshapen("the monitor has neither an id nor a cycle")
    is_firing = transition != "recovered"
    # The scope names the group, in no fixed order.
    groups = ",".join(sorted(part.strip() for part in scope.split(",")))
    title = _name(found.get("title")) or f"monitor {monitor or cycle}"
    severity = _severity(found, transition)
    tags = _tags(found.get("tags"))
    return AlertEvent(
        fingerprint=fingerprint({"monitor": monitor, "scope": groups}) if monitor else cycle,
        is_firing=is_firing,
        labels={
            **tags,
            **named(alertname=title, monitor=monitor, scope=scope, host=found.get("host"), metric=found.get("metric")),
            **named(severity=severity),
        },
        title=title,
        severity=severity,
        summary=text(found.get("message")) or text(found.get("status")),
        url=address(found.get("link")),
        starts_at=moment(_number(found.get("date"))) if is_firing else None,
        ends_at=None if is_firing else moment(_number(found.get("date"))),
    )


def _name(title: object) -> str:
    """Return a title without what Datadog puts before the monitor's name: `[Triggered on {host:gw-3}]`.

    With it, each group of a monitor would have an `alertname`, and thus an incident, of its own.
    """
    whole_title = line(title)
    return _TRANSITION_FIRST.sub("", whole_title) or whole_title


def _severity(found: Any, transition: str) -> str | None:
    """Return the monitor's priority; without one, what kind of alert this is."""
    priority = text(found.get("priority"), LABEL_LIMIT).strip()
    if priority.lower() in _PRIORITIES:
        return priority.upper()
    if "warn" in transition:
        return "warning"
    kind = text(found.get("type"), LABEL_LIMIT).strip().lower()
    return kind if kind in _TYPES else None


def _tags(value: object) -> dict[str, str]:
    """Return tags as labels: those that have a value, `env:prod` and the like; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in text(value, 20_000).split(",")[:_MOST_TAGS]:
        name, colon, content = tag.strip().partition(":")
        if colon and name and content:
            found.setdefault(text(name, 200), text(content, LABEL_LIMIT))
    return found


def _number(value: object) -> object:
    # The payload's variables stand in quotes, the milliseconds since 1970 too.
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else value


SOURCE: AlertSource = Datadog()
