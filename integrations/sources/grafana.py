"""Grafana's alerting: as Alertmanager sends, with links into Grafana; and the one alert a body of its old alerting.

Shape: Grafana's documentation, "Configure the webhook notifier for Alerting" (grafana/grafana,
docs/sources/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier.md); the old one:
"Alert notifications" of Grafana 8, and target/goalert, test/smoke/grafana_test.go. The signature: the section "HMAC
signature" of the same page, from Grafana 11.6 on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import (
    USUAL_ROUTES,
    AlertSource,
    GuardedFetch,
    Parsed,
    Route,
    Unreadable,
    WebhookRequest,
)
from integrations.sources.alertmanager import read_envelope
from integrations.sources.reading import (
    Misshapen,
    address,
    alone,
    inner,
    labels,
    line,
    moment,
    named,
    sample,
    text,
    whole,
)
from integrations.sources.signing import is_recent, is_signed

_SIGNATURE: Final = "x-grafana-alerting-signature"
_TIMESTAMP: Final = "x-grafana-alerting-timestamp"
# What else its old alerting said (paused, pending, unknown) is neither.
_OLD_STATES: Final = {"alerting": True, "no_data": True, "ok": False}


class Grafana:
    """Reads what contact points of the type Webhook send."""

    name: str = "grafana"
    sample: bytes = sample("grafana.json")
    routes: Sequence[Route] = USUAL_ROUTES
    trusts: str = "signing"

    async def verify(self, request: WebhookRequest, trusted: Sequence[str], fetch: GuardedFetch) -> bool:  # noqa: ARG002
        """Say whether the body was signed; a time that was signed with it must be of these minutes."""
        if not trusted:
            return True
        signed_at = request.headers.get(_TIMESTAMP)
        message = request.body
        if signed_at is not None:
            message = b"%s:%s" % (signed_at.encode("utf-8", "surrogatepass"), message)
            if not is_recent(_seconds(signed_at), request.received_at):
                return False
        return is_signed(message, request.headers.get(_SIGNATURE), trusted)

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. As with Alertmanager, every alert has a status of its own, and the envelope's is ignored."""
        envelope = whole(body)
        if "alerts" in envelope:
            parsed = read_envelope(envelope, "Grafana")
            links = _links(envelope["alerts"])
            events = [
                replace(event, url=event.url or links.get(event.fingerprint)) if links else event
                for event in parsed.events
            ]
            return Parsed(events, parsed.broken)
        if "ruleId" not in envelope and "ruleName" not in envelope:
            raise Unreadable("the body has neither alerts nor a rule", "alerts is missing")
        if text(envelope.get("state")) in {"paused", "pending", "unknown"}:
            return Parsed(())
        return alone(envelope, _read_old)


def _links(alerts: list[Any]) -> dict[str, str]:
    """Return where to look by fingerprint, for alerts whose `generatorURL` is a path without a host."""
    found = {}
    for alert in alerts:
        if isinstance(alert, dict) and address(alert.get("generatorURL")) is None:
            links = (address(alert.get(name)) for name in ("panelURL", "dashboardURL", "silenceURL"))
            link = next((one for one in links if one), None)
            if link is not None:
                found[text(alert.get("fingerprint"))] = link
    return found


def _read_old(alert: Any) -> AlertEvent:
    state = text(alert.get("state"))
    if state not in _OLD_STATES:
        raise Misshapen("state is none of alerting, no_data and ok")
    name = line(alert.get("ruleName"))
    tags = labels(inner(alert, "tags"))
    rule = named(org=alert.get("orgId"), dashboard=alert.get("dashboardId"), rule=alert.get("ruleId") or name)
    if "rule" not in rule:
        raise Misshapen("the rule has neither an id nor a name")
    return AlertEvent(
        fingerprint=fingerprint(rule),
        is_firing=_OLD_STATES[state],
        labels={**tags, **named(alertname=name, state=state)},
        title=name or rule["rule"],
        severity=tags.get("severity"),
        summary=text(alert.get("message")),
        url=address(alert.get("ruleUrl")),
    )


def _seconds(written: str) -> datetime | None:
    return moment(int(written)) if written.isascii() and written.isdigit() and len(written) < 20 else None


SOURCE: AlertSource = Grafana()
