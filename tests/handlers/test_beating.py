"""A heartbeat that is not heard opens an incident, the next beat ends it, and a downtime of ours raises no alarm."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.domain.alert import Alert, AlertState
from bot.domain.heartbeat import Heartbeat
from bot.domain.severity import Severity
from bot.ports.heartbeats import Heart
from bot.ports.sources import Unreadable
from bot.ports.store import DEFAULT_TENANT
from handlers.beating import GAP, Watch, beat
from handlers.intake import IntakeLoop
from handlers.lanes import LeaseTerms
from handlers.timing import TimerLoop, discover
from integrations.sources.heartbeat import OWN
from tests.builders import NOW, an_organisation
from tests.handlers.talking import Talk, talking

BACKUP = Heartbeat("backup", timedelta(minutes=10), timedelta(minutes=1), "inference-gateway", Severity.SEV3)
TERMS = LeaseTerms("this process")
STEP = GAP - timedelta(seconds=1)


class House:
    """Tocsin's loops about heartbeats, run by hand, under a clock that moves in steps in which it stays up."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.watch = Watch(talk.desk)
        self.timers = TimerLoop(talk.desk, discover())
        self.wake = asyncio.Event()
        self.intake = IntakeLoop(talk.desk, {OWN.name: OWN}, terms=TERMS, wake=self.wake)

    async def goes_on(self, by: timedelta) -> None:
        """Let time pass while this replica is up."""
        end = self.talk.clock.now() + by
        while (now := self.talk.clock.now()) < end:
            self.talk.clock.forward(min(STEP, end - now))
            await self.watch.pulse()
            await self.settles()

    async def settles(self) -> None:
        """Do what is due."""
        await self.timers.step()
        await self.intake.lanes.step()
        await self.intake.lanes.stop(60)

    async def beats(self) -> None:
        async with self.talk.writing() as unit:
            await beat(self.talk.desk, unit, BACKUP)
        await self.settles()

    async def starts_anew(self) -> None:
        """Take the configuration over as a replica does that has just been started."""
        await Watch(self.talk.desk).pulse()

    async def heart(self) -> Heart:
        async with self.talk.writing() as unit:
            found = await unit.heartbeats.get("backup")
        assert found is not None
        return found

    async def alerts(self, *states: AlertState) -> list[Alert]:
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            found = await unit.alerts.latest("heartbeat", "backup", self.talk.clock.now() - timedelta(days=30))
        return [found] if found is not None and found.state in (states or tuple(AlertState)) else []


@pytest_asyncio.fixture
async def house(either_url: str) -> AsyncIterator[House]:
    async with talking(either_url) as talk:
        talk.configured(an_organisation(heartbeats=(BACKUP,), version="watched"))
        made = House(talk)
        await made.watch.pulse()
        yield made


async def test_one_that_beats_in_time_raises_nothing(house: House) -> None:
    for _ in range(4):
        await house.goes_on(timedelta(minutes=10, seconds=50))
        await house.beats()
    assert await house.alerts() == []


async def test_one_that_is_missed_opens_an_incident_of_its_service_and_the_next_beat_ends_the_alert(
    house: House,
) -> None:
    await house.beats()
    await house.goes_on(timedelta(minutes=10, seconds=50))
    assert await house.alerts() == []
    await house.goes_on(timedelta(seconds=20))
    [alert] = await house.alerts(AlertState.FIRING)
    incident = await house.talk.incident()
    assert (alert.incident, alert.severity, alert.title) == (incident.id, Severity.SEV3, "backup was not heard")
    assert (incident.service, incident.alerts.firing) == ("inference-gateway", 1)

    await house.beats()
    assert await house.alerts(AlertState.RESOLVED)
    assert (await house.talk.incident()).alerts.firing == 0
    assert (await house.heart()).missed_at is None


async def test_one_that_never_beat_is_missed_too(house: House) -> None:
    await house.goes_on(timedelta(minutes=11, seconds=1))
    assert await house.alerts(AlertState.FIRING)


