"""A Tocsin that is thrown away: it hears again what was received, by the very rules of intake, and tells nobody."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.config.current import Configuration
from bot.config.settings import Settings
from bot.domain.access import SYSTEM
from bot.domain.noise import Call, Episode
from bot.domain.organisation import Organisation, ResolveMode
from bot.domain.rehearsal import Opened
from bot.ports.hushing import SilenceStage
from bot.ports.records import Delivery, DeliveryState, NewDelivery
from bot.ports.store import DEFAULT_TENANT, Unit, Urgency
from handlers.desk import Desk
from handlers.intake import TRIES, IntakeLoop
from handlers.lanes import LeaseTerms
from handlers.releasing import Keeper
from handlers.silencing import timers_of
from handlers.sweeping import Sweeper
from handlers.timing import TimerLoop
from handlers.timing import discover as discover_timers
from integrations.sources.discovery import discover as discover_sources
from integrations.sources.installed import installed, options_of
from storage.migrate import migrate
from storage.store import SqlStore, open_store

AT_ONCE: Final = 1_000
SWEEP_EVERY: Final = timedelta(hours=1)
AGES: Final = timedelta(days=36_500)


class FollowingClock:
    """A clock that shows the time of what is heard, and never goes back."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the time to which it was put."""
        return self._at

    def to(self, at: datetime) -> None:
        """Put it forward."""
        self._at = max(self._at, at)


@dataclass(slots=True)
class Rehearsal:
    """The throw-away Tocsin. Between deliveries its timers run, as if nobody had ever answered."""

    desk: Desk
    store: SqlStore
    clock: FollowingClock
    intake: IntakeLoop
    timers: TimerLoop
    sweeper: Sweeper
    keeper: Keeper
    swept_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.swept_at = self.clock.now()

    async def hear(self, deliveries: Sequence[Delivery]) -> None:
        """Take deliveries in, in order of receipt, each at the time at which it was received, to the second."""
        for together in by_second(deliveries):
            await self.live_until(together[0].received_at)
            # What was held back until now is let go before what comes now.
            await self.keeper.look()
            await self._absorb()
            self.clock.to(together[-1].received_at)
            inbox = self.store.inbox
            taken = [NewDelivery(DEFAULT_TENANT, one.source, one.kind, one.body, one.received_at) for one in together]
            await asyncio.gather(*(inbox.take(one) for one in taken))
            await self._absorb()

    async def live_until(self, at: datetime) -> None:
        """Let happen what falls due up to a time."""
        timers = self.store.timers
        while due := await timers.due(at, kinds=discover_timers().keys(), limit=1):
            self.clock.to(due[0].due_at)
            if not await self.timers.step():
                break
        self.clock.to(at)
        if at - self.swept_at >= SWEEP_EVERY:
            await self.sweeper.sweep()
            self.swept_at = at

    async def unreadable(self) -> int:
        """Return how many of the deliveries could not be read, or not all of them."""
        count, cursor = 0, None
        async with self.store.read(DEFAULT_TENANT) as unit:
            while True:
                window = await unit.deliveries.window([DeliveryState.QUARANTINED], cursor=cursor, limit=AT_ONCE)
                count, cursor = count + len(window.items), window.next_cursor
                if cursor is None:
                    return count

    async def _absorb(self) -> None:
        """Work on what waits until nothing does; a delivery that breaks Tocsin is set aside after its tries."""
        for _ in range(AT_ONCE * TRIES):
            await self.intake.lanes.step()
            await self.intake.lanes.stop(AGES.total_seconds())
            async with self.store.read(DEFAULT_TENANT) as unit:
                if not (await unit.deliveries.window([DeliveryState.PENDING], limit=1)).items:
                    return
            self.clock.to(self.clock.now() + timedelta(seconds=1))


async def take_silences(real: SqlStore, rehearsal: Rehearsal, since: datetime) -> None:
    """Give a rehearsal the silences that held alerts back from a time on: they were words, and no rules."""
    cursor: str | None = None
    while True:
        async with real.read(DEFAULT_TENANT) as unit:
            window = await unit.silences.window(tuple(SilenceStage), since, cursor=cursor, limit=AT_ONCE)
        async with rehearsal.store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
            for silence in window.items:
                if silence.ends_at > since:
                    await unit.silences.save(replace(silence, hidden=0), timers_of(silence, since))
        cursor = window.next_cursor
        if cursor is None:
            return


