"""Uptime Kuma: a monitor is down until it is up, and what it says of certificates is heard."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.uptime_kuma import SOURCE
from tests.sources.reading import read, sample


def heartbeat(**changes: Any) -> Any:
    return sample(SOURCE, {("heartbeat", name): value for name, value in changes.items()})


def test_a_monitor_that_is_down_says_so() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "Gateway is down"
    assert event.summary == "Request failed with status code 503"
    assert event.url == "https://gateway.example/healthz"
    assert event.starts_at is not None
    assert event.starts_at.isoformat() == "2026-11-22T22:01:14.682000+00:00"


def test_tags_become_labels_and_say_how_bad_it_is() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.severity == "critical"
    assert event.labels["external"] == "true"


def test_a_monitor_without_tags_has_no_severity() -> None:
    (event,) = read(SOURCE, sample(SOURCE, {("monitor", "tags"): []}))
    assert event.severity is None


@pytest.mark.parametrize("status", [2, 3])
def test_a_monitor_that_is_tried_again_or_maintained_says_nothing(status: int) -> None:
    assert read(SOURCE, heartbeat(status=status)) == []


@pytest.mark.parametrize("status", [None, "0", True, False, []])
def test_a_status_that_is_none_is_told_of(status: Any) -> None:
    with pytest.raises(Unreadable, match=r"neither 0 \(down\) nor 1 \(up\)"):
        read(SOURCE, heartbeat(status=status))


def test_monitors_are_told_apart_by_id_not_by_name() -> None:
    (one,), (two,) = read(SOURCE, sample(SOURCE)), read(SOURCE, sample(SOURCE, {("monitor", "id"): 30}))
    assert one.fingerprint != two.fingerprint


def test_a_monitor_that_was_renamed_is_still_the_same() -> None:
    (one,), (two,) = read(SOURCE, sample(SOURCE)), read(SOURCE, sample(SOURCE, {("monitor", "name"): "Gateway EU"}))
    assert one.fingerprint == two.fingerprint


def test_a_notice_without_a_heartbeat_is_heard() -> None:
    said = "[Gateway][https://gateway.example] Certificate will expire in 7 days"
    (event,) = read(SOURCE, {"heartbeat": None, "monitor": None, "msg": said})
    assert (event.title, event.severity, event.is_firing) == (said, "warning", True)


def test_the_message_of_a_test_says_nothing() -> None:
    assert read(SOURCE, {"heartbeat": None, "monitor": None, "msg": "My Webhook Alert (1) Testing"}) == []


@pytest.mark.parametrize("body", [{}, {"heartbeat": None}, {"heartbeat": 1}, {"heartbeat": None, "msg": " "}])
def test_what_cannot_be_read_is_told_of(body: Any) -> None:
    with pytest.raises(Unreadable):
        read(SOURCE, body)
