"""A replica or two of Tocsin whose loops about alerts are run by hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from bot.domain.access import SYSTEM
from bot.domain.alert import Alert, AlertEvent, AlertState
from bot.domain.hush import Silence
from bot.ports.records import NewDelivery, PageRecord
from bot.ports.sources import USUAL_ROUTES, GuardedFetch, Parsed, Route, WebhookRequest
from bot.ports.store import DEFAULT_TENANT
from handlers.intake import IntakeLoop
from handlers.lanes import LeaseTerms
from handlers.releasing import Keeper
from handlers.sweeping import Sweeper
from handlers.timing import TimerLoop, discover
from integrations.sources.release import OWN
from tests.handlers.talking import Talk

FIRING, SUPPRESSED, RESOLVED = AlertState.FIRING, AlertState.SUPPRESSED, AlertState.RESOLVED


class Plain:
    """Reads a list of [name, "firing" or "resolved", severity, labels]."""

    name: str = "plain"
    sample: bytes = b'[["Drift", "firing", "error", {}]]'
    routes: Sequence[Route] = USUAL_ROUTES

    async def verify(self, request: WebhookRequest, secrets: Sequence[str], fetch: GuardedFetch) -> bool:
        return True

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        events = [
            AlertEvent(name, status == "firing", {"alertname": name, **labels}, f"{name} is up", severity)
            for name, status, severity, labels in orjson.loads(body)
        ]
        return Parsed(events)


@dataclass
class Replica:
    """Tocsin's loops about alerts, run by hand."""

    talk: Talk
    owner: str = "one"
    intake: IntakeLoop = field(init=False)
    timers: TimerLoop = field(init=False)
    keeper: Keeper = field(init=False)
    sweeper: Sweeper = field(init=False)

    def __post_init__(self) -> None:
        terms = LeaseTerms(self.owner)
        kinds = {"plain": Plain(), OWN.name: OWN}
        self.intake = IntakeLoop(self.talk.desk, kinds, terms=terms, wake=asyncio.Event())
        self.timers = TimerLoop(self.talk.desk, discover())
        self.keeper = Keeper(self.talk.desk)
        self.sweeper = Sweeper(self.talk.desk, terms)

    async def settles(self) -> None:
        """Do what is due."""
        await self.timers.step()
        await self.absorbs()

    async def absorbs(self) -> None:
        await self.intake.lanes.step()
        await self.intake.lanes.stop(60)

    async def looks(self) -> None:
        """Look at what is held back, and do what follows."""
        await self.keeper.look()
        await self.absorbs()


@dataclass
class House(Replica):
    """A replica with a door, for alerts of one source or several."""

    async def fires(self, *names: str, severity: str = "error", source: str = "plain", **labels: str) -> None:
        await self.told(*((name, "firing", severity, labels) for name in names), source=source)

    async def ends(self, *names: str, source: str = "plain") -> None:
        await self.told(*((name, "resolved", "error", {}) for name in names), source=source)

    async def told(self, *events: tuple[str, str, str, dict[str, str]], source: str = "plain") -> None:
        delivery = NewDelivery(DEFAULT_TENANT, source, "plain", orjson.dumps(events), self.talk.desk.now())
        await self.talk.store.inbox.take(delivery)
        await self.absorbs()

    async def passes(self, by: timedelta) -> None:
        self.talk.clock.forward(by)
        await self.settles()

    async def alert(self, name: str) -> Alert:
        """The last alert of a name: the one that is live, if any."""
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            found = (await unit.alerts.window(list(AlertState), SYSTEM, limit=500)).items
        return max(
            (one for one in found if one.fingerprint == name), key=lambda one: (one.is_live, one.first_at, one.id)
        )

    async def silence(self, number: int = 1) -> Silence:
        async with self.talk.writing() as unit:
            found = await unit.silences.get(number)
        assert found is not None
        return found

    async def called(self) -> list[PageRecord]:
        """All calls for incidents that there are."""
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            incidents = await unit.incidents.open_ids()
            return [page for incident in incidents for page in await unit.pages.of(incident)]

    async def incidents(self) -> int:
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            return len(await unit.incidents.open_ids())


async def silenced(house: House, match: str = 'alertname=~"Drift.*"', clauses: str = "for 2h because load test") -> str:
    return await house.talk.done("omar", f"silence {match} {clauses} --yes --critical")
