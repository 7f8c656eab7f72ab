"""Opsgenie's alert API: what is taken, what is refused in its words, and what is read of it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.domain.alert import AlertState
from bot.domain.said import Acknowledged, Noted, Reworded
from bot.ports.dropins import Call, Known, Refused, Reply, Taken
from bot.ports.records import Delivery
from bot.ports.sources import Route
from integrations.sources.opsgenie import SOURCE, Opsgenie
from integrations.sources.opsgenie_replies import outcome, shown
from tests.records import an_alert
from tests.sources.reading import NOW
from tests.sources.recall import Nothing

CREATE = Route("POST", "/v2/alerts")
BY_ALIAS = {"identifierType": "alias"}


def about(action: str) -> Route:
    return Route("POST", f"/v2/alerts/{{identifier}}/{action}")


async def answered(
    given: Any, route: Route = CREATE, query: Mapping[str, str] = BY_ALIAS, identifier: str = "gw"
) -> Taken | Reply:
    assert isinstance(SOURCE, Opsgenie)
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    call = Call(route, {"identifier": identifier, "request": identifier}, query, {}, body, NOW)
    try:
        return await SOURCE.answer(call, Nothing())
    except Refused as refused:
        return refused.reply


async def stored(given: Any, route: Route = CREATE) -> bytes:
    taken = await answered(given, route)
    assert isinstance(taken, Taken), taken
    return taken.body


async def refused(given: Any, route: Route = CREATE, **more: Any) -> Reply:
    reply = await answered(given, route, **more)
    assert isinstance(reply, Reply), reply
    assert {"message", "took", "requestId"} <= reply.document.keys()
    assert reply.headers["X-Request-ID"] == reply.document["requestId"]
    return reply


async def test_a_request_is_answered_with_the_id_under_which_its_outcome_can_be_asked() -> None:
    taken = await answered({"message": "Slow", "alias": "gw"})
    assert isinstance(taken, Taken)
    reply = taken.reply("d-1")
    assert reply.status == 202
    assert reply.document == {"result": "Request will be processed", "took": 0.0, "requestId": "d-1"}


async def test_an_alert_without_an_alias_gets_one() -> None:
    first, second = json.loads(await stored({"message": "Slow"})), json.loads(await stored({"message": "Slow"}))
    assert first["alias"]
    assert first["alias"] != second["alias"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "message"),
        ({"message": ""}, "message"),
        ({"message": ["Slow"]}, "message"),
        ({"message": "Slow", "alias": 7}, "alias"),
        ({"message": "Slow", "alias": "x" * 513}, "alias"),
        ({"message": "Slow", "priority": "P6"}, "priority"),
    ],
)
async def test_a_field_that_is_wrong_is_named(given: Any, field: str) -> None:
    reply = await refused(given)
    assert reply.status == 422
    assert field in reply.document["errors"]


@pytest.mark.parametrize("priority", [[], {}])
async def test_a_priority_that_is_no_text_is_refused(priority: Any) -> None:
    assert (await refused({"message": "Slow", "priority": priority})).status == 422


async def test_a_note_must_say_something() -> None:
    assert (await refused({"note": " "}, about("notes"))).status == 422


@pytest.mark.parametrize("body", [b"[]", b"no", b"\xff", b"[" * 100_000, b'{"a":' * 500])
@pytest.mark.parametrize("route", [CREATE, about("close"), about("notes")])
async def test_a_body_that_is_no_object_is_refused(body: bytes, route: Route) -> None:
    assert (await refused(body, route)).status == 400


@pytest.mark.parametrize("query", [{}, {"identifierType": "id"}, {"identifierType": "tiny"}])
@pytest.mark.parametrize("action", ["close", "acknowledge", "notes"])
async def test_an_id_that_nobody_knows_is_not_found(action: str, query: Mapping[str, str]) -> None:
    assert (await refused({"note": "x"}, about(action), query=query)).status == 404


@pytest.mark.parametrize(
    ("name", "meaning"),
    [("message", Reworded("gw", title="Slower")), ("description", Reworded("gw", summary="Slower"))],
)
async def test_other_words_for_an_alert_must_say_something(name: str, meaning: Reworded) -> None:
    route = Route("PUT", f"/v2/alerts/{{identifier}}/{name}")
    assert (await refused({}, route)).document["errors"] == {name: f"{name.capitalize()} can not be empty."}
    parsed = SOURCE.parse(await stored({name: "Slower"}, route), NOW)
    assert list(parsed.said) == [meaning]


async def test_closing_may_have_an_empty_body() -> None:
    parsed = SOURCE.parse(await stored(b"", about("close")), NOW)
    assert [(event.fingerprint, event.is_firing) for event in parsed.events] == [("gw", False)]
    assert not parsed.said


async def test_a_note_is_said_before_the_alert_is_closed() -> None:
    parsed = SOURCE.parse(await stored({"user": "amira", "note": "It was the disk"}, about("close")), NOW)
    assert list(parsed.said) == [Noted("gw", "It was the disk", "amira")]


async def test_who_acknowledges_may_add_a_note() -> None:
    parsed = SOURCE.parse(await stored({"note": "On it"}, about("acknowledge")), NOW)
    assert list(parsed.said) == [Acknowledged("gw"), Noted("gw", "On it")]
    assert not parsed.events


async def test_what_stands_in_an_alert_becomes_labels() -> None:
    [event] = SOURCE.parse(SOURCE.sample, NOW).events
    assert event.severity == "p1"
    assert event.labels["service"] == "inference-gateway"
    assert event.labels["tags"] == "ml,region:me-central-1"
    assert event.labels["responders"] == "team:ml-platform,user:amira@acme.example"
    assert event.labels["priority"] == "P1"
    assert "99th percentile" in event.summary
    assert "release of 21:40" in event.summary


@pytest.mark.parametrize(
    ("given", "severity", "label"),
    [
        ({"details": {"severity": "critical"}}, "critical", "critical"),
        ({"details": {"severity": "critical"}, "priority": "P2"}, "p2", "critical"),
        ({"details": {"severity": ""}}, "p3", "p3"),
        ({}, "p3", "p3"),
    ],
)
async def test_a_severity_that_the_sender_names_stays_a_label_and_counts_where_there_is_no_priority(
    given: Mapping[str, Any], severity: str, label: str
) -> None:
    [event] = SOURCE.parse(await stored({"message": "Gateway is down", **given}, CREATE), NOW).events
    assert (event.severity, event.labels["severity"]) == (severity, label)
    assert event.labels["priority"] == given.get("priority", "P3")


@pytest.mark.parametrize(
    ("state", "reason", "count"),
    [(AlertState.FIRING, None, 3), (AlertState.RESOLVED, None, 2), (AlertState.RESOLVED, "expired", 3)],
)
def test_an_alert_counts_how_often_it_was_made_and_not_that_it_was_closed(
    state: AlertState, reason: str | None, count: int
) -> None:
    ended_at = None if state is AlertState.FIRING else NOW
    alert = an_alert(state=state, count=3, resolved_at=ended_at, reason=reason)
    assert shown(Known(alert, is_acknowledged=False)).document["data"]["count"] == count


async def test_a_request_that_nobody_made_is_not_found() -> None:
    route = Route("GET", "/v2/alerts/requests/{request}")
    assert (await refused(b"", route)).status == 404


def test_of_a_request_that_waits_still_opsgenies_client_asks_again() -> None:
    waiting = Delivery(1, "d-1", "acme", "genie", "opsgenie", b"", NOW)
    reply = outcome(waiting, "create", "gw", None)
    assert (reply.status, reply.headers["X-Opsgenie-Errortype"]) == (404, "RequestNotProcessed")
