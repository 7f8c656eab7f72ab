"""Maintenance windows and other alerts hold alerts back, as long as they last and as the file has it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta

import pytest_asyncio

from bot.domain.business_hours import HELD, BusinessHours
from bot.domain.hush import Inhibition, Silence
from bot.domain.incident import Status
from bot.domain.maintenance import MaintenanceWindow, Once
from bot.domain.matchers import parse_matchers
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity
from bot.ports.store import DEFAULT_TENANT
from handlers.holding import Holder, holders
from handlers.silencing import let_go
from tests.builders import HOUR, MINUTE, NOW, SECOND, an_organisation
from tests.handlers.hushed import FIRING, RESOLVED, SUPPRESSED, House, silenced
from tests.handlers.talking import talking

DOWN = Inhibition("down", parse_matchers('alertname="Down"'), parse_matchers('alertname!="Down"'), ("cluster",))


@pytest_asyncio.fixture
async def house(either_url: str) -> AsyncIterator[House]:
    async with talking(either_url) as talk:
        yield House(talk)


def with_window(**changes: object) -> Organisation:
    window = MaintenanceWindow("move", Once(NOW, NOW + HOUR), ("feature-store",))
    return an_organisation(maintenance=(window,), version="window", **changes)


async def test_maintenance_holds_a_service_and_at_its_end_what_fires_opens(house: House) -> None:
    house.talk.configured(with_window())
    await house.fires("Slow", service="feature-store")
    await house.fires("Other", service="inference-gateway")
    alert = await house.alert("Slow")
    assert (alert.state, alert.reason, alert.held_by) == (SUPPRESSED, "maintenance window move", "maintenance:move")
    assert (await house.alert("Other")).state is FIRING
    assert await house.talk.done("noor", "silences") == (
        "Maintenance move · until Wed 7 Jan 2026, 04:00 UTC+4 · holds 1 now · has hidden 1"
    )

    house.talk.clock.forward(HOUR - SECOND)
    await house.looks()
    assert (await house.alert("Slow")).state is SUPPRESSED
    house.talk.clock.forward(SECOND)
    await house.looks()
    assert (await house.alert("Slow")).state is FIRING


async def test_a_window_that_a_reload_takes_away_or_turns_elsewhere_lets_go(house: House) -> None:
    house.talk.configured(with_window())
    await house.fires("Slow", service="feature-store")
    await house.looks()
    elsewhere = MaintenanceWindow("move", Once(NOW, NOW + HOUR), ("inference-gateway",))
    house.talk.configured(an_organisation(maintenance=(elsewhere,), version="elsewhere"))
    await house.looks()
    assert (await house.alert("Slow")).state is FIRING


def with_rule(*rules: Inhibition, version: str = "rule") -> Organisation:
    return an_organisation(inhibitions=rules or (DOWN,), version=version)


async def test_an_alert_holds_others_back_until_it_ends(house: House) -> None:
    house.talk.configured(with_rule())
    await house.fires("Down", source="a", cluster="eu")
    await house.fires("Slow", source="b", cluster="eu")
    await house.fires("Other", source="b", cluster="us")
    alert = await house.alert("Slow")
    assert (alert.state, alert.reason) == (SUPPRESSED, "inhibited (down) by Down is up")
    assert (await house.alert("Other")).state is FIRING
    await house.looks()
    assert (await house.alert("Slow")).state is SUPPRESSED

    await house.ends("Down", source="a")
    house.talk.clock.forward(2 * MINUTE)
    await house.looks()
    await house.keeper.tidy()
    assert (await house.alert("Slow")).state is FIRING


async def test_what_was_held_waits_a_while_whether_it_ends_as_well(house: House) -> None:
    house.talk.configured(with_rule())
    await house.fires("Down", source="a")
    await house.fires("Slow", "Late", source="b")
    await house.ends("Down", source="a")
    house.talk.clock.forward(2 * MINUTE - SECOND)
    await house.keeper.tidy()
    await house.fires("Slow", "Echo", source="b")
    await house.looks()
    waiting = [await house.alert(name) for name in ("Slow", "Late", "Echo")]
    assert [alert.state for alert in waiting] == [SUPPRESSED] * 3
    assert {alert.reason for alert in waiting} == {"inhibited (down) by Down is up, which has just ended"}
    assert await house.incidents() == 1, "that of what held them back"

    await house.ends("Late", source="b")
    house.talk.clock.forward(SECOND)
    await house.looks()
    states = [(await house.alert(name)).state for name in ("Slow", "Late", "Echo")]
    assert states == [FIRING, RESOLVED, FIRING]


async def test_what_windows_and_rules_hide_is_counted(house: House) -> None:
    both = with_window(inhibitions=(DOWN,))
    house.talk.configured(both)
    await house.fires("Slow", service="feature-store", source="b")
    await house.fires("Down", source="a", service="gateway", cluster="eu")
    await house.fires("Late", "Hot", source="b", cluster="eu")
    await house.fires("Late", source="b", cluster="eu")
    await house.ends("Hot", source="b")

    assert (await house.talk.done("noor", "silences")).splitlines() == [
        "Maintenance move · until Wed 7 Jan 2026, 04:00 UTC+4 · holds 1 now · has hidden 1",
        "Inhibition down · holds 1 now · has hidden 2",
    ]
    house.talk.clock.forward(HOUR)
    await house.ends("Down", source="a")
    await house.looks()
    await house.fires("Echo", source="b", cluster="eu")
    house.talk.clock.forward(2 * MINUTE)
    await house.looks()
    assert await house.talk.done("noor", "silences") == "Nothing is silenced, and no maintenance goes on."
    async with house.talk.store.read(DEFAULT_TENANT) as unit:
        found = await holders(unit, both, house.talk.desk.now())
    assert found == [Holder("move", True, None, 0, 1), Holder("down", False, None, 0, 3)]


async def test_what_is_or_becomes_critical_waits_for_nothing_that_has_ended(house: House) -> None:
    house.talk.configured(with_rule())
    await house.fires("Down", source="a")
    await house.fires("Dead", severity="critical", source="b")
    await house.fires("Slow", "Late", source="b")
    assert (await house.alert("Dead")).state is SUPPRESSED
    await house.ends("Down", source="a")
    await house.looks()
    assert [(await house.alert(name)).state for name in ("Dead", "Slow")] == [FIRING, SUPPRESSED]
    await house.fires("Slow", "New", severity="critical", source="b")
    states = [(await house.alert(name)).state for name in ("Slow", "New", "Late")]
    assert states == [FIRING, FIRING, SUPPRESSED]


async def test_what_waits_is_held_on_by_what_fires_again_meanwhile(house: House) -> None:
    house.talk.configured(with_rule())
    await house.fires("Down", source="a")
    await house.fires("Slow", source="b")
    await house.ends("Down", source="a")
    await house.looks()
    house.talk.clock.forward(MINUTE)
    await house.fires("Down", source="a")
    house.talk.clock.forward(5 * MINUTE)
    await house.looks()
    assert (await house.alert("Slow")).state is SUPPRESSED
    await house.ends("Down", source="a")
    house.talk.clock.forward(2 * MINUTE)
    await house.looks()
    assert (await house.alert("Slow")).state is FIRING


async def test_a_rule_without_grace_lets_go_at_once(house: House) -> None:
    house.talk.configured(with_rule(replace(DOWN, grace=timedelta())))
    await house.fires("Down", source="a")
    await house.fires("Slow", source="b")
    await house.ends("Down", source="a")
    await house.looks()
    assert (await house.alert("Slow")).state is FIRING


async def test_of_one_delivery_the_order_makes_no_difference(house: House) -> None:
    house.talk.configured(with_rule())
    await house.fires("Slow", "Down", "Late", cluster="eu")
    states = [(await house.alert(name)).state for name in ("Slow", "Down", "Late")]
    assert states == [SUPPRESSED, FIRING, SUPPRESSED]


async def test_while_one_of_two_still_fires_what_they_hold_stays_held(house: House) -> None:
    house.talk.configured(with_rule(Inhibition("down", parse_matchers('alertname=~"Down.*"'), DOWN.target, ())))
    await house.fires("Down1", "Down2", source="a")
    await house.fires("Slow", source="b")
    await house.ends("Down1", source="a")
    await house.looks()
    assert (await house.alert("Slow")).state is SUPPRESSED
    await house.ends("Down2", source="a")
    house.talk.clock.forward(2 * MINUTE)
    await house.looks()
    assert (await house.alert("Slow")).state is FIRING


async def test_a_silenced_alert_inhibits_all_the_same(house: House) -> None:
    house.talk.configured(with_rule())
    await silenced(house, 'alertname="Down"')
    await house.fires("Down")
    await house.fires("Slow")
    assert (await house.alert("Slow")).state is SUPPRESSED


async def test_a_reload_brings_rules_that_count_for_what_fires_already_and_takes_them_away(house: House) -> None:
    await house.fires("Down", cluster="eu")
    house.talk.configured(with_rule())
    await house.looks()
    await house.fires("Slow", cluster="eu")
    assert (await house.alert("Slow")).state is SUPPRESSED

    house.talk.configured(with_rule(Inhibition("down", DOWN.source, DOWN.target, ("zone",)), version="changed"))
    await house.looks()
    assert (await house.alert("Slow")).state is SUPPRESSED, "the rule that is there now holds it as well"

    house.talk.configured(an_organisation(version="none"))
    await house.looks()
    assert (await house.alert("Slow")).state is FIRING
    await house.keeper.tidy()
    async with house.talk.store.read(DEFAULT_TENANT) as unit:
        assert await unit.inhibitors.among([(DOWN.rule, DOWN.key_of({"cluster": "eu"}))], NOW) == []


async def test_an_incident_that_was_never_held_up_is_not_touched_by_a_look(house: House) -> None:
    await house.fires("Slow")
    before = await house.talk.incident()
    await house.looks()
    async with house.talk.writing() as unit:
        await let_go(house.talk.desk, unit, Silence(9, (), None, "", "", NOW, NOW, NOW))
    await house.absorbs()
    assert await house.talk.incident() == before
    assert before.status is Status.TRIAGE


NIGHT_OFF = BusinessHours("Asia/Dubai", frozenset(range(7)), time(9), time(18), ((Severity.SEV3, None),))
"""It is 03:00: what is SEV3 waits for the morning."""


async def test_what_is_let_go_at_night_and_is_too_mild_for_it_waits_for_the_morning(house: House) -> None:
    house.talk.configured(an_organisation(hours=NIGHT_OFF, version="hours"))
    await silenced(house, 'alertname="Slow"', "for 1h because test")
    house.talk.configured(an_organisation(version="no hours"))
    await house.fires("Slow")
    house.talk.configured(an_organisation(hours=NIGHT_OFF, version="hours"))
    house.talk.clock.forward(HOUR)
    await house.looks()
    alert = await house.alert("Slow")
    assert (alert.state, alert.reason, alert.held_by) == (SUPPRESSED, HELD, None)
    house.talk.clock.forward(6 * HOUR)
    await house.sweeper.sweep()
    assert (await house.alert("Slow")).state is FIRING


async def test_what_waits_for_the_morning_is_held_back_by_a_silence_of_the_morning(house: House) -> None:
    house.talk.configured(an_organisation(hours=NIGHT_OFF, version="hours"))
    await house.fires("Slow")
    assert (await house.alert("Slow")).reason == HELD
    await silenced(house, 'alertname="Slow"', "for 8h because test")
    house.talk.clock.forward(7 * HOUR)
    await house.sweeper.sweep()
    alert = await house.alert("Slow")
    assert (alert.state, alert.held_by) == (SUPPRESSED, "silence:1")
    await house.passes(HOUR)
    assert (await house.alert("Slow")).state is FIRING
