"""What Alertmanager sends is read alert by alert, from bodies recorded from a real one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import Unreadable
from integrations.sources.alertmanager import SOURCE

NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "alertmanager").glob("*.json"))


def recorded(name: str) -> dict[str, Any]:
    body = next(path for path in SAMPLES if path.stem == name).read_bytes()
    document: dict[str, Any] = json.loads(body)
    return document


def alert(**changes: Any) -> dict[str, Any]:
    return {**recorded("am_rule_firing")["alerts"][0], **changes}


def read(*alerts: Any, **envelope: Any) -> list[AlertEvent]:
    return list(SOURCE.parse(json.dumps({"alerts": list(alerts), **envelope}).encode(), NOW).events)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_recorded_body_is_read_whole(path: Path) -> None:
    parsed = SOURCE.parse(path.read_bytes(), NOW)
    assert not parsed.broken
    sent = json.loads(path.read_bytes())["alerts"]
    assert [event.fingerprint for event in parsed.events] == [one["fingerprint"] for one in sent]
    assert [event.is_firing for event in parsed.events] == [one["status"] == "firing" for one in sent]
    assert [event.labels for event in parsed.events] == [one["labels"] for one in sent]


def test_each_alert_has_its_own_status_where_the_envelope_still_says_firing() -> None:
    body = recorded("am_rule_partly_resolved")
    assert body["status"] == "firing"
    assert [event.is_firing for event in read(*body["alerts"], status="firing")] == [True, False]


def test_a_firing_alert_says_what_where_and_how_bad() -> None:
    (event,) = read(alert())
    assert event.title == "DemoDown: demo is broken"
    assert event.severity == "critical"
    assert event.summary == "demo is broken"
    assert event.runbook == "https://runbooks.example/demo"
    assert event.url is not None
    assert event.url.startswith("http://vm:19090/graph?")
    assert event.starts_at == datetime(2026, 11, 22, 22, 1, 14, 682000, UTC)
    assert event.ends_at is None


def test_a_resolved_alert_says_when_it_ended() -> None:
    (event,) = read(alert(status="resolved", endsAt="2026-11-22T23:01:20.123456789+01:00"))
    assert event.ends_at == datetime(2026, 11, 22, 22, 1, 20, 123456, UTC)


def test_the_description_is_preferred_as_summary() -> None:
    (event,) = read(alert(annotations={"summary": "it broke", "description": "two\nlines"}))
    assert event.title == "DemoDown: it broke"
    assert event.summary == "two\nlines"


def test_an_alert_without_fingerprint_is_known_by_its_labels() -> None:
    bare = alert()
    del bare["fingerprint"]
    (event,) = read(bare)
    assert event.fingerprint == fingerprint(bare["labels"])


def test_alerts_that_differ_behind_the_cut_stay_two() -> None:
    long = "x" * 2_000
    one, two = read(
        {"status": "firing", "labels": {"path": long + "1"}}, {"status": "firing", "labels": {"path": long + "2"}}
    )
    assert one.labels == two.labels
    assert one.fingerprint != two.fingerprint


def test_a_relative_or_dangerous_address_is_left_out() -> None:
    for url in ("/graph?g0", "javascript:alert(1)", "https://a.example/ b", 7, None):
        (event,) = read(alert(generatorURL=url, annotations={"runbook_url": url}))
        assert event.url is None
        assert event.runbook is None


def test_one_broken_alert_is_told_of_and_the_others_kept() -> None:
    body = {"alerts": [alert(), 7, alert(status="?"), alert(labels=[]), {"status": "firing"}, alert(fingerprint="b")]}
    parsed = SOURCE.parse(json.dumps(body).encode(), NOW)
    assert [event.fingerprint for event in parsed.events] == [alert()["fingerprint"], "b"]
    assert [part.where for part in parsed.broken] == ["alerts[1]", "alerts[2]", "alerts[3]", "alerts[4]"]


def test_many_broken_alerts_are_counted() -> None:
    parsed = SOURCE.parse(json.dumps({"alerts": [alert(), *range(1_000)]}).encode(), NOW)
    assert len(parsed.broken) == 21
    assert parsed.broken[-1].why == "980 more could not be read"


def test_a_body_of_which_no_alert_can_be_read_says_why() -> None:
    with pytest.raises(Unreadable) as caught:
        read(alert(status="on"), alert(status="off"))
    assert caught.value.shape == "alerts: status is neither firing nor resolved"


def test_a_body_without_a_list_of_alerts_has_a_shape_of_its_own() -> None:
    for body, shape in (
        (b"[]", "not an object"),
        (b"{}", "alerts is missing"),
        (b'{"alerts": {}}', "alerts is not a list"),
    ):
        with pytest.raises(Unreadable) as caught:
            SOURCE.parse(body, NOW)
        assert caught.value.shape == shape


def test_alerts_that_were_left_out_are_told_of() -> None:
    parsed = SOURCE.parse(json.dumps({"alerts": [alert()], "truncatedAlerts": 12}).encode(), NOW)
    assert len(parsed.events) == 1
    assert parsed.broken[0].where == "truncatedAlerts (12)"


def test_control_characters_are_dropped_and_lost_letters_shown() -> None:
    (event,) = read(alert(labels={"alertname": "Do\x00wn\u202e", "host": "\ud800"}, annotations={"summary": "a\nb"}))
    assert event.title == "Down: a b"
    assert event.labels == {"alertname": "Down", "host": "�"}


def test_a_letter_cut_in_half_spoils_only_itself() -> None:
    body = json.dumps({"alerts": [alert()]}).encode().replace(b"demo is broken", b"caf\xc3 is broken")
    (event,) = SOURCE.parse(body, NOW).events
    assert event.title == "DemoDown: caf� is broken"


def test_texts_that_are_too_long_are_clipped() -> None:
    (event,) = read(alert(labels={"alertname": "n" * 5_000}, annotations={"description": "d" * 9_000}))
    assert len(event.labels["alertname"]) == 1_000
    assert len(event.title) == 300
    assert len(event.summary) == 4_000


def test_numbers_where_text_belongs_are_read_as_text() -> None:
    (event,) = read(alert(labels={"alertname": "Down", "port": 9_090, "up": False}, annotations=None, fingerprint=12))
    assert event.labels == {"alertname": "Down", "port": "9090", "up": "false"}
    assert event.fingerprint == "12"
    assert event.title == "Down"
