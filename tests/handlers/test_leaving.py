"""What had been gathered in a storm and becomes critical leaves it, and calls those who look after its service."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.domain.alert import Alert
from bot.domain.effects import Say
from bot.domain.incident import Incident
from bot.domain.timeline import EventKind
from tests.builders import MINUTE
from tests.handlers.alarms import Alarms
from tests.handlers.talking import talking

STORM = "storm: {groups: 1, within: 1m, quiet: 5m}\n"
STORE, GATEWAY = {"service": "store"}, {"service": "gateway"}


@pytest_asyncio.fixture
async def alarms(either_url: str) -> AsyncIterator[Alarms]:
    """Acme AI in a storm: INC-1 is apart, INC-2 gathers two warnings of the store and one of the gateway."""
    async with talking(either_url) as talk:
        alarms = Alarms(talk)
        alarms.configured(STORM)
        await alarms.fires("First", "warning")
        for name, where in (("Slow", STORE), ("Full", STORE), ("Late", GATEWAY)):
            await alarms.fires(name, "warning", **where)
        yield alarms


async def the(alarms: Alarms, title: str) -> tuple[Alert, Incident]:
    """An alert and its incident."""
    [alert] = [one for one in await alarms.alerts() if one.title == title]
    [incident] = [one for one in await alarms.incidents() if one.id == alert.incident]
    return alert, incident


async def test_it_has_an_incident_of_its_own_and_calls_its_own_service_s_people(alarms: Alarms) -> None:
    assert (await the(alarms, "Slow"))[1].is_storm
    called = await alarms.called(2)

    await alarms.fires("Slow", "critical", **STORE)

    alert, own = await the(alarms, "Slow")
    assert (own.ref, own.service, own.severity.name, own.alerts.firing) == ("INC-3", "store", "SEV2", 1)
    assert await alarms.called(3) == ["p-lina"]
    assert (await the(alarms, "Full"))[1].ref == "INC-2"
    storm = (await the(alarms, "Full"))[1]
    assert (storm.severity.name, storm.alerts.total, storm.alerts.firing) == ("SEV4", 2, 2)
    assert await alarms.called(2) == called, "the storm calls nobody for what is its own no more"
    assert alert.count == 2

    await alarms.ends("Slow", **STORE)
    assert (await the(alarms, "Slow"))[1].alerts.firing == 0
    assert (await the(alarms, "Full"))[1].alerts.firing == 2


async def test_the_storm_s_room_and_its_card_name_it(alarms: Alarms) -> None:
    await alarms.fires("Slow", "critical", **STORE)
    [left] = [one.event for one in await alarms.talk.timeline(2) if one.event.kind is EventKind.STORM_LEFT]
    assert left.fields == {"count": 1, "titles": "INC-3 Slow"}
    assert "storm_spared" not in await alarms.happened(2), "it is said once"
    said = [one.effect for one in await alarms.talk.effects() if isinstance(one.effect, Say)]
    assert [effect.loud for effect in said if effect.message.key == "timeline.storm_left"] == [True, True], (
        "in two chats"
    )
    answer = await alarms.talk.says("amira", "status INC-2")
    assert answer.card is not None
    assert "since critical: INC-3 Slow" in answer.card.body


async def test_several_leave_at_once_each_for_its_own(alarms: Alarms) -> None:
    critical = [alarms.event("Slow", True, "critical", STORE), alarms.event("Late", True, "critical", GATEWAY)]
    await alarms.take([*critical, alarms.event("Full", True, "error", STORE)])
    assert await alarms.called(3) == ["p-lina"]
    late = (await the(alarms, "Late"))[1]
    assert late.ref in {"INC-3", "INC-4"}
    storm = (await the(alarms, "Full"))[1]
    assert (storm.ref, storm.severity.name, storm.alerts.firing) == ("INC-2", "SEV3", 1)


async def test_it_joins_the_incident_that_its_group_has_by_now(alarms: Alarms) -> None:
    await alarms.fires("Slow", "critical", host="b", **STORE)
    await alarms.fires("Slow", "critical", **STORE)
    assert [incident.ref for incident in await alarms.incidents()] == ["INC-1", "INC-2", "INC-3"]
    assert (await alarms.incidents())[2].alerts.firing == 2
    assert "storm_left" in await alarms.happened(2)


@pytest.mark.parametrize("is_over", [False, True])
async def test_when_the_storm_has_passed_it_leaves_all_the_same(alarms: Alarms, is_over: bool) -> None:
    if is_over:
        await alarms.passes(6 * MINUTE)
        assert "storm_passed" in await alarms.happened(2)
    await alarms.fires("Slow", "critical", **STORE)
    assert (await the(alarms, "Slow"))[1].ref == "INC-3"
    assert "storm_left" in await alarms.happened(2)
