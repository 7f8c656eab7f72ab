"""Grafana: each alert of a body has a status, a fingerprint and a link of its own."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.grafana import SOURCE
from tests.sources.reading import NOW, SECRETS, hmac_of, is_let_in, read, sample

OLD: dict[str, Any] = {
    "dashboardId": 1,
    "evalMatches": [{"metric": "queue", "tags": {}, "value": 312}],
    "message": "Requests wait.",
    "orgId": 1,
    "panelId": 2,
    "ruleId": 17,
    "ruleName": "Queue too long",
    "ruleUrl": "https://grafana.example/d/serving?tab=alert",
    "state": "alerting",
    "tags": {"severity": "critical", "team": "ml"},
    "title": "[Alerting] Queue too long",
}


def test_each_alert_has_its_own_status_where_the_envelope_still_says_firing() -> None:
    body = sample(SOURCE)
    assert body["status"] == "firing"
    assert [event.is_firing for event in read(SOURCE, body)] == [True, False]


def test_a_resolved_envelope_does_not_resolve_what_fires() -> None:
    assert [event.is_firing for event in read(SOURCE, sample(SOURCE, {("status",): "resolved"}))] == [True, False]


def test_an_alert_says_what_where_and_how_bad() -> None:
    (event, _) = read(SOURCE, sample(SOURCE))
    assert event.title == "QueueTooLong: requests queue in front of the model"
    assert event.severity == "critical"
    assert event.summary == "312 requests have waited for over 10 s."
    assert event.runbook == "https://runbooks.example/queue"
    assert event.url == "https://grafana.example/alerting/grafana/feq3k1/view?orgId=1"


def test_where_the_link_is_a_path_alone_another_one_leads_into_grafana() -> None:
    (_, event) = read(SOURCE, sample(SOURCE))
    assert event.url == "https://grafana.example/alerting/silence/new?alertmanager=grafana"
    (_, event) = read(SOURCE, sample(SOURCE, {("alerts", 1, "panelURL"): "https://grafana.example/d/a?viewPanel=1"}))
    assert event.url == "https://grafana.example/d/a?viewPanel=1"


def test_alerts_that_were_left_out_are_told_of() -> None:
    body = sample(SOURCE, {("truncatedAlerts",): 3})
    parsed = SOURCE.parse(json.dumps(body).encode(), NOW)
    assert parsed.broken[0].where == "truncatedAlerts (3)"
    assert "Grafana left alerts out" in parsed.broken[0].why


@pytest.mark.parametrize(("state", "is_firing"), [("alerting", True), ("no_data", True), ("ok", False)])
def test_its_old_alerting_is_one_alert_a_body(state: str, is_firing: bool) -> None:
    (event,) = read(SOURCE, {**OLD, "state": state})
    assert event.is_firing is is_firing
    assert event.fingerprint == read(SOURCE, OLD)[0].fingerprint
    assert (event.title, event.severity, event.labels["team"]) == ("Queue too long", "critical", "ml")


def test_rules_of_its_old_alerting_are_told_apart() -> None:
    assert read(SOURCE, OLD)[0].fingerprint != read(SOURCE, {**OLD, "ruleId": 18})[0].fingerprint


@pytest.mark.parametrize("state", ["paused", "pending", "unknown"])
def test_a_rule_that_waits_or_rests_says_nothing(state: str) -> None:
    assert read(SOURCE, {**OLD, "state": state}) == []


def test_what_is_neither_is_told_of() -> None:
    with pytest.raises(Unreadable, match="neither alerts nor a rule"):
        read(SOURCE, {"title": "hello"})


@pytest.mark.parametrize("secret", SECRETS)
async def test_a_signed_body_is_let_in(secret: str) -> None:
    assert await is_let_in(SOURCE, {"x-grafana-alerting-signature": hmac_of(secret, SOURCE.sample)})


def at(seconds: int) -> str:
    return str(int((NOW + timedelta(seconds=seconds)).timestamp()))


def signed_at(written: str, secret: str = SECRETS[0]) -> dict[str, str]:
    signature = hmac_of(secret, written.encode() + b":" + SOURCE.sample)
    return {"x-grafana-alerting-timestamp": written, "x-grafana-alerting-signature": signature}


@pytest.mark.parametrize("seconds", [-299, 0, 299])
async def test_a_body_signed_with_its_time_is_let_in_within_minutes(seconds: int) -> None:
    assert await is_let_in(SOURCE, signed_at(at(seconds)))


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
async def test_a_recorded_request_is_refused_later(seconds: int) -> None:
    assert not await is_let_in(SOURCE, signed_at(at(seconds)))


@pytest.mark.parametrize("written", ["", "soon", "-1", "9" * 40, "١٧٩٥٣٨٤٨٧٤"])
async def test_a_time_that_is_none_is_refused(written: str) -> None:
    assert not await is_let_in(SOURCE, signed_at(written))


async def test_another_time_than_the_signed_one_is_refused() -> None:
    assert not await is_let_in(SOURCE, {**signed_at(at(-600)), "x-grafana-alerting-timestamp": at(0)})


@pytest.mark.parametrize("headers", [{}, signed_at(at(0), "another"), {"x-grafana-alerting-signature": "0" * 64}])
async def test_what_anybody_else_sent_is_refused(headers: dict[str, str]) -> None:
    assert not await is_let_in(SOURCE, headers)
