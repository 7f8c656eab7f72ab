"""Alertmanager's webhook, version 4: many alerts in one body, each with a status and a fingerprint of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import USUAL_ROUTES, AlertSource, Broken, Parsed, Route, Unreadable
from integrations.sources.reading import (
    LABEL_LIMIT,
    LINK_LIMIT,
    NAME_LIMIT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    EventDraft,
    Misshapen,
    address,
    collect,
    identity_labels,
    instant,
    is_tidy,
    labels,
    line,
    link,
    moment,
    sample,
    text,
    whole,
)

_FIRING: Final = {"firing": True, "resolved": False}


class Alertmanager:
    """Reads what Alertmanager's `webhook_configs` send. It signs nothing: the key is all there is to check."""

    name: str = "alertmanager"
    sample: bytes = sample("alertmanager.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. The envelope's own status is ignored: it stays `firing` while any alert of the group fires."""
        envelope = whole(body)
        if "alerts" not in envelope:
            raise Unreadable("the body has no alerts", "alerts is missing")
        return read_envelope(envelope, "Alertmanager")


def read_envelope(envelope: dict[str, Any], sender: str) -> Parsed:
    """Read the alerts of a body, for Alertmanager and for those who send as it does; `sender` is told by name."""
    alerts = envelope["alerts"]
    if not isinstance(alerts, list):
        raise Unreadable("alerts is not a list", "alerts is not a list")
    parsed = collect(alerts, _read_tidy if is_tidy(alerts) else _read_checked, "alerts")
    left_out = envelope.get("truncatedAlerts")
    if isinstance(left_out, int) and left_out > 0:
        # Told of the same way every time, so that it is announced once and not with every body.
        why = f"{sender} left alerts out; set its webhook's greatest number of alerts to 0, which means all"
        return Parsed(parsed.events, [*parsed.broken, Broken(f"truncatedAlerts ({left_out})", why)])
    return parsed


def _read_checked(alert: Any) -> AlertEvent:
    return _read_tidy(alert) if is_tidy(alert) else _read_carefully(alert)


def _read_tidy(alert: Any) -> AlertEvent:
    """Read one alert whose text holds nothing to clean; one of another shape than Alertmanager's is read carefully.

    This is where a storm spends its time.
    """
    try:
        named = alert["labels"]
        notes = alert["annotations"]
        identity = alert["fingerprint"]
        url = alert["generatorURL"]
        starts_at = alert["startsAt"]
        is_firing = _FIRING[alert["status"]]
        values = "".join(named.values())  # refuses what is not text
        name = named.get("alertname", "")
        summary = notes.get("summary", "")
        description = notes.get("description", "")
        short = "".join((identity, url, starts_at, notes.get("runbook_url", "")))
        title = f"{name}: {summary}" if name and summary else name or summary
        if (
            len(short) > LINK_LIMIT
            or len(values) > LABEL_LIMIT
            or len(summary + description) > SUMMARY_LIMIT
            or not 0 < len(title) <= TITLE_LIMIT
            or not 0 < len(identity) <= NAME_LIMIT
            or "\n" in title
        ):
            return _read_carefully(alert)
    except (KeyError, TypeError, AttributeError):
        return _read_carefully(alert)
    event = EventDraft()
    event.fingerprint = identity
    event.is_firing = is_firing
    event.labels = named
    event.title = title
    event.severity = named.get("severity")
    event.summary = description or summary
    event.url = link(url)
    event.runbook = link(notes["runbook_url"]) if "runbook_url" in notes else None
    event.starts_at = instant(starts_at)
    event.ends_at = None if is_firing else moment(alert.get("endsAt"))
    event.__class__ = AlertEvent  # type: ignore[assignment]  # the same slots: see EventDraft
    return event  # type: ignore[return-value]


def _read_carefully(alert: Any) -> AlertEvent:
    """Read one alert of any shape, or raise `Misshapen`."""
    if not isinstance(alert, dict):
        raise Misshapen("an alert is not an object")
    status = alert.get("status")
    if not isinstance(status, str) or status.lower() not in _FIRING:
        raise Misshapen("status is neither firing nor resolved")
    named = labels(alert.get("labels"))
    notes = alert.get("annotations")
    if not isinstance(notes, dict):
        notes = {}
    identity = text(alert.get("fingerprint"), NAME_LIMIT)
    if not identity:
        if not named:
            raise Misshapen("an alert has neither a fingerprint nor labels")
        identity = fingerprint(identity_labels(alert["labels"]))
    summary = text(notes.get("summary"), SUMMARY_LIMIT)
    title = ": ".join(part for part in (named.get("alertname"), summary) if part)
    is_firing = _FIRING[status.lower()]
    return AlertEvent(
        fingerprint=identity,
        is_firing=is_firing,
        labels=named,
        title=line(title) or identity,
        severity=named.get("severity"),
        summary=text(notes.get("description") or notes.get("message"), SUMMARY_LIMIT) or summary,
        url=address(alert.get("generatorURL")),
        runbook=address(notes.get("runbook_url")),
        starts_at=moment(alert.get("startsAt")),
        ends_at=None if is_firing else moment(alert.get("endsAt")),
    )


SOURCE: AlertSource = Alertmanager()
