"""Acme AI at its desk: people who write lines to Tocsin, in rooms or outside, with a clock that a test steers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from bot.clock import SteeredClock
from bot.domain.access import SYSTEM, Access
from bot.domain.incident import Incident
from bot.domain.organisation import Account, Organisation
from bot.domain.timeline import EventKind
from bot.ports.chat import Answer, Incoming, RoomRef
from bot.ports.records import AuditEntry, CommandReceipt, PageRecord, RoomLink, StoredEffect, StoredEvent
from bot.ports.store import DEFAULT_TENANT, Unit, Urgency
from handlers.ask import About, Ask, Command, Reply
from handlers.desk import Desk
from handlers.receipts import line_to_json
from handlers.registry import Registry
from handlers.router import Router
from storage.migrate import migrate
from storage.store import SqlStore, open_store
from tests.builders import NOW, an_organisation


class StandingClock:
    """A clock that stands at the tests' now until it is steered."""

    def now(self) -> datetime:
        return NOW


def a_line(name: str, text: str, **changes: Any) -> Incoming:
    """A line that somebody writes in Slack, outside an incident's room unless the changes say so."""
    line = Incoming(f"{name}: {text}", text, Account("slack", "T1", f"U{name.upper()}"))
    return replace(line, **changes)


@dataclass
class Talk:
    """People who write lines. What they write comes from Slack unless a test says otherwise."""

    desk: Desk
    router: Router
    clock: SteeredClock
    store: SqlStore
    organisations: list[Organisation]
    keys: Iterator[int] = field(default_factory=count)

    async def says(
        self,
        name: str,
        text: str,
        *,
        key: str | None = None,
        room: RoomRef | None = None,
        version: int | None = None,
        token: str = "",
    ) -> Answer:
        """What Tocsin answers when somebody writes a line."""
        key = key or f"k{next(self.keys)}"
        return await self.router.take(a_line(name, text, key=key, room=room, version=version, token=token))

    async def done(self, name: str, text: str, *, room: RoomRef | None = None) -> str:
        """What Tocsin answers to a line that has to be carried out."""
        answer = await self.says(name, text, room=room)
        assert answer.ok, answer.text
        return answer.text

    async def refused(self, name: str, text: str, *, room: RoomRef | None = None) -> str:
        """What Tocsin answers to a line that must not be carried out."""
        answer = await self.says(name, text, room=room)
        assert not answer.ok, answer.text
        return answer.text

    async def incident(self, number: int = 1) -> Incident:
        async with self.store.read(DEFAULT_TENANT) as unit:
            found = await unit.incidents.by_number(number, SYSTEM)
        assert found is not None
        return found

    async def timeline(self, number: int = 1) -> list[StoredEvent]:
        incident = await self.incident(number)
        async with self.store.read(DEFAULT_TENANT) as unit:
            return list(await unit.timeline.of(incident.id))

    async def pages(self, number: int = 1) -> list[PageRecord]:
        incident = await self.incident(number)
        async with self.store.read(DEFAULT_TENANT) as unit:
            return list(await unit.pages.of(incident.id))

    async def effects(self) -> list[StoredEffect]:
        """All effects that wait, oldest first."""
        async with self.store.read(DEFAULT_TENANT) as unit:
            return list(reversed((await unit.outbox.window("pending", limit=500)).items))

    async def audit(self) -> list[AuditEntry]:
        """The whole audit trail, oldest first."""
        async with self.store.read(DEFAULT_TENANT) as unit:
            return list(reversed((await unit.audit.window(limit=500)).items))

    async def in_room(self, number: int = 1) -> RoomRef:
        """Give an incident its room in Slack, and return it."""
        room = RoomRef("slack", "T1", f"C{number}")
        incident = await self.incident(number)
        async with self.writing() as unit:
            await unit.rooms.link(RoomLink(incident.id, room, f"inc-{number}"))
        return room

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        """A unit of work of the test's own."""
        async with self.store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
            yield unit

    def configured(self, org: Organisation) -> None:
        """Load another configuration."""
        self.organisations.append(org)


@asynccontextmanager
async def talking(url: str, commands: Registry | None = None) -> AsyncIterator[Talk]:
    """Open Acme AI on a database."""
    clock = SteeredClock(StandingClock())
    await migrate(url)
    store = await open_store(url, clock, lambda topics: None)
    organisations = [an_organisation()]
    desk = Desk(
        tenant=DEFAULT_TENANT,
        store=store,
        clock=clock,
        organisation=lambda: organisations[-1],
        chats=("room", "slack"),
        public_url="https://tocsin.example",
    )
    router = Router(desk, commands)
    try:
        yield Talk(desk, router, clock, store, organisations)
    finally:
        await router.drain()
        await store.close()


def only(run: Callable[[Ask], Awaitable[Reply]], about: About = About.NOTHING) -> Registry:
    """The one command `try`."""
    return Registry((Command("try", "", "command.help", Access.RESPONDER, about, run),))


async def notes(talk: Talk) -> list[str]:
    return [str(stored.event.fields["text"]) for stored in await talk.timeline() if stored.event.kind is EventKind.NOTE]


async def left_behind(talk: Talk, text: str, attempts: int = 0) -> None:
    """Store a line as if Tocsin had stopped before carrying it out."""
    line = a_line("omar", text)
    receipt = CommandReceipt(
        "r-1", "default", "slack", line.key, line_to_json(line), talk.clock.now(), attempts=attempts
    )
    async with talk.writing() as unit:
        await unit.commands.take(receipt)