def by_second(deliveries: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    """Return deliveries that came within the same second of the clock together."""
    for _, together in groupby(deliveries, key=lambda one: one.received_at.replace(microsecond=0)):
        yield list(together)


@asynccontextmanager
async def rehearsing(settings: Settings, env: Mapping[str, str]) -> AsyncIterator[Rehearsal]:
    """Set up a rehearsal at the beginning of time, on an empty database in a folder that is removed in the end.

    Nobody is there to resolve an incident, so it ends by itself when its alerts have been silent for the quiet time.
    Raises `ConfigError` when the configuration is not right.
    """
    clock = FollowingClock(datetime.fromtimestamp(0, UTC))
    with TemporaryDirectory(prefix="tocsin-rehearsal-") as folder:
        url = f"sqlite:///{Path(folder) / 'rehearsal.db'}"
        await migrate(url)
        store = await open_store(url, clock, lambda _topics: None)
        try:
            yield await rehearsal_on(store, clock, settings, env)
        finally:
            await store.close()


async def rehearsal_on(store: SqlStore, clock: FollowingClock, settings: Settings, env: Mapping[str, str]) -> Rehearsal:
    """Return a rehearsal whose memory is this store, which it writes to. Raises `ConfigError`."""
    kinds = discover_sources()
    configuration = await Configuration.load(settings, env, store, clock, kinds=options_of(kinds))
    desk = Desk(
        tenant=DEFAULT_TENANT,
        store=store,
        clock=clock,
        organisation=lambda: resolving_alone(configuration.organisation),
        chats=("room",),
        public_url=settings.public_url,
    )
    terms = LeaseTerms("rehearsal", AGES)
    intake = IntakeLoop(desk, installed(kinds, lambda: configuration.mappings), terms=terms, wake=asyncio.Event())
    return Rehearsal(desk, store, clock, intake, TimerLoop(desk, discover_timers()), Sweeper(desk, terms), Keeper(desk))


@lru_cache(maxsize=1)
def resolving_alone(org: Organisation) -> Organisation:
    """Return the organisation in which incidents end by themselves."""
    return replace(org, rules=replace(org.rules, resolve=ResolveMode.AUTO))


@dataclass(frozen=True, slots=True)
class Picture:
    """What was there in a time: alerts in the order in which they began, and their incidents by id."""

    episodes: Sequence[Episode]
    incidents: Mapping[str, Opened]


async def picture(store: SqlStore, since: datetime, until: datetime, sources: Collection[str]) -> Picture:
    """Read the alerts of some sources that fired in a time, their incidents, and whom those called first."""
    async with store.read(DEFAULT_TENANT) as unit:
        episodes = [*await unit.history.firing(since, sources)]
        after: str | None = None
        while found := await unit.history.began(since, until, SYSTEM, after=after, limit=AT_ONCE):
            episodes += [episode for episode in found if episode.rule.source in sources]
            after = found[-1].id
        return Picture(episodes, await _incidents(unit, {one.incident for one in episodes if one.incident}))


async def _incidents(unit: Unit, ids: Collection[str]) -> Mapping[str, Opened]:
    incidents = await unit.incidents.many(ids)
    first: dict[str, list[Call]] = {}
    for call in await unit.history.calls(ids):
        calls = first.setdefault(call.incident, [call])
        if call.at < calls[0].at:
            first[call.incident] = [call]
        elif call.at == calls[0].at and call is not calls[0]:
            calls.append(call)
    names = await unit.people.names({call.person for calls in first.values() for call in calls})
    return {
        incident.id: Opened(
            id=incident.id,
            ref=incident.ref,
            title=incident.title,
            severity=incident.severity.name,
            service=incident.service,
            policy=incident.escalation.policy,
            opened_at=incident.opened_at,
            people=tuple(sorted({names.get(call.person, call.person) for call in first.get(incident.id, ())})),
        )
        for incident in incidents.values()
    }
