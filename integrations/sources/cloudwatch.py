"""Amazon CloudWatch's alarms, as its Simple Notification Service (SNS) sends them over https.

Shape: Amazon's documentation, "Notifying users on alarm changes" of CloudWatch and "HTTP/HTTPS notification JSON
format" of SNS; VersusControl/versus-incident, src/examples/cloudwatch-alarm-sns.md. The signature: see `sns`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import USUAL_ROUTES, AlertSource, GuardedFetch, Parsed, Route, Unreadable, WebhookRequest
from integrations.sources.reading import (
    LABEL_LIMIT,
    Misshapen,
    alone,
    document,
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
from integrations.sources.sns import Certificates, verify

_ALARM: Final = "ALARM"
_FIRING: Final = {_ALARM: True, "INSUFFICIENT_DATA": True, "OK": False}
_SAYS_NOTHING: Final = frozenset({"SubscriptionConfirmation", "UnsubscribeConfirmation"})


class CloudWatch:
    """Reads alarms, one a message of SNS; with raw delivery, one a body."""

    name: str = "cloudwatch"
    sample: bytes = sample("cloudwatch.json")
    routes: Sequence[Route] = USUAL_ROUTES
    trusts: str = "topics"

    def __init__(self) -> None:
        self._certificates = Certificates()

    async def verify(self, request: WebhookRequest, trusted: Sequence[str], fetch: GuardedFetch) -> bool:
        """Say whether Amazon signed the message for one of the topics; one that asks to be confirmed is confirmed.

        Without topics the key is enough for alarms, but no subscription is confirmed.
        """
        return await verify(request, trusted, fetch, self._certificates)

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. What SNS says of subscriptions holds no alert."""
        found = whole(body)
        if text(found.get("Type"), LABEL_LIMIT) in _SAYS_NOTHING:
            return Parsed(())
        if "AlarmName" not in found:
            found = _alarm(found.get("Message"))
        if found.get("NewStateValue") == "INSUFFICIENT_DATA" and found.get("OldStateValue") == _ALARM:
            # Not knowing any more is no recovery: the alarm stays what it was.
            return Parsed(())
        return alone(found, _read)


def _alarm(message: object) -> dict[str, Any]:
    if not isinstance(message, str):
        raise Unreadable("the body is neither a notification of SNS nor an alarm", "Message is missing")
    found = document(message.encode("utf-8", "surrogatepass"))
    if not isinstance(found, dict) or "AlarmName" not in found:
        raise Unreadable("the message is not of an alarm of CloudWatch", "AlarmName is missing")
    return found


def _read(alarm: Any) -> AlertEvent:
    state = text(alarm.get("NewStateValue"), LABEL_LIMIT)
    if state not in _FIRING:
        raise Misshapen("NewStateValue is none of ALARM, OK and INSUFFICIENT_DATA")
    name = line(alarm.get("AlarmName"))
    if not name:
        raise Misshapen("the alarm has no name")
    account, region = alarm.get("AWSAccountId"), alarm.get("Region")
    key = identity(alarm.get("AlarmArn")) or fingerprint(named(account=account, region=region, name=name))
    is_firing = _FIRING[state]
    trigger = inner(alarm, "Trigger")
    # CloudWatch knows no severity. That data is missing is worth less than that it is bad.
    severity = "warning" if state == "INSUFFICIENT_DATA" else None
    return AlertEvent(
        fingerprint=key,
        is_firing=is_firing,
        labels={
            **_dimensions(trigger.get("Dimensions")),
            **named(
                alertname=name,
                account=account,
                region=region,
                namespace=trigger.get("Namespace"),
                metric=trigger.get("MetricName"),
                severity=severity,
            ),
        },
        title=line(f"{name}: no data") if severity else name,
        severity=severity,
        summary=text(alarm.get("AlarmDescription")) or text(alarm.get("NewStateReason")),
        starts_at=moment(alarm.get("StateChangeTime")) if is_firing else None,
        ends_at=None if is_firing else moment(alarm.get("StateChangeTime")),
    )


def _dimensions(value: object) -> dict[str, str]:
    """Return dimensions as labels; CloudWatch writes `name` and `value` in either case."""
    found = {}
    for one in value if isinstance(value, list) else []:
        lowered = {key.lower(): inner for key, inner in one.items()} if isinstance(one, dict) else {}
        if name := text(lowered.get("name"), LABEL_LIMIT):
            found[name] = lowered.get("value")
    return labels(found)


SOURCE: AlertSource = CloudWatch()
