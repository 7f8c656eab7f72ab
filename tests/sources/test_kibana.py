"""Kibana: each alert of a rule fires by any action group and ends by `recovered`."""

from typing import Any

import pytest

from bot.ports.sources import Unreadable
from integrations.sources.kibana import SOURCE
from tests.sources.reading import read, sample


def alert(**changes: Any) -> Any:
    return sample(SOURCE, {(name,): value for name, value in changes.items()})


def test_an_alert_says_what_where_and_how_bad() -> None:
    (event,) = read(SOURCE, sample(SOURCE))
    assert event.title == "Errors of the gateway: gw-3"
    assert event.severity == "error"
    assert event.summary.startswith("Count of errors is 312")
    assert (event.labels["team"], event.labels["service"]) == ("ml", "inference-gateway")
    assert event.url == "https://kibana.example/app/observability/alerts/4d1c6c9a"


@pytest.mark.parametrize(("group", "is_firing"), [("query matched", True), ("default", True), ("Recovered", False)])
def test_every_other_group_than_recovered_fires(group: str, is_firing: bool) -> None:
    (event,) = read(SOURCE, alert(action_group=group))
    assert event.is_firing is is_firing


def test_alerts_of_a_rule_rules_and_spaces_are_told_apart() -> None:
    alerts = (alert(), alert(alert_id="gw-4"), alert(rule_id="another"), alert(space="ml"))
    assert len({read(SOURCE, one)[0].fingerprint for one in alerts}) == 4


def test_an_alert_that_came_back_is_the_same_one() -> None:
    assert read(SOURCE, alert())[0].fingerprint == read(SOURCE, alert(alert_uuid="another"))[0].fingerprint


def test_a_rule_without_groups_is_called_by_its_name() -> None:
    (event,) = read(SOURCE, alert(alert_id="query matched"))
    assert event.title == "Errors of the gateway"


def test_a_tag_may_say_how_bad_it_is() -> None:
    (event,) = read(SOURCE, alert(severity="", tags="severity:critical"))
    assert event.severity == "critical"


def test_without_a_page_of_its_own_the_rule_is_linked() -> None:
    (event,) = read(SOURCE, alert(url=""))
    assert event.url is not None
    assert event.url.startswith("https://kibana.example/app/management/")


@pytest.mark.parametrize(
    ("change", "why"),
    [({"action_group": ""}, "For each alert"), ({"alert_id": ""}, "no id"), ({"rule_id": None}, "no id")],
)
def test_what_a_summary_sends_is_told_of(change: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(SOURCE, alert(**change))
