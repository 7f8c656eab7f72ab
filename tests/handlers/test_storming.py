"""A storm of alerts becomes one incident; what is critical stays apart; and its end is said."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from bot.domain.access import SYSTEM
from bot.domain.alert import Alert, AlertState
from bot.domain.effects import DrawCard
from bot.domain.incident import Incident, Status
from bot.domain.storm import StormRules
from bot.domain.timeline import EventKind
from bot.ports.records import NewDelivery, StoredEvent
from bot.ports.store import DEFAULT_TENANT
from handlers.intake import IntakeLoop
from handlers.lanes import LeaseTerms
from handlers.timing import TimerLoop, discover
from integrations.sources.generic import SOURCE as GENERIC
from tests.builders import MINUTE, SECOND, an_organisation
from tests.handlers.talking import Talk, talking

RULES = StormRules(groups=2, within=timedelta(minutes=1), quiet=timedelta(minutes=5))


class Sky:
    """Where alerts come from."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        talk.configured(an_organisation(storm=RULES))
        self.loop = IntakeLoop(talk.desk, {"generic": GENERIC}, terms=LeaseTerms("one"), wake=asyncio.Event())
        self.timers = TimerLoop(talk.desk, discover())

    async def pours(self, *names: str, severity: str = "warning", status: str = "firing", source: str = "one") -> None:
        """Let alerts come in with one delivery, each of a group of its own."""
        alerts = [
            {"title": name, "key": name, "status": status, "severity": severity, "labels": {"alertname": name}}
            for name in names
        ]
        delivery = NewDelivery(DEFAULT_TENANT, source, "generic", orjson.dumps(alerts), self.talk.desk.now())
        await self.talk.store.inbox.take(delivery)
        await self.loop.lanes.step()
        await self.loop.lanes.stop(60)

    async def waits(self, moment: timedelta) -> None:
        """Let time pass, and what is due be done."""
        self.talk.clock.forward(moment)
        await self.timers.step()

    async def incidents(self) -> list[Incident]:
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            return list(reversed((await unit.incidents.window(list(Status), SYSTEM)).items))

    async def storm(self) -> Incident:
        [found] = [incident for incident in await self.incidents() if incident.is_storm]
        return found

    async def told(self, kind: EventKind) -> list[StoredEvent]:
        storm = await self.storm()
        return [one for one in await self.talk.timeline(storm.number) if one.event.kind is kind]

    async def alert(self, name: str) -> Alert:
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            found = (await unit.alerts.window(list(AlertState), SYSTEM, limit=500)).items
        return next(alert for alert in found if alert.title == name)


@pytest.fixture
def sky(talk: Talk) -> Sky:
    """A sky from which more than two new groups a minute are a storm."""
    return Sky(talk)


async def test_newcomers_behind_the_limit_share_one_incident_that_calls_once(sky: Sky) -> None:
    await sky.pours("a", "b", "c", "d")
    await sky.pours("e", "f")

    assert [incident.title for incident in await sky.incidents()] == ["a", "b", "Alert storm"]
    storm = await sky.storm()
    assert (storm.alerts.total, storm.alerts.firing) == (4, 4)
    assert storm.severity.name == "SEV4"
    assert len({page.person for page in await sky.talk.pages(storm.number)}) == 1
    assert len(await sky.told(EventKind.STORM_BEGAN)) == 1
    assert len(await sky.told(EventKind.PAGED)) == 1


async def test_what_folded_is_linked_so_that_its_end_counts(sky: Sky) -> None:
    await sky.pours("a", "b", "c", "d")
    storm = await sky.storm()
    assert (await sky.alert("c")).incident == storm.id

    await sky.pours("c", status="resolved")

    assert (await sky.storm()).alerts.firing == 1


async def test_what_is_critical_opens_its_own_incident_and_is_named_in_the_storm_s(sky: Sky) -> None:
    await sky.pours("a", "b", "c")
    await sky.pours("down", severity="critical")

    own = (await sky.incidents())[-1]
    assert own.title == "down"
    assert await sky.talk.pages(own.number)
    [named] = await sky.told(EventKind.STORM_SPARED)
    assert named.event.fields["titles"] == f"{own.ref} down"
    answer = await sky.talk.says("amira", f"status {(await sky.storm()).ref}")
    assert answer.card is not None
    assert f"since critical: {own.ref} down" in answer.card.body


async def test_what_was_critical_shortly_before_the_storm_began_is_named_in_it(sky: Sky) -> None:
    await sky.pours("long ago", severity="critical")
    await sky.waits(2 * MINUTE)
    await sky.pours("down", severity="critical")
    await sky.pours("gone", severity="critical")
    await sky.talk.done("amira", "resolve INC-3")
    await sky.pours("a", "b")

    [named] = await sky.told(EventKind.STORM_SPARED)
    assert named.event.fields["titles"] == "INC-2 down"
    answer = await sky.talk.says("amira", f"status {(await sky.storm()).ref}")
    assert answer.card is not None
    assert "since critical: INC-2 down" in answer.card.body


