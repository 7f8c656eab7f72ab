"""Azure Monitor: one alert a body, known by the instance's own id from Fired to Resolved."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.azure import SOURCE
from tests.sources.reading import read, sample


def alert(**changes: Any) -> Any:
    return sample(SOURCE, {("data", "essentials", name): value for name, value in changes.items()})


def test_an_alert_says_what_where_and_how_bad() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "gpu-node-memory: gpu-7"
    assert event.summary == "Available memory is under 1 GB."
    assert event.starts_at is not None
    assert event.starts_at.isoformat() == "2026-11-22T22:01:14.682313+00:00"
    assert event.labels["resource"] == "gpu-7"


def test_what_people_wrote_into_the_rule_can_route_it() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.labels["service"] == "training"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Sev0", "critical"),
        ("Sev1", "error"),
        ("Sev2", "warning"),
        ("Sev3", "informational"),
        ("Sev4", "verbose"),
        ("SEV0", "critical"),
        ("Sev9", None),
        (None, None),
    ],
)
def test_its_sev1_is_not_taken_for_ours(theirs: str | None, ours: str | None) -> None:
    (event,) = read(SOURCE, alert(severity=theirs))
    assert event.severity == ours
    assert event.labels.get("severity") == ours
    assert event.labels.get("azure_severity") == theirs


def test_two_alerts_of_one_rule_are_two() -> None:
    (one,), (two,) = read(SOURCE, alert()), read(SOURCE, alert(alertId="/subscriptions/1/alerts/another"))
    assert one.fingerprint != two.fingerprint


def test_ids_that_differ_behind_the_cut_stay_two() -> None:
    one, two = (read(SOURCE, alert(alertId="/subscriptions/" + "x" * 300 + end))[0] for end in "12")
    assert one.fingerprint != two.fingerprint


@pytest.mark.parametrize("condition", ["Acknowledged", "", None])
def test_a_condition_that_is_neither_is_told_of(condition: str | None) -> None:
    with pytest.raises(Unreadable, match="neither Fired nor Resolved"):
        read(SOURCE, alert(monitorCondition=condition))


def test_an_alert_without_an_id_is_told_of() -> None:
    with pytest.raises(Unreadable, match="neither an alertId nor"):
        read(SOURCE, alert(alertId=None, originAlertId=""))


def test_another_schema_is_told_of_with_its_remedy() -> None:
    with pytest.raises(Unreadable, match="switch it on"):
        read(SOURCE, {"schemaId": "AzureMonitorMetricAlert", "data": {}})
