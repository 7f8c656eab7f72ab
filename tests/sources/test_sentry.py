"""Sentry: an issue that alerts is one alert until it is resolved there, and metric alerts end by themselves."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.sentry import SOURCE
from tests.sources.reading import SECRETS, hmac_of, is_let_in, read, sample


def issue(action: str, **changes: Any) -> Any:
    found = {
        "id": "5120045",
        "shortId": "GATEWAY-9",
        "title": "TimeoutError: the model did not answer within 30 s",
        "culprit": "gateway.predict in forward",
        "level": "fatal",
        "status": "unresolved",
        "substatus": "escalating",
        "project": {"id": "41", "slug": "gateway"},
        "web_url": "https://sentry.io/organizations/acme/issues/5120045/",
    }
    return {"action": action, "data": {"issue": {**found, **changes}}, "installation": {"uuid": "a"}}


def metric(action: str, **changes: Any) -> Any:
    alert = {
        "id": "4",
        "title": "Sacred Marmot",
        "date_started": "2026-11-22T22:01:00Z",
        "date_closed": None,
        "projects": ["gateway"],
        "alert_rule": {"id": "7", "name": "Too many errors", "environment": "production"},
    }
    return {
        "action": action,
        "data": {
            "metric_alert": {**alert, **changes},
            "description_title": f"{action.capitalize()}: Too many errors",
            "description_text": "1000 events in the last 10 minutes",
            "web_url": "https://sentry.io/organizations/acme/alerts/1/",
        },
    }


def test_an_issue_alert_says_what_broke_and_where() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "TimeoutError: the model did not answer within 30 s"
    assert event.severity == "error"
    assert event.summary == "gateway.predict in forward"
    assert event.labels["rule"] == "Model timeouts"
    assert event.labels["release"] == "gateway@2.14.0"
    assert event.url is not None
    assert event.url.startswith("https://sentry.io/organizations/acme/issues/5120045/")


def test_who_the_user_was_is_not_taken_over() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert "user" not in event.labels


@pytest.mark.parametrize(
    ("action", "is_firing"),
    [("unresolved", True), ("resolved", False), ("archived", False), ("ignored", False)],
)
def test_an_issue_is_the_alert_that_its_rule_raised(action: str, is_firing: bool) -> None:
    (alerted,), (event,) = read(SOURCE, sample(SOURCE)), read(SOURCE, issue(action))
    assert event.is_firing is is_firing
    assert event.fingerprint == alerted.fingerprint


@pytest.mark.parametrize("action", ["created", "assigned"])
def test_that_an_issue_is_new_or_somebodys_is_left_to_the_alert_rules(action: str) -> None:
    assert read(SOURCE, issue(action)) == []


def test_a_metric_alert_gets_worse_and_ends_under_one_fingerprint() -> None:
    events = [read(SOURCE, metric(action))[0] for action in ("warning", "critical", "resolved")]
    assert [event.is_firing for event in events] == [True, True, False]
    assert [event.severity for event in events] == ["warning", "critical", None]
    assert len({event.fingerprint for event in events}) == 1
    assert events[0].title == "Warning: Too many errors"
    assert events[0].labels["project"] == "gateway"


def test_an_issue_and_a_metric_alert_of_one_number_are_two() -> None:
    assert read(SOURCE, metric("critical"))[0].fingerprint != read(SOURCE, issue("unresolved", id="4"))[0].fingerprint


def test_a_metric_alert_with_an_unknown_action_is_told_of() -> None:
    with pytest.raises(Unreadable, match="none of critical, warning and resolved"):
        read(SOURCE, metric("paused"))


def test_the_old_plugin_fires_for_the_same_issue() -> None:
    plugin = {
        "id": "5120045",
        "project_slug": "gateway",
        "level": "error",
        "culprit": "gateway.predict in forward",
        "message": "TimeoutError",
        "url": "https://sentry.io/issues/5120045/",
        "event": {"event_id": "9f", "environment": "production", "timestamp": 1795384874.682},
    }
    (event,) = read(SOURCE, plugin)
    assert event.fingerprint == read(SOURCE, issue("resolved"))[0].fingerprint
    assert (event.title, event.severity, event.labels["environment"]) == ("TimeoutError", "error", "production")


@pytest.mark.parametrize(
    "body", [{"action": "created", "data": {"installation": {}}}, {"action": "created", "data": {"comment": {}}}]
)
def test_installing_and_commenting_say_nothing(body: Any) -> None:
    assert read(SOURCE, body) == []


def test_other_resources_are_told_of() -> None:
    with pytest.raises(Unreadable, match="take other resources out"):
        read(SOURCE, {"action": "created", "data": {"error": {}}})


@pytest.mark.parametrize("secret", SECRETS)
async def test_what_sentry_signed_with_any_of_the_secrets_is_let_in(secret: str) -> None:
    assert await is_let_in(SOURCE, {"sentry-hook-signature": hmac_of(secret, SOURCE.sample)})


@pytest.mark.parametrize(
    "signature", ["", "0" * 64, hmac_of("another", SOURCE.sample), hmac_of(SECRETS[0], SOURCE.sample[:-2] + b" }")]
)
async def test_what_anybody_else_sent_is_refused(signature: str) -> None:
    assert not await is_let_in(SOURCE, {"sentry-hook-signature": signature})
    assert not await is_let_in(SOURCE, {})
