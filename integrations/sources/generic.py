"""The generic source: one small JSON object an alert, from anything that can send one; or any JSON, by a mapping."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import USUAL_ROUTES, AlertSource, Parsed, Route, Unreadable
from integrations.sources.reading import (
    LABEL_LIMIT,
    NAME_LIMIT,
    Misshapen,
    address,
    collect,
    document,
    identity_labels,
    labels,
    line,
    moment,
    sample,
    text,
)

_LABEL: Final = "labels."
_RESOLVED: Final = frozenset(
    {"resolved", "resolve", "ok", "closed", "close", "recovered", "cleared", "inactive", "normal", "up", "false", "0"}
)


class Generic:
    """Reads an object, a list of objects, or an object that holds such a list under `alerts`."""

    name: str = "generic"
    sample: bytes = sample("generic.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body."""
        found = document(body)
        if isinstance(found, dict) and isinstance(found.get("alerts"), list):
            found = found["alerts"]
        if isinstance(found, dict):
            found = [found]
        if not isinstance(found, list):
            raise Unreadable("the body is JSON, but neither an object nor a list", "not an object or a list")
        return collect(found, _read, "alerts")

    def mapped(self, mapping: Mapping[str, str]) -> AlertSource:
        """Return the source that finds an alert's fields by expressions of JMESPath; a label's is `labels.NAME`."""
        return Mapped(mapping)


class Mapped:
    """Reads JSON of any shape: what the expressions find is an alert as `Generic` reads it."""

    name: str = "generic"
    sample: bytes = sample("generic.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def __init__(self, mapping: Mapping[str, str]) -> None:
        compiled = {name: jmespath.compile(expression) for name, expression in mapping.items()}
        self._alerts = compiled.pop("alerts", None)
        self._fields = compiled

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body."""
        found = document(body)
        if self._alerts is not None:
            try:
                found = _found(self._alerts, found)
            except Misshapen as error:
                raise Unreadable(f"alerts: {error}", "alerts: not found") from None
        if isinstance(found, dict):
            found = [found]
        if not isinstance(found, list):
            raise Unreadable("there is neither an object nor a list where the mapping looks for alerts", "no alerts")
        return collect(found, self._read, "alerts")

    def _read(self, part: Any) -> AlertEvent:
        alert: dict[str, Any] = {}
        named: dict[str, Any] = {}
        for name, expression in self._fields.items():
            value = _found(expression, part)
            if value is None:
                continue
            if name.startswith(_LABEL):
                named[name.removeprefix(_LABEL)] = value
            else:
                alert[name] = value
        return _read({**alert, "labels": named})


def _found(expression: ParsedResult, value: Any) -> Any:
    try:
        return expression.search(value)
    # A function that is given what it is not made for may fail in many ways, and the value is a stranger's.
    except (JMESPathError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        raise Misshapen(f"the expression {expression.expression!r} can't be applied to it") from None


def _read(alert: Any) -> AlertEvent:
    if not isinstance(alert, dict):
        raise Misshapen("an alert is not an object")
    given = alert.get("labels")
    named = labels(given)
    title = line(alert.get("title")) or line(named.get("alertname"))
    key = alert.get("key")
    if not title and key in (None, ""):
        raise Misshapen("an alert has neither a title nor a key")
    service = text(alert.get("service"), LABEL_LIMIT)
    identity = text(key, NAME_LIMIT) or fingerprint(
        {**identity_labels(given or {}), "service": service, "title": text(alert.get("title"), LABEL_LIMIT)}
    )
    # Routes and groups are told by labels: what is written beside them is a label, too, unless there is one already.
    if title:
        named.setdefault("alertname", title)
    if service:
        named.setdefault("service", service)
    severity = line(alert.get("severity"), NAME_LIMIT) or named.get("severity")
    if severity:
        named.setdefault("severity", severity)
    is_firing = text(alert.get("status"), NAME_LIMIT).strip().lower() not in _RESOLVED
    return AlertEvent(
        fingerprint=identity,
        is_firing=is_firing,
        labels=named,
        title=title or identity,
        severity=severity,
        summary=text(alert.get("summary")),
        url=address(alert.get("url")),
        runbook=address(alert.get("runbook")),
        starts_at=moment(alert.get("starts_at")),
        ends_at=None if is_firing else moment(alert.get("ends_at")),
    )


SOURCE: AlertSource = Generic()
