"""The generic source takes what simple senders send, and guesses nothing that could hide an alert."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.alert import AlertEvent
from bot.ports.sources import Unreadable
from integrations.sources.generic import SOURCE

NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)


def read(value: Any) -> list[AlertEvent]:
    return list(SOURCE.parse(json.dumps(value).encode(), NOW).events)


def test_a_title_alone_is_a_firing_alert() -> None:
    (event,) = read({"title": "Disk is full"})
    assert event.is_firing
    assert event.title == "Disk is full"
    assert event.labels == {"alertname": "Disk is full"}


def test_the_same_title_resolves_what_it_fired() -> None:
    fired, resolved = read([{"title": "Disk is full"}, {"title": "Disk is full", "status": "Resolved"}])
    assert fired.fingerprint == resolved.fingerprint
    assert not resolved.is_firing


def test_a_key_tells_alerts_of_one_title_apart() -> None:
    one, two = read([{"title": "Disk is full", "key": "db-1"}, {"title": "Disk is full", "key": 2}])
    assert (one.fingerprint, two.fingerprint) == ("db-1", "2")


def test_a_key_alone_resolves() -> None:
    (event,) = read({"key": "db-1", "status": "ok"})
    assert (event.fingerprint, event.is_firing) == ("db-1", False)


@pytest.mark.parametrize("status", ["firing", "alerting", "unheard of", "", None, 7, True])
def test_a_word_that_is_not_known_to_mean_the_end_means_firing(status: Any) -> None:
    (event,) = read({"title": "t", "status": status})
    assert event.is_firing


def test_service_and_severity_become_labels_that_routes_can_match() -> None:
    (event,) = read({"title": "t", "service": "gateway", "severity": "critical", "labels": {"team": "ml"}})
    assert event.labels == {"team": "ml", "alertname": "t", "service": "gateway", "severity": "critical"}
    assert event.severity == "critical"


def test_a_change_of_severity_is_the_same_alert() -> None:
    mild, bad = read([{"title": "t", "severity": "warning"}, {"title": "t", "severity": "critical"}])
    assert mild.fingerprint == bad.fingerprint


def test_a_list_under_alerts_is_read_too() -> None:
    assert len(read({"alerts": [{"title": "a"}, {"title": "b"}]})) == 2


def test_times_may_be_text_seconds_or_milliseconds() -> None:
    events = read([{"title": "t", "starts_at": at} for at in ("2026-11-22T22:00:00Z", 1795384800, 1795384800000)])
    assert {event.starts_at for event in events} == {NOW}


def test_an_alert_with_neither_title_nor_key_is_broken() -> None:
    with pytest.raises(Unreadable):
        read({"message": "something"})
    parsed = SOURCE.parse(b'[{"title": "t"}, {"message": "something"}, 3]', NOW)
    assert len(parsed.events) == 1
    assert [part.where for part in parsed.broken] == ["alerts[1]", "alerts[2]"]
