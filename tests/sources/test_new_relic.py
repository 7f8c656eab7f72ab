"""New Relic: an issue is one alert from its activation to its end."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.new_relic import SOURCE
from tests.sources.reading import read, sample


def issue(**changes: Any) -> Any:
    return sample(SOURCE, {(name,): value for name, value in changes.items()})


def test_an_issue_says_what_where_and_how_bad() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "Host memory over 90 % on 'gpu-7'"
    assert event.severity == "critical"
    assert event.labels["alertname"] == "Memory is high"
    assert (event.labels["policy"], event.labels["entity"]) == ("ML platform", "gpu-7")
    assert event.starts_at is not None
    assert event.starts_at.isoformat() == "2026-11-22T22:01:14+00:00"


@pytest.mark.parametrize(
    ("state", "is_firing"),
    [
        ("CREATED", True),
        ("ACTIVATED", True),
        ("new word", True),
        ("CLOSED", False),
        ("closed", False),
        ("RESOLVED", False),
    ],
)
def test_only_a_state_that_is_known_to_mean_the_end_ends_it(state: str, is_firing: bool) -> None:
    (event,) = read(SOURCE, issue(state=state))
    assert event.is_firing is is_firing


def test_a_change_of_priority_and_title_is_the_same_alert() -> None:
    (one,), (two,) = read(SOURCE, issue()), read(SOURCE, issue(priority="LOW", title="Host memory over 95 %"))
    assert one.fingerprint == two.fingerprint
    assert two.severity == "low"


@pytest.mark.parametrize("names", [None, [], "gpu-7", [None, 7], {}])
def test_names_may_be_missing_or_no_list(names: Any) -> None:
    (event,) = read(SOURCE, issue(alertConditionNames=names, alertPolicyNames=names, impactedEntities=names))
    assert event.labels["alertname"]


@pytest.mark.parametrize("change", [{"id": ""}, {"id": None}, {"state": ""}, {"state": None}])
def test_what_cannot_be_told_apart_or_ended_is_told_of(change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="no id or no state"):
        read(SOURCE, issue(**change))
