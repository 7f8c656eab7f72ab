"""Datadog: each group of a monitor is one alert, whatever tags come with it."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.datadog import SOURCE
from tests.sources.reading import read, sample


def notification(**changes: Any) -> Any:
    return sample(SOURCE, {(name,): value for name, value in changes.items()})


def test_a_notification_says_what_where_and_how_bad() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "Queue in front of the model is long"
    assert event.severity == "P2"
    assert event.summary.startswith("Requests wait.")
    assert event.url == "https://app.datadoghq.eu/event/event?id=8146583987162391"
    assert event.starts_at is not None
    assert (event.labels["service"], event.labels["env"]) == ("inference-gateway", "prod")


@pytest.mark.parametrize(
    "transition", ["Triggered", "Re-Triggered", "No Data", "Re-No Data", "Warn", "Re-Warn", "Renotify", "new word"]
)
def test_every_other_transition_than_recovered_fires(transition: str) -> None:
    (event,) = read(SOURCE, notification(transition=transition))
    assert event.is_firing


def test_the_groups_of_a_monitor_are_told_apart() -> None:
    alerts = (notification(), notification(scope="host:gw-4"), notification(monitor_id="2"), notification(scope=""))
    assert len({read(SOURCE, alert)[0].fingerprint for alert in alerts}) == 4


def test_the_order_of_a_scope_and_a_change_of_tags_make_no_other_alert() -> None:
    (one,) = read(SOURCE, notification())
    (two,) = read(SOURCE, notification(scope="service:inference-gateway, host:gw-3", tags="env:prod"))
    assert one.fingerprint == two.fingerprint


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("[Recovered on {host:gw-4}] Queue in front of the model is long", "Queue in front of the model is long"),
        ("Queue in front of the model is long", "Queue in front of the model is long"),
        ("[Warn] [gateway] Queue is long", "[gateway] Queue is long"),
        ("[Triggered]", "[Triggered]"),
        ("", "monitor 14112"),
    ],
)
def test_groups_of_a_monitor_share_its_name_and_thus_an_incident(title: str, name: str) -> None:
    (event,) = read(SOURCE, notification(title=title))
    assert (event.title, event.labels["alertname"]) == (name, name)


@pytest.mark.parametrize("tags", ["", None, "monitor", ",,,", ":", "a:", ":b", 7])
def test_tags_are_not_needed(tags: Any) -> None:
    (event,) = read(SOURCE, notification(tags=tags))
    assert event.labels["alertname"] == "Queue in front of the model is long"


@pytest.mark.parametrize(
    ("priority", "kind", "transition", "severity"),
    [
        ("P1", "error", "Triggered", "P1"),
        ("p5", "error", "Triggered", "P5"),
        ("", "error", "Triggered", "error"),
        ("N/A", "error", "Warn", "warning"),
        ("normal", "info", "Triggered", "info"),
        ("$ALERT_PRIORITY", "", "Triggered", None),
    ],
)
def test_without_a_priority_the_kind_of_alert_says_how_bad_it_is(
    priority: str, kind: str, transition: str, severity: str | None
) -> None:
    (event,) = read(SOURCE, notification(priority=priority, type=kind, transition=transition))
    assert event.severity == severity


def test_an_alert_without_a_monitor_is_known_by_its_cycle() -> None:
    (event,) = read(SOURCE, notification(monitor_id=""))
    assert event.fingerprint == "8146583987162391"


@pytest.mark.parametrize("transition", ["", None, "$ALERT_TRANSITION"])
def test_a_payload_without_the_transition_is_told_of(transition: str | None) -> None:
    with pytest.raises(Unreadable, match="ALERT_TRANSITION"):
        read(SOURCE, notification(transition=transition))


def test_a_payload_without_any_id_is_told_of() -> None:
    with pytest.raises(Unreadable, match="neither an id nor a cycle"):
        read(SOURCE, notification(monitor_id="", cycle=""))
