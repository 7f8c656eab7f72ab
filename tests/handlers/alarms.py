"""Acme AI under alarm: alerts that fire and end at the desk, under a configuration as people write it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from bot.config.building import build, with_accounts
from bot.config.reading import read_text
from bot.domain.access import SYSTEM
from bot.domain.alert import Alert, AlertEvent, AlertState
from bot.domain.identity import fingerprint
from bot.domain.incident import Incident, Status
from bot.domain.organisation import Account
from bot.ports.records import NewDelivery
from bot.ports.sources import USUAL_ROUTES, GuardedFetch, Parsed, Route, WebhookRequest
from bot.ports.store import DEFAULT_TENANT
from handlers.intake import IntakeLoop
from handlers.lanes import LeaseTerms
from handlers.sweeping import Sweeper
from handlers.timing import TimerLoop
from handlers.timing import discover as timers
from tests.config.files import SHAPE
from tests.handlers.talking import Talk

BASE = """\
organisation: {name: Acme AI, timezone: UTC}
people:
  - {name: amira, slack: UAMIRA, access: admin}
  - {name: omar, slack: UOMAR}
  - {name: lina, slack: ULINA}
teams:
  - {name: ml, members: [amira, omar]}
  - {name: data, members: [lina]}
services:
  - {name: gateway, team: ml, policy: ml-oncall, depends_on: [store], runbook: https://r.example/gateway, dashboards: [https://g.example/1]}
  - {name: store, team: data, policy: data-oncall, depends_on: [disks]}
  - {name: disks, team: data, policy: data-oncall}
policies:
  - {name: ml-oncall, steps: [{page: [person:amira]}]}
  - {name: data-oncall, steps: [{page: [person:lina]}]}
  - {name: rest, steps: [{page: [person:omar]}]}
"""


class Plain:
    """Reads a list of alert events as they are."""

    name: str = "plain"
    sample: bytes = b"[]"
    routes: Sequence[Route] = USUAL_ROUTES

    async def verify(self, request: WebhookRequest, secrets: Sequence[str], fetch: GuardedFetch) -> bool:
        return True

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        return Parsed([AlertEvent(**given) for given in orjson.loads(body)])


class Alarms:
    """What the outside reports, absorbed as soon as it is received."""

    def __init__(self, talk: Talk, *, owner: str = "one") -> None:
        self.talk = talk
        terms = LeaseTerms(owner)
        self.loop = IntakeLoop(talk.desk, {"plain": Plain()}, terms=terms, wake=asyncio.Event())
        self.sweeper = Sweeper(talk.desk, terms)
        self.timers = TimerLoop(talk.desk, timers())

    def configured(self, more: str = "") -> None:
        """Load Acme AI with more sections."""
        read = read_text(BASE + more, "tocsin.yaml", SHAPE)
        assert read.file is not None, read.problems
        ids = {name: f"p-{name}" for name in ("amira", "omar", "lina")}
        accounts = {who: [Account("slack", "T1", f"U{name.upper()}")] for name, who in ids.items()}
        self.talk.configured(with_accounts(build(read.file, ids, "v2"), accounts))

    async def fires(self, name: str, severity: str = "error", *, source: str = "prom", **labels: str) -> None:
        """Report that an alert fires."""
        await self.take([self.event(name, True, severity, labels)], source=source)

    async def ends(self, name: str, *, source: str = "prom", **labels: str) -> None:
        """Report that it is over."""
        await self.take([self.event(name, False, "error", labels)], source=source)

    def event(self, name: str, is_firing: bool, severity: str, labels: Mapping[str, str]) -> dict[str, Any]:
        """A report, on its way."""
        labels = {"alertname": name, **labels}
        runbook = labels.pop("runbook", None)
        return {
            "fingerprint": fingerprint(labels),
            "is_firing": is_firing,
            "labels": labels,
            "title": name,
            "severity": severity,
            "runbook": runbook,
        }

    async def send(self, events: Sequence[dict[str, Any]], *, source: str = "prom") -> None:
        """Take a delivery in without absorbing it."""
        delivery = NewDelivery(DEFAULT_TENANT, source, "plain", orjson.dumps(events), self.talk.desk.now())
        await self.talk.store.inbox.take(delivery)

    async def absorb(self) -> None:
        """Let the loop work until nothing waits."""
        await self.loop.lanes.step()
        await self.loop.lanes.stop(60)

    async def take(self, events: Sequence[dict[str, Any]], *, source: str = "prom") -> None:
        await self.send(events, source=source)
        await self.absorb()

    async def passes(self, span: timedelta) -> None:
        """Let time go by: what is due happens, and the sweeper looks."""
        self.talk.clock.forward(span)
        while await self.timers.step():
            pass
        await self.sweeper.sweep()

    async def incidents(self) -> list[Incident]:
        """All of them, oldest first."""
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            found = (await unit.incidents.window(list(Status), SYSTEM, limit=500)).items
        return list(reversed(found))

    async def alerts(self) -> list[Alert]:
        """All of them, oldest first."""
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            found = (await unit.alerts.window(list(AlertState), SYSTEM, limit=500)).items
        return list(reversed(found))

    async def happened(self, number: int = 1) -> list[str]:
        """The kinds of events of an incident's timeline."""
        return [stored.event.kind.value for stored in await self.talk.timeline(number)]

    async def called(self, number: int = 1) -> list[str]:
        """Who was called for an incident, call by call, whatever the number of chats."""
        pages = await self.talk.pages(number)
        return [person for person, *_ in dict.fromkeys((p.person, p.episode, p.step) for p in pages)]
