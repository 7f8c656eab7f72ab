"""PagerDuty's events: what is taken, what is refused in its words, and what is read of them."""

import json
from typing import Any

import pytest

from bot.domain.said import Acknowledged, Changed
from bot.ports.dropins import Call, Refused, Reply, Taken
from bot.ports.sources import Route
from integrations.sources.pagerduty import SOURCE, PagerDuty
from tests.sources.reading import NOW
from tests.sources.recall import Nothing

ALERTS, CHANGES = Route("POST", "/v2/enqueue"), Route("POST", "/v2/change/enqueue")
PAYLOAD = {"summary": "Gateway is slow", "source": "gw-3", "severity": "critical"}
TRIGGER = {"routing_key": "k" * 32, "event_action": "trigger", "dedup_key": "gw", "payload": PAYLOAD}


async def answered(event: Any, route: Route = ALERTS) -> Taken | Reply:
    assert isinstance(SOURCE, PagerDuty)
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    call = Call(route, {}, {}, {}, body, NOW)
    try:
        return await SOURCE.answer(call, Nothing())
    except Refused as refused:
        return refused.reply


async def stored(event: Any, route: Route = ALERTS) -> bytes:
    taken = await answered(event, route)
    assert isinstance(taken, Taken), taken
    return taken.body


async def errors(event: Any, route: Route = ALERTS) -> Any:
    reply = await answered(event, route)
    assert isinstance(reply, Reply)
    assert reply.status == 400
    assert (reply.document["status"], reply.document["message"]) == ("invalid event", "Event object is invalid")
    return reply.document["errors"]


async def test_an_event_is_answered_with_its_dedup_key_and_stored_without_the_routing_key() -> None:
    taken = await answered(TRIGGER)
    assert isinstance(taken, Taken)
    assert taken.reply("d-1") == Reply(202, {"status": "success", "message": "Event processed", "dedup_key": "gw"})
    assert b"kkkk" not in taken.body


async def test_a_trigger_without_a_dedup_key_gets_one_under_which_it_is_stored() -> None:
    taken = await answered({**TRIGGER, "dedup_key": None})
    assert isinstance(taken, Taken)
    key = taken.reply("d-1").document["dedup_key"]
    assert [event.fingerprint for event in SOURCE.parse(taken.body, NOW).events] == [key]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"event_action": "poke"}, "'event_action' must be one of: trigger, acknowledge, resolve"),
        ({"event_action": ["trigger"]}, "'event_action' must be one of: trigger, acknowledge, resolve"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": {**PAYLOAD, "summary": " "}}, "'payload.summary' is missing or blank"),
        ({"payload": {**PAYLOAD, "source": 3}}, "'payload.source' is missing or blank"),
        ({"dedup_key": "x" * 256}, "'dedup_key' must be text of 255 characters at most"),
        ({"event_action": "resolve", "dedup_key": ""}, "'dedup_key' is missing or blank"),
        ({"event_action": "acknowledge", "dedup_key": None}, "'dedup_key' is missing or blank"),
    ],
)
async def test_an_invalid_event_is_refused_with_what_is_wrong(change: Any, fault: str) -> None:
    assert fault in await errors({**TRIGGER, **change})


@pytest.mark.parametrize("severity", ["fatal", None, [], {}])
async def test_a_severity_that_pagerduty_has_not_is_refused(severity: Any) -> None:
    assert await errors({**TRIGGER, "payload": {**PAYLOAD, "severity": severity}})


async def test_a_change_without_a_summary_is_refused() -> None:
    assert await errors({"routing_key": "k", "payload": {}}, CHANGES) == ["'payload.summary' is missing or blank"]


@pytest.mark.parametrize("body", [b"", b"[]", b"no", b"\xff", b"[" * 100_000, b'{"a":' * 500])
async def test_what_is_no_event_is_refused(body: bytes) -> None:
    reply = await answered(body)
    assert isinstance(reply, Reply)
    assert reply.status == 400
    assert (reply.document["status"], reply.document["errors"]) == ("Unrecognized object", ["JSON parse error"])


async def test_an_acknowledgement_and_a_resolve_are_about_the_alert_of_their_dedup_key() -> None:
    key = {"routing_key": "k", "dedup_key": "gw"}
    said = SOURCE.parse(await stored({**key, "event_action": "acknowledge"}), NOW)
    assert (list(said.events), list(said.said)) == ([], [Acknowledged("gw")])
    [resolved] = SOURCE.parse(await stored({**key, "event_action": "resolve"}), NOW).events
    assert (resolved.fingerprint, resolved.is_firing) == ("gw", False)


async def test_what_is_short_becomes_labels_and_what_is_long_the_summary() -> None:
    [event] = SOURCE.parse(SOURCE.sample, NOW).events
    assert event.title == "Inference gateway answers slowly on gw-3"
    assert event.severity == "critical"
    assert event.labels["service"] == "inference-gateway"
    assert event.labels["alertname"] == "latency"
    assert event.labels["p99_ms"] == "4200"
    assert "firing" not in event.labels
    assert "SlowGateway" in event.summary
    assert event.url == "https://probe.example/checks/17"


async def test_what_alertmanager_counts_is_no_label() -> None:
    details = {"num_firing": "2", "num_resolved": "0", "region": "me-central-1"}
    [event] = SOURCE.parse(await stored({**TRIGGER, "payload": {**PAYLOAD, "custom_details": details}}), NOW).events
    assert event.labels["region"] == "me-central-1"
    assert not {"num_firing", "num_resolved"} & event.labels.keys()


async def test_a_change_has_its_service_link_and_time() -> None:
    payload = {
        "summary": "Release 42",
        "source": "ci",
        "timestamp": "2026-11-22T21:40:00Z",
        "custom_details": {"service": "inference-gateway"},
    }
    link = [{"href": "javascript:alert(1)"}, {"href": "https://ci.example/42"}, "x"]
    body = await stored({"routing_key": "k", "payload": payload, "links": link}, CHANGES)
    [change] = SOURCE.parse(body, NOW).said
    assert isinstance(change, Changed)
    assert (change.summary, change.url) == ("Release 42", "https://ci.example/42")
    assert change.labels == {"source": "ci", "service": "inference-gateway"}
    assert change.changed_at is not None
    assert change.changed_at.hour == 21