async def test_groups_that_come_slowly_are_no_storm(sky: Sky) -> None:
    for name in "abcd":
        await sky.pours(name)
        await sky.waits(MINUTE)
    assert [incident.title for incident in await sky.incidents()] == ["a", "b", "c", "d"]


async def test_more_of_a_group_that_has_an_incident_join_that_one_in_the_midst_of_a_storm(sky: Sky) -> None:
    await sky.pours("a", "b", "c")
    await sky.pours("a", source="two")
    [first, *_] = await sky.incidents()
    assert first.alerts.total == 2


async def test_its_end_is_said_once_with_what_still_fires_and_then_newcomers_stay_apart(sky: Sky) -> None:
    await sky.pours("a", "b", "c", "d")
    await sky.pours("d", status="resolved")
    await sky.waits(4 * MINUTE)
    assert await sky.told(EventKind.STORM_PASSED) == []

    await sky.waits(2 * MINUTE)
    await sky.waits(9 * MINUTE)

    [passed] = await sky.told(EventKind.STORM_PASSED)
    assert passed.event.fields == {"count": 2, "firing": 1, "titles": "c", "more": 0}
    await sky.pours("x")
    assert (await sky.incidents())[-1].title == "x"


async def test_while_groups_keep_coming_it_goes_on(sky: Sky) -> None:
    await sky.pours("a", "b", "c")
    await sky.waits(4 * MINUTE)
    await sky.pours("d", "e", "f")
    await sky.waits(4 * MINUTE)
    assert await sky.told(EventKind.STORM_PASSED) == []
    await sky.waits(MINUTE + SECOND)
    assert len(await sky.told(EventKind.STORM_PASSED)) == 1


async def test_a_second_storm_goes_on_in_the_incident_that_is_still_open_and_calls_again(sky: Sky) -> None:
    await sky.pours("a", "b", "c")
    storm = await sky.storm()
    await sky.talk.done("amira", f"ack {storm.ref}")
    await sky.waits(6 * MINUTE)

    await sky.pours("d", "e", "f")

    assert (await sky.storm()).alerts.total == 2
    assert len(await sky.told(EventKind.STORM_BEGAN)) == 2
    assert len(await sky.told(EventKind.PAGED)) == 2


async def test_a_storm_whose_incident_was_resolved_long_since_opens_another_one(sky: Sky) -> None:
    await sky.pours("a", "b", "c")
    first = await sky.storm()
    await sky.talk.done("amira", f"resolve {first.ref}")
    sky.talk.clock.forward(10 * MINUTE)

    await sky.pours("d")

    storms = [incident for incident in await sky.incidents() if incident.is_storm]
    assert [storm.alerts.total for storm in storms] == [1, 1]
    await sky.waits(6 * MINUTE)
    ended = [one.event.kind for one in await sky.talk.timeline(storms[1].number)]
    assert ended.count(EventKind.STORM_PASSED) == 1


async def test_its_card_says_how_far_it_reaches_and_what_its_alerts_have_in_common(sky: Sky) -> None:
    await sky.pours("a", "b", "c", "d", "e")
    answer = await sky.talk.says("amira", f"status {(await sky.storm()).ref}")
    assert answer.card is not None
    [extent] = [one.value for one in answer.card.fields if one.label == "Storm"]
    assert extent.startswith("3 groups of 0 services")
    assert answer.card.body == "alertname: c (1), d (1), e (1)\nseverity: warning (3)"


@pytest.mark.parametrize("groups", [1, 3])
async def test_two_replicas_open_one_storm(either_url: str, groups: int) -> None:
    async with talking(either_url) as one:
        sky = Sky(one)
        one.configured(an_organisation(storm=replace(RULES, groups=groups)))
        names = [f"g{number}" for number in range(12)]
        other = IntakeLoop(one.desk, {"generic": GENERIC}, terms=LeaseTerms("two"), wake=asyncio.Event())
        for place, name in enumerate(names):
            body = orjson.dumps([{"title": name, "key": name, "severity": "warning", "labels": {"alertname": name}}])
            await one.store.inbox.take(NewDelivery(DEFAULT_TENANT, f"s{place % 4}", "generic", body, one.desk.now()))
        await asyncio.gather(sky.loop.lanes.step(), other.lanes.step())
        await asyncio.gather(sky.loop.lanes.stop(60), other.lanes.stop(60))

        storm = await sky.storm()
        whole = sum(incident.alerts.total for incident in await sky.incidents())
        assert whole == 12
        assert storm.alerts.total == 12 - (len(await sky.incidents()) - 1)


async def test_a_drawing_of_the_storm_waits_as_any_other(sky: Sky) -> None:
    await sky.pours("a", "b", "c")
    storm = await sky.storm()
    cards = [one for one in await sky.talk.effects() if one.incident == storm.id and isinstance(one.effect, DrawCard)]
    assert len(cards) == 2
