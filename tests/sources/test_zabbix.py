"""Zabbix: a problem is one alert by its event's number, from the problem over updates to the recovery."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.zabbix import SOURCE
from tests.sources.reading import read, sample


def problem(**changes: Any) -> Any:
    return sample(SOURCE, {(name,): value for name, value in changes.items()})


def test_a_problem_says_what_where_and_how_bad() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "features-db-1: Free disk space is less than 5% on /"
    assert event.severity == "high"
    assert event.summary == "Space used: 19.2 GB"
    assert (event.labels["service"], event.labels["external"]) == ("feature-store", "true")
    assert event.url == "https://zabbix.example/tr_events.php?triggerid=20531&eventid=41207"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("0", "not classified"),
        ("1", "information"),
        ("2", "warning"),
        ("3", "average"),
        ("4", "high"),
        ("5", "disaster"),
        (5, "disaster"),
        ("6", None),
        ("{EVENT.NSEVERITY}", None),
    ],
)
def test_severities_go_by_their_numbers(number: Any, word: str | None) -> None:
    (event,) = read(SOURCE, problem(event_nseverity=number))
    assert event.severity == word


def test_an_update_that_makes_it_graver_is_the_same_alert() -> None:
    (one,), (two,) = read(SOURCE, problem()), read(SOURCE, problem(event_update_status="1", event_nseverity="5"))
    assert one.fingerprint == two.fingerprint
    assert (two.is_firing, two.severity) == (True, "disaster")


def test_two_problems_of_one_trigger_are_two() -> None:
    assert read(SOURCE, problem())[0].fingerprint != read(SOURCE, problem(event_id="41208"))[0].fingerprint


@pytest.mark.parametrize(
    "tags", ["", "[]", "{EVENT.TAGSJSON}", "no json", None, 7, "[7]", '[{"tag": 7}]', '[{"tag": ""}]']
)
def test_tags_are_not_needed(tags: Any) -> None:
    (event,) = read(SOURCE, problem(event_tags=tags))
    assert set(event.labels) == {"alertname", "host", "trigger", "severity"}


def test_macros_that_zabbix_did_not_know_are_left_out() -> None:
    (event,) = read(SOURCE, problem(event_opdata="{EVENT.OPDATA}", host="*UNKNOWN*"))
    assert event.summary == ""
    assert event.title == "Free disk space is less than 5% on /"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"event_value": "{EVENT.VALUE}"}, "EVENT.VALUE"),
        ({"event_value": None}, "EVENT.VALUE"),
        ({"event_id": "{EVENT.ID}"}, "EVENT.ID"),
        ({"event_id": ""}, "EVENT.ID"),
    ],
)
def test_a_parameter_that_is_missing_is_told_of_with_its_macro(change: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(SOURCE, problem(**change))
