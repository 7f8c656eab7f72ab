"""What Tocsin itself reports of heartbeats that were missed, on the way of every other alert."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.ports.sources import AlertSource, Parsed, Route
from integrations.sources.reading import Misshapen, alone, identity, line, moment, named, text, whole


class Heartbeats:
    """Reads the reports that `handlers.beating` writes. Nobody outside can send them: there is no route to it."""

    name: str = "heartbeat"
    sample: bytes = b'{"name": "nightly-backup", "is_missed": true, "severity": "sev2"}'
    routes: Sequence[Route] = ()

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a report."""
        return alone(whole(body), _read)


def _read(found: Any) -> AlertEvent:
    name, is_missed = line(found.get("name")), found.get("is_missed")
    if not name or not isinstance(is_missed, bool):
        raise Misshapen("the report has no name, or does not say whether it was missed")
    beat_at = moment(found.get("beat_at"))
    severity = text(found.get("severity"), 20) or None
    last = f"It was last heard {beat_at:%Y-%m-%d %H:%M:%S} UTC." if beat_at else "It was never heard."
    return AlertEvent(
        fingerprint=identity(name),
        is_firing=is_missed,
        labels=named(alertname="HeartbeatMissed", heartbeat=name, service=found.get("service"), severity=severity),
        title=line(f"{name} was not heard"),
        severity=severity,
        summary=last,
        starts_at=beat_at,
    )


OWN: Final[AlertSource] = Heartbeats()
