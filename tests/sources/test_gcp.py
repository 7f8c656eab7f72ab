"""Google Cloud Monitoring: one incident a body, known by its id from open to closed."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.gcp import SOURCE
from tests.sources.reading import read, sample

VERTEX = Path(__file__).parent.parent / "samples" / "vertex" / "incident.json"


def incident(**changes: Any) -> Any:
    return sample(SOURCE, {("incident", name): value for name, value in changes.items()})


def test_an_incident_says_what_where_and_how_bad() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "features-db is busy: features-db"
    assert event.severity == "error"
    assert event.summary.startswith("CPU utilization for acme-ml features-db is above")
    assert event.runbook == "https://runbooks.example/features-db"
    assert event.url is not None
    assert event.starts_at is not None
    assert event.labels["region"] == "me-central1"


def test_the_labels_of_the_policy_can_route_it_and_say_how_bad_it_is() -> None:
    (event,) = read(SOURCE, incident(policy_user_labels={"service": "feature-store", "severity": "critical"}))
    assert (event.labels["service"], event.severity, event.labels["severity"]) == (
        "feature-store",
        "critical",
        "critical",
    )


def test_an_incident_of_vertex_says_which_model_and_feature() -> None:
    (event,) = read(SOURCE, json.loads(VERTEX.read_text()))
    assert (event.labels["model_name"], event.labels["feature_name"]) == ("fraud-v3", "amount")
    assert (event.labels["service"], event.severity) == ("fraud-scoring", "warning")


@pytest.mark.parametrize(("state", "is_firing"), [("open", True), ("OPEN", True), ("closed", False), ("CLOSED", False)])
def test_its_states_come_in_either_case(state: str, is_firing: bool) -> None:
    (event,) = read(SOURCE, incident(state=state))
    assert event.is_firing is is_firing


@pytest.mark.parametrize("severity", ["No severity", "", None])
def test_an_incident_may_have_no_severity(severity: str | None) -> None:
    (event,) = read(SOURCE, incident(severity=severity))
    assert event.severity is None
    assert "severity" not in event.labels


def test_a_test_message_opens_nothing() -> None:
    (event,) = read(SOURCE, {**incident(state="OPEN", started_at=0, ended_at=0), "version": "test"})
    assert (event.severity, event.starts_at) == ("info", None)


def test_two_incidents_of_one_policy_are_two() -> None:
    assert read(SOURCE, incident())[0].fingerprint != read(SOURCE, incident(incident_id="0.other"))[0].fingerprint


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "no incident"),
        (incident(state="paused"), "neither open nor closed"),
        (incident(incident_id=""), "no incident_id"),
    ],
)
def test_what_cannot_be_read_is_told_of(body: Any, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(SOURCE, body)
