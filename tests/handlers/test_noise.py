"""The command by which people hear which alerts cry wolf, and the same over the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.access import Visibility
from bot.domain.alert import AlertState
from bot.domain.noise import Advice
from bot.ids import new_id
from bot.ports.records import PageState
from bot.ports.store import Unit
from bot.wording.catalogue import SENTENCES
from tests.builders import DAY, HOUR, MINUTE, NOW
from tests.handlers.talking import Talk
from tests.records import a_page, an_alert, stored


async def fired(unit: Unit, name: str, at: datetime, *, lasts: timedelta = 10 * MINUTE, **changes: Any) -> None:
    """An alert of a rule began at a time and is over."""
    over = {"state": AlertState.RESOLVED, "resolved_at": at + lasts, "first_at": at, "last_at": at + lasts}
    await unit.alerts.add([an_alert("f", id=new_id(at), labels={"alertname": name}, **{**over, **changes})])


async def ignored_at_night(talk: Talk, times: int = 4, **changes: Any) -> None:
    """The rule Flaky called amira at 03:00 on so many days, and she answered once."""
    async with talk.writing() as unit:
        for day in range(1, times + 1):
            incident = await stored(unit, 10 + day, **changes)
            at = NOW - day * DAY
            await fired(unit, "Flaky", at, incident=incident.id, service="inference-gateway")
            state = PageState.ACKNOWLEDGED if day == 1 else PageState.SENT
            await unit.pages.add([a_page(incident.id, requested_at=at, state=state)])


async def test_the_noisiest_rule_comes_first_with_what_to_do_about_it(talk: Talk) -> None:
    await ignored_at_night(talk)
    async with talk.writing() as unit:
        await fired(unit, "Fine", NOW - HOUR, incident=None)

    assert (await talk.done("noor", "noise")).splitlines() == [
        "Alerts in the last 7d, the noisiest rule first:",
        "1. Flaky · inference-gateway · prom: fired 4, paged 4, acknowledged 1, night calls 4, lasts 10m",
        "   Tune or delete: 3 of 4 were not answered, and 4 calls came at night. Let it wait for the morning.",
        "2. Fine · prom: fired 1, lasts 10m",
    ]


async def test_the_time_and_the_service_can_be_chosen(talk: Talk) -> None:
    async with talk.writing() as unit:
        await fired(unit, "Old", NOW - 20 * DAY, service="feature-store")
        await fired(unit, "New", NOW - HOUR)

    assert "Old" not in await talk.done("omar", "noise")
    assert (await talk.done("omar", "noise 30d")).splitlines()[1:] == [
        "1. New · prom: fired 1, lasts 10m",
        "2. Old · feature-store · prom: fired 1, lasts 10m",
    ]
    assert (await talk.done("omar", "/inc noise feature-store 30d")).splitlines() == [
        "Alerts of feature-store in the last 30d, the noisiest rule first:",
        "1. Old · feature-store · prom: fired 1, lasts 10m",
    ]


async def test_a_quiet_week_is_said_to_be_one(talk: Talk) -> None:
    assert await talk.done("omar", "noise") == "No alert fired in the last 7d."
    assert await talk.done("omar", "noise feature-store 1d") == "No alert of feature-store fired in the last 1d."


@pytest.mark.parametrize(
    ("line", "told"), [("noise feature-stor", "feature-store"), ("noise 3y", "3y"), ("noise 400d", "366 days at most")]
)
async def test_what_is_not_understood_is_refused(talk: Talk, line: str, told: str) -> None:
    assert told in await talk.refused("omar", line)


async def test_only_ten_rules_are_shown_and_the_rest_is_mentioned(talk: Talk) -> None:
    async with talk.writing() as unit:
        for number in range(11):
            await fired(unit, f"Rule{number}", NOW - HOUR)
    lines = (await talk.done("omar", "noise")).splitlines()
    assert len(lines) == 12
    assert lines[-1] == "There are more rules: /api/v1/noise of the API has all of them."


async def test_alerts_of_private_incidents_do_not_show(talk: Talk) -> None:
    await ignored_at_night(talk, visibility=Visibility.PRIVATE)
    assert await talk.done("omar", "noise") == "No alert fired in the last 7d."
    assert "Flaky" in await talk.done("amira", "noise")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ([0, 20, 40, 60], "Tune: it fired again within an hour of its end 3 times."),
        ([0, 600, 1200], "half of its 3 alerts were over in less than 2m by themselves."),
        ([70 * number for number in range(20)], "Delete? It fired 20 times and never called anybody."),
    ],
)
async def test_advice_names_its_reason(talk: Talk, pattern: list[int], told: str) -> None:
    lasts = 2 * MINUTE if len(pattern) == 3 else 6 * MINUTE
    async with talk.writing() as unit:
        for minutes in pattern:
            await fired(unit, "Flaky", NOW - 2 * DAY + minutes * MINUTE, lasts=lasts)
    assert told in await talk.done("omar", "noise")


async def test_calls_by_day_that_nobody_answers_are_named_too(talk: Talk) -> None:
    async with talk.writing() as unit:
        for day in range(1, 4):
            incident, at = await stored(unit, day), NOW - day * DAY - 12 * HOUR
            await fired(unit, "Flaky", at, incident=incident.id)
            await unit.pages.add([a_page(incident.id, requested_at=at)])
    assert "Tune or delete: 3 paged somebody, and for 3 of them nobody answered." in await talk.done("omar", "noise")


def test_every_advice_has_its_sentence() -> None:
    assert [advice for advice in Advice if f"noise.advice.{advice.value}" not in SENTENCES] == []
