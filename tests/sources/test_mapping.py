"""A mapping makes alerts of JSON that Tocsin has never heard of, and guesses nothing that could hide one."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert import AlertEvent
from bot.ports.sources import Unreadable
from integrations.sources.discovery import discover
from integrations.sources.generic import SOURCE, Generic
from integrations.sources.installed import Installed
from tests.sources.mangling import json_values, odd_values, written
from tests.sources.test_contract import attempt

NOW = datetime(2026, 11, 22, 22, 5, tzinfo=UTC)
MAPPING = {
    "alerts": "data.monitors",
    "title": "name",
    "key": "join('/', [project, to_string(id)])",
    "status": "state == 'HEALTHY' && 'resolved' || 'firing'",
    "severity": "{TRIGGERED: 'error', NO_DATA: 'warning'}.TRIGGERED",
    "summary": "details.message",
    "url": "links[0].href",
    "starts_at": "since",
    "labels.model_name": "model.name",
    "labels.environment": "model.env",
}
BODY = {
    "data": {
        "monitors": [
            {
                "id": 7,
                "project": "fraud",
                "name": "PSI of amount",
                "state": "TRIGGERED",
                "details": {"message": "PSI 0.31 > 0.2"},
                "links": [{"href": "https://monitors.example/7"}],
                "since": 1795384874,
                "model": {"name": "fraud-v3", "env": "prod"},
            },
            {"id": 8, "project": "fraud", "name": "AUC", "state": "HEALTHY"},
        ]
    }
}


def read(body: Any, mapping: Mapping[str, str] = MAPPING) -> list[AlertEvent]:
    assert isinstance(SOURCE, Generic)
    return list(SOURCE.mapped(mapping).parse(json.dumps(body).encode(), NOW).events)


def test_every_field_is_taken_from_where_the_mapping_says() -> None:
    fired, healthy = read(BODY)
    assert (fired.title, fired.fingerprint, fired.is_firing, fired.severity) == (
        "PSI of amount",
        "fraud/7",
        True,
        "error",
    )
    assert (fired.summary, fired.url) == ("PSI 0.31 > 0.2", "https://monitors.example/7")
    assert fired.labels == {
        "model_name": "fraud-v3",
        "environment": "prod",
        "alertname": "PSI of amount",
        "severity": "error",
    }
    assert (healthy.fingerprint, healthy.is_firing) == ("fraud/8", False)


def test_without_a_list_the_body_is_the_alert() -> None:
    (event,) = read({"rule": {"name": "Disk is full"}, "ok": True}, {"title": "rule.name", "status": "ok && 'ok'"})
    assert (event.title, event.is_firing) == ("Disk is full", False)


def test_what_fired_is_resolved_by_what_the_mapping_takes_for_its_key() -> None:
    mapping = {"title": "name", "key": "id", "status": "phase"}
    (fired,) = read({"id": 1, "name": "a", "phase": "alert"}, mapping)
    (ended,) = read({"id": 1, "name": "a, now fine", "phase": "ok"}, mapping)
    assert fired.fingerprint == ended.fingerprint
    assert (fired.is_firing, ended.is_firing) == (True, False)


def test_what_is_not_mapped_is_not_read() -> None:
    (event,) = read({"title": "t", "name": "n", "severity": "critical", "status": "resolved"}, {"title": "name"})
    assert (event.title, event.severity, event.is_firing) == ("n", None, True)


def test_one_alert_to_which_the_mapping_does_not_apply_leaves_the_others() -> None:
    assert isinstance(SOURCE, Generic)
    body = json.dumps([{"n": "2"}, {"n": None}, 7]).encode()
    parsed = SOURCE.mapped({"title": "join('', [n])"}).parse(body, NOW)
    assert [event.title for event in parsed.events] == ["2"]
    assert [part.where for part in parsed.broken] == ["alerts[1]", "alerts[2]"]


@pytest.mark.parametrize(
    ("body", "mapping"),
    [
        ({"items": []}, {"alerts": "data", "title": "name"}),
        (7, {"title": "name"}),
        ({}, {"alerts": "length(a)", "title": "b"}),
    ],
)
def test_a_body_without_alerts_where_the_mapping_looks_is_told_of(body: Any, mapping: Mapping[str, str]) -> None:
    with pytest.raises(Unreadable):
        read(body, mapping)


WILD = {
    "alerts": "*.a || @",
    "title": "to_string(name)",
    "key": "max_by(values(@), &length(@))",
    "status": "abs(to_number(x))",
    "severity": "sort(keys(@))[-1]",
    "labels.sum": "sum(values(@))",
    "labels.reversed": "reverse(@)",
}


@given(value=odd_values)
def test_any_json_is_read_or_unreadable_by_any_mapping(value: Any) -> None:
    assert isinstance(SOURCE, Generic)
    for mapping in (MAPPING, WILD):
        attempt(SOURCE.mapped(mapping), written(value))


@given(monitors=st.lists(json_values, max_size=4))
def test_any_list_of_alerts_is_read_or_unreadable(monitors: list[Any]) -> None:
    assert isinstance(SOURCE, Generic)
    attempt(SOURCE.mapped(MAPPING), written({"data": {"monitors": monitors}}))


def test_a_kind_with_a_mapping_is_there_beside_the_others_and_follows_a_reload() -> None:
    mappings: dict[str, dict[str, str]] = {}
    installed = Installed(discover(), lambda: mappings)
    assert "generic:jobs" not in installed
    mappings["generic:jobs"] = {"title": "first"}
    body = b'{"first": "a", "second": "b"}'
    assert installed["generic:jobs"].parse(body, NOW).events[0].title == "a"
    mappings["generic:jobs"] = {"title": "second"}
    assert installed["generic:jobs"].parse(body, NOW).events[0].title == "b"
    assert set(installed) == {*discover(), "generic:jobs"}
    assert len(installed) == len(discover()) + 1


@pytest.mark.parametrize("kind", ["generic:nobody", "alertmanager:jobs", "nothing", "nothing:jobs", ":"])
def test_a_kind_that_is_not_there_is_not_found(kind: str) -> None:
    installed = Installed(discover(), lambda: {"alertmanager:jobs": {"title": "x"}})
    assert installed.get(kind) is None
