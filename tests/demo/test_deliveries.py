"""What the demo sends is what Alertmanager sent, under other names and at today's times."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config.reading import read_text
from bot.demo.deliveries import PARTS, Recording, delivery, recorded
from integrations.sources.alertmanager import SOURCE

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "alertmanager"
BEGAN_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
NOW = BEGAN_AT + timedelta(seconds=30)


@pytest.mark.parametrize("recording", Recording)
def test_a_recording_is_shipped_as_alertmanager_sent_it(recording: Recording) -> None:
    assert recorded(recording) == (SAMPLES / recording.value).read_bytes()


@pytest.mark.parametrize("recording", Recording)
def test_everything_but_names_and_times_stays_as_it_was_recorded(recording: Recording) -> None:
    before, after = json.loads(recorded(recording)), json.loads(delivery(recording, BEGAN_AT, NOW))

    assert list(after) == list(before)
    kept = [(alert["fingerprint"], alert["status"]) for alert in before["alerts"]]
    assert [(alert["fingerprint"], alert["status"]) for alert in after["alerts"]] == kept
    assert set(after["groupLabels"]) == set(before["groupLabels"])


@pytest.mark.parametrize("recording", Recording)
def test_a_delivery_is_read_whole_by_the_source_that_it_is_sent_to(recording: Recording) -> None:
    parsed = SOURCE.parse(delivery(recording, BEGAN_AT, NOW), NOW)

    assert not parsed.broken
    for event in parsed.events:
        assert event.labels["service"] == PARTS[event.fingerprint].labels["service"]
        assert event.starts_at is not None
        assert BEGAN_AT <= event.starts_at <= NOW
        assert event.ends_at == (None if event.is_firing else NOW)


def test_the_second_alert_began_as_long_after_the_first_as_it_really_did() -> None:
    starts = {event.starts_at for event in SOURCE.parse(delivery(Recording.GREW, BEGAN_AT, NOW), NOW).events}

    assert starts == {BEGAN_AT, BEGAN_AT + timedelta(seconds=4)}


def test_no_alert_begins_in_the_future() -> None:
    soon = BEGAN_AT + timedelta(seconds=2)

    starts = {event.starts_at for event in SOURCE.parse(delivery(Recording.GREW, BEGAN_AT, soon), soon).events}

    assert starts == {BEGAN_AT, soon}


def test_the_services_of_the_alerts_have_a_runbook_and_a_policy() -> None:
    text = (Path(__file__).resolve().parents[2] / "bot" / "demo" / "organisation.yaml").read_text()

    reading = read_text(text, "organisation.yaml")

    assert reading.problems == ()
    assert reading.file is not None
    services = {service.name: service for service in reading.file.services}
    for part in PARTS.values():
        assert services[part.labels["service"]].runbook is not None
        assert services[part.labels["service"]].policy is not None
