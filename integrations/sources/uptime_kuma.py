"""Uptime Kuma's notifications of the type Webhook, with the preset body in JSON.

Shape: louislam/uptime-kuma, server/notification-providers/webhook.js and server/model/heartbeat.js (the statuses are 0
down, 1 up, 2 pending, 3 maintenance); a recorded body as a type in SuavecitoInc/google-chat-notifications,
src/lib/types/uptime.ts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
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

_DOWN: Final = 0
_UP: Final = 1


class UptimeKuma:
    """Reads one heartbeat a body; each monitor is one alert."""

    name: str = "uptime-kuma"
    sample: bytes = sample("uptime_kuma.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. A monitor that is tried again, or in maintenance, and the message of a test hold no alert."""
        found = whole(body)
        heartbeat = found.get("heartbeat")
        if heartbeat is None and isinstance(found.get("msg"), str):
            return Parsed(()) if found["msg"].endswith(" Testing") else alone(found, _read_message)
        if not isinstance(heartbeat, dict):
            raise Unreadable("the body has no heartbeat", "heartbeat is missing")
        status = heartbeat.get("status")
        if isinstance(status, int) and not isinstance(status, bool) and status not in {_DOWN, _UP}:
            return Parsed(())
        return alone(found, _read)


def _read(found: Any) -> AlertEvent:
    heartbeat, monitor = found["heartbeat"], inner(found, "monitor")
    status = heartbeat.get("status")
    if isinstance(status, bool) or status not in (_DOWN, _UP):
        raise Misshapen("status is neither 0 (down) nor 1 (up)")
    key = identity(monitor.get("id")) or identity(heartbeat.get("monitorID"))
    if not key:
        raise Misshapen("the monitor has no id")
    name = line(monitor.get("name")) or f"monitor {key}"
    tags = _tags(monitor.get("tags"))
    url = address(monitor.get("url"))
    is_firing = status == _DOWN
    at = moment(heartbeat.get("time"))
    return AlertEvent(
        fingerprint=key,
        is_firing=is_firing,
        labels={
            **named(alertname=name, type=monitor.get("type"), host=monitor.get("hostname")),
            **tags,
        },
        title=line(f"{name} is {'down' if is_firing else 'up'}"),
        severity=tags.get("severity"),
        summary=text(heartbeat.get("msg")),
        url=url if url != "https://" else None,
        starts_at=at if is_firing else None,
        ends_at=None if is_firing else at,
    )


def _read_message(found: Any) -> AlertEvent:
    """Read a notice that is of no heartbeat, such as of a certificate that will expire. Nothing ends it."""
    said = line(found["msg"])
    if not said:
        raise Misshapen("the body has neither a heartbeat nor a message")
    return AlertEvent(
        fingerprint=fingerprint({"msg": text(found["msg"])}),
        is_firing=True,
        labels=named(alertname=said, severity="warning"),
        title=said,
        severity="warning",
        summary=text(found["msg"]),
    )


def _tags(value: object) -> dict[str, str]:
    """Return tags as labels. Kuma writes each as an object with a name and a value, which may be empty."""
    tags = [tag for tag in value if isinstance(tag, dict)] if isinstance(value, list) else []
    pairs = [(text(tag.get("name"), LABEL_LIMIT), text(tag.get("value"), LABEL_LIMIT)) for tag in tags]
    return {name: value or "true" for name, value in pairs if name}


SOURCE: AlertSource = UptimeKuma()