async def test_a_miss_that_lasts_is_one_alert_that_is_reported_on_and_does_not_expire(house: House) -> None:
    await house.goes_on(timedelta(minutes=12))
    await house.goes_on(timedelta(hours=3))
    [alert] = await house.alerts(AlertState.FIRING)
    assert alert.count == 4
    assert house.talk.clock.now() - alert.last_at < timedelta(hours=1)


async def test_after_a_downtime_of_tocsin_a_heartbeat_has_its_whole_time_again(house: House) -> None:
    await house.beats()
    await house.goes_on(timedelta(minutes=9))
    house.talk.clock.forward(timedelta(hours=7))
    await house.settles()
    assert await house.alerts() == []

    again = House(house.talk)
    await again.watch.pulse()
    await again.goes_on(timedelta(minutes=10, seconds=50))
    assert await again.alerts() == []
    await again.goes_on(timedelta(seconds=20))
    assert await again.alerts(AlertState.FIRING)


async def test_while_another_replica_is_up_the_downtime_of_one_excuses_nothing(house: House) -> None:
    another = House(house.talk)
    await house.beats()
    await another.goes_on(timedelta(minutes=11, seconds=20))
    await house.watch.pulse()
    await house.settles()
    [alert] = await house.alerts(AlertState.FIRING)
    assert alert.count == 1


async def test_two_replicas_that_find_a_miss_at_once_report_it_once(house: House) -> None:
    another = House(house.talk)
    await house.goes_on(timedelta(minutes=10, seconds=50))
    house.talk.clock.forward(timedelta(seconds=15))
    await asyncio.gather(house.timers.step(), another.timers.step())
    await house.settles()
    [alert] = await house.alerts(AlertState.FIRING)
    assert alert.count == 1


async def test_a_beat_and_the_timer_that_would_miss_it_do_not_stand_in_each_others_way(house: House) -> None:
    await house.beats()
    await house.goes_on(timedelta(minutes=10, seconds=50))
    house.talk.clock.forward(timedelta(seconds=15))
    await asyncio.gather(house.timers.step(), house.beats())
    await house.settles()
    assert await house.alerts(AlertState.FIRING) == []
    assert (await house.heart()).missed_at is None


async def test_replicas_that_start_together_watch_the_same(house: House) -> None:
    await asyncio.gather(house.starts_anew(), house.starts_anew(), house.timers.step(), house.starts_anew())
    await house.goes_on(timedelta(minutes=11, seconds=1))
    [alert] = await house.alerts(AlertState.FIRING)
    assert alert.count == 1


async def test_one_that_is_configured_no_more_ends_its_alert_and_is_forgotten(house: House) -> None:
    await house.goes_on(timedelta(minutes=12))
    assert await house.alerts(AlertState.FIRING)
    house.talk.configured(an_organisation(version="without"))
    await house.watch.pulse()
    await house.settles()
    assert await house.alerts(AlertState.RESOLVED)
    async with house.talk.store.read(DEFAULT_TENANT) as unit:
        assert list(await unit.heartbeats.all()) == []


async def test_a_shorter_time_counts_from_the_reload_on(house: House) -> None:
    await house.beats()
    hasty = replace(BACKUP, every=timedelta(minutes=2))
    house.talk.configured(an_organisation(heartbeats=(hasty,), version="hasty"))
    await house.goes_on(timedelta(minutes=3, seconds=20))
    assert await house.alerts(AlertState.FIRING)


async def test_a_miss_of_an_unknown_heartbeat_is_nothing(house: House) -> None:
    await house.goes_on(timedelta(minutes=10))
    house.talk.configured(an_organisation(version="without"))
    house.talk.clock.forward(timedelta(minutes=5))
    await house.settles()
    assert await house.alerts() == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"name": "a"}', b'{"name": "a", "is_missed": 1}', b"x"])
def test_a_report_that_is_none_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        OWN.parse(body, NOW)
