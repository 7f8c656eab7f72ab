"""`/silences`: begun, listed and ended by programs, by the rules of the commands."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.clock import Clock
from bot.domain.hush import Inhibition
from bot.domain.maintenance import MaintenanceWindow, Once
from bot.domain.matchers import parse_matchers
from bot.domain.severity import Severity
from handlers.web.api.mounting import add_api
from tests.builders import HOUR, NOW, an_organisation
from tests.handlers.hushed import House
from tests.handlers.talking import Talk
from tests.handlers.test_silences import began
from tests.handlers.web.calling import Api
from tests.handlers.web.serving import served

BODY: dict[str, Any] = {
    "actor": "omar",
    "match": 'alertname=~"Drift.*"',
    "ends_at": (NOW + 2 * HOUR).isoformat(),
    "reason": "load test",
}


class Passing:
    """A clock that goes on, however little, each time it is looked at."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._looks = 0

    def now(self) -> datetime:
        self._looks += 1
        return self._clock.now() + timedelta(microseconds=self._looks)


async def test_one_is_looked_at_begun_listed_and_ended(talk: Talk, api: Api) -> None:
    await began(talk, "DriftHigh", HOUR, is_live=True)
    preview = {"recent": 1, "firing": 1, "critical": 0, "titles": ["DriftHigh is up"], "is_cut": False}
    assert await api.post("/silences", {**BODY, "dry_run": True}) == {"silence": None, "preview": preview}
    assert (await api.get("/silences"))["items"] == []

    begun = (await api.post("/silences", BODY))["silence"]
    assert begun == {
        "ref": "S-1",
        "state": "active",
        "match": 'alertname=~"Drift.*"',
        "service": None,
        "is_maintenance": False,
        "author": "omar",
        "reason": "load test",
        "created_at": "2026-01-06T23:00:00Z",
        "starts_at": "2026-01-06T23:00:00Z",
        "ends_at": "2026-01-07T01:00:00Z",
        "holds": 0,
        "hidden": 0,
    }
    assert (await api.get("/silences?state=active"))["items"] == [begun]
    assert (await api.get("/silences?state=pending"))["items"] == []

    ended = await api.delete("/silences/S-1?actor=lina")
    assert (ended["state"], ended["ends_at"]) == ("expired", "2026-01-06T23:00:00Z")
    assert [one["ref"] for one in (await api.get("/silences?state=expired"))["items"]] == ["S-1"]
    [begun_entry, ended_entry] = [entry for entry in await talk.audit() if entry.subject == "S-1"]
    assert (begun_entry.actor, begun_entry.token, ended_entry.actor) == ("person:p-omar", "api", "person:p-lina")


async def test_one_that_begins_at_once_is_active_in_the_very_answer(talk: Talk) -> None:
    app = web.Application()
    add_api(app, desk=replace(talk.desk, clock=Passing(talk.desk.clock)), inbox=talk.router, token=None)
    async with served(app) as client, client.post("/api/v1/silences", json=BODY) as response:
        assert (await response.json())["silence"]["state"] == "active"


async def test_what_of_the_file_holds_back_is_listed_with_its_counts(talk: Talk, api: Api) -> None:
    window = MaintenanceWindow("move", Once(NOW, NOW + HOUR), ("feature-store",))
    rule = Inhibition("down", parse_matchers('alertname="Down"'), parse_matchers('alertname!="Down"'))
    talk.configured(an_organisation(maintenance=(window,), inhibitions=(rule,)))
    await House(talk).fires("Slow", service="feature-store")
    counts = {"holds": 1, "hidden": 1}
    assert (await api.get("/holders"))["items"] == [
        {"kind": "maintenance", "name": "move", "ends_at": "2026-01-07T00:00:00Z", **counts},
        {"kind": "inhibition", "name": "down", "ends_at": None, "holds": 0, "hidden": 0},
    ]


async def test_they_are_listed_page_by_page(api: Api) -> None:
    for _ in range(3):
        await api.post("/silences", BODY)
    first = await api.get("/silences?limit=2")
    rest = await api.get(f"/silences?limit=2&cursor={first['next']}")
    assert [one["ref"] for one in first["items"] + rest["items"]] == ["S-3", "S-2", "S-1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"match": ""},
        {"match": 'alertname=~".*"'},
        {"match": "alertname"},
        {"service": "nobody"},
        {"actor": "nobody"},
        {"actor": "noor"},
        {"reason": " "},
        {"ends_at": NOW.isoformat()},
        {"ends_at": "2026-03-06T23:00:00Z"},
        {"ends_at": "2026-01-07T01:00:00"},
        {"duration": "2h"},
    ],
)
async def test_what_may_not_be_is_refused_and_begins_nothing(api: Api, changes: dict[str, Any]) -> None:
    await api.post("/silences", {**BODY, **changes}, 422)
    assert (await api.get("/silences"))["items"] == []


async def test_criticals_are_hidden_only_if_that_is_said(talk: Talk, api: Api) -> None:
    await began(talk, "DriftHigh", HOUR, is_live=True, severity=Severity.SEV2)
    problem = await api.post("/silences", BODY, 422)
    assert "allow_critical" in problem["detail"]
    assert (await api.post("/silences", {**BODY, "allow_critical": True}))["silence"]["ref"] == "S-1"


async def test_one_goes_on_for_longer_by_the_rules_of_the_command(talk: Talk, api: Api) -> None:
    later = {"actor": "lina", "ends_at": (NOW + 3 * HOUR).isoformat()}
    await api.patch("/silences/S-1", later, 404)
    await api.post("/silences", BODY)
    assert (await api.patch("/silences/S-1", later))["ends_at"] == "2026-01-07T02:00:00Z"
    for body in (later, {**later, "actor": "noor"}, {**later, "ends_at": "2026-03-06T23:00:00Z"}, {"actor": "lina"}):
        await api.patch("/silences/S-1", body, 422)
    await began(talk, "DriftHigh", HOUR, is_live=True, severity=Severity.SEV2)
    still_later = {**later, "ends_at": (NOW + 4 * HOUR).isoformat()}
    assert "allow_critical" in (await api.patch("/silences/S-1", still_later, 422))["detail"]
    await api.patch("/silences/S-1", {**still_later, "allow_critical": True})
    assert (await talk.audit())[-1].token == "api"


async def test_only_one_that_is_there_is_ended(api: Api) -> None:
    await api.delete("/silences/S-1?actor=omar", 404)
    await api.post("/silences", BODY)
    await api.delete("/silences/S-1", 422)
    await api.delete("/silences/S-1?actor=noor", 422)
    await api.delete("/silences/1?actor=omar")
    await api.delete("/silences/1?actor=omar", 422)
