"""Evidently: each test of a run is one alert, and the run that passes it ends it."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.evidently import SOURCE
from tests.sources.reading import NOW, read, sample

ENDED = Path(__file__).parent.parent / "samples" / "evidently" / "ended.json"


def run_of(**changes: Any) -> Any:
    """Return the sample with its first test changed."""
    return sample(SOURCE, {("tests", 0, name): value for name, value in changes.items()})


def test_a_failed_test_says_what_where_and_how_bad() -> None:
    event = read(SOURCE, sample(SOURCE))[0]
    assert event.title == "Value Drift for column amount"
    assert event.summary.startswith("Drift score is 0.00. The drift detection method is K-S p_value.")
    assert event.severity == "error"
    assert event.labels == {
        "service": "fraud-scoring",
        "model_name": "fraud-v3",
        "alertname": "ValueDrift",
        "column": "amount",
        "severity": "error",
    }


def test_a_recorded_run_ends_what_the_recorded_run_before_it_fired() -> None:
    fired, ended = read(SOURCE, sample(SOURCE)), read(SOURCE, json.loads(ENDED.read_text()))
    assert [event.is_firing for event in fired] == [True, True, True, False]
    assert [event.is_firing for event in ended] == [False] * 4
    assert [event.fingerprint for event in fired] == [event.fingerprint for event in ended]
    assert len({event.fingerprint for event in fired}) == 4


def test_a_test_that_is_not_critical_fails_mildly() -> None:
    assert [event.severity for event in read(SOURCE, sample(SOURCE))] == ["error", "error", "warning", None]


def test_a_test_that_could_not_be_made_is_no_recovery() -> None:
    event = read(SOURCE, run_of(status="ERROR"))[0]
    assert (event.is_firing, event.severity) == (True, "error")


def test_a_test_that_was_skipped_says_nothing() -> None:
    assert len(read(SOURCE, run_of(status="SKIPPED"))) == 3


def test_one_test_of_two_models_is_two_alerts() -> None:
    other = sample(SOURCE, {("labels", "model_name"): "fraud-v4"})
    assert read(SOURCE, sample(SOURCE))[0].fingerprint != read(SOURCE, other)[0].fingerprint


def test_a_test_stays_the_same_when_its_name_quotes_another_value_of_the_reference() -> None:
    (one, *_), (other, *_) = (read(SOURCE, run_of(name=f"Accuracy: at least {at} ± 0.1")) for at in (0.91, 0.93))
    assert one.fingerprint == other.fingerprint


def test_the_tests_of_two_classes_are_two_alerts() -> None:
    bound = {"type": "evidently:bound_test:ByLabelBoundTest", "metric_fingerprint": "99d8"}
    (one, *_), (other, *_) = (read(SOURCE, run_of(bound_test={**bound, "label": label})) for label in (0, 1))
    assert one.fingerprint != other.fingerprint
    assert (one.labels["label"], other.labels["label"]) == ("0", "1")


def test_a_run_needs_no_labels() -> None:
    body = {"tests": sample(SOURCE)["tests"]}
    assert read(SOURCE, body)[0].labels["alertname"] == "ValueDrift"


def test_a_test_without_its_settings_is_known_by_its_name() -> None:
    event = read(SOURCE, run_of(metric_config={"metric_id": "3fba"}, bound_test=None))[0]
    assert event.labels["alertname"] == event.title == "Value Drift for column amount"


def test_one_test_that_cannot_be_read_leaves_the_others() -> None:
    parsed = SOURCE.parse(json.dumps(run_of(status="?")).encode(), NOW)
    assert [part.where for part in parsed.broken] == ["tests[0]"]
    assert len(parsed.events) == 3


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"metrics": []}, "no tests"),
        ({"tests": []}, "no tests"),
        ({"tests": {}}, "no tests"),
        ({"tests": [7]}, "not an object"),
        ({"tests": [{"status": "PASSED"}]}, "none of SUCCESS"),
        ({"tests": [{"status": "FAIL", "name": "x"}]}, "no metric_id"),
        ({"tests": [{"status": "FAIL", "metric_config": {"metric_id": "1"}}]}, "neither bound_test nor name"),
        ({**sample(SOURCE), "labels": "model"}, "labels is not an object"),
    ],
)
def test_what_cannot_be_read_is_told_of(body: Any, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(SOURCE, body)
