"""The pages on a real server with a real database, and people who visit them with a browser that runs no script."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.clock import SteeredClock
from bot.domain.access import Visibility
from bot.domain.incident import Incident
from bot.domain.organisation import Account, Organisation
from bot.loops import Bell
from bot.ports import chat as ask
from bot.ports.chat import ChatInbox, Content, Done, MessageRef, RoomRef
from bot.ports.records import AuditEntry, PageRecord, PageState, RoomLink
from bot.ports.store import DEFAULT_TENANT, Urgency
from handlers.desk import Desk
from handlers.registry import registry
from handlers.web.callers import Network
from handlers.web.ended import EndedSessions
from handlers.web.failures import install_failures
from handlers.web.guards import Gate, install_guards
from handlers.web.login import Login
from handlers.web.room.pages import add_room_pages
from integrations.chat.room import RoomChat
from storage.migrate import migrate
from storage.room_memory import SqlRoomMemory
from storage.store import SqlStore, open_store
from tests.builders import NOW, an_incident, an_organisation
from tests.fakes.chat_inbox import FakeInbox
from tests.handlers.talking import StandingClock

KEY = bytes(range(32))
DATABASE = "tocsin.db"


@dataclass
class Place:
    """The pages of Acme AI. Everyone is let in by choosing who they are, unless there are logins."""

    desk: Desk
    store: SqlStore
    rooms: SqlRoomMemory
    chat: RoomChat
    clock: SteeredClock
    inbox: FakeInbox
    organisations: list[Organisation]
    url: str
    posted: int = 0

    async def incident(self, number: int = 42, *, members: tuple[str, ...] = (), **changes: Any) -> str:
        """Give an incident its room, with its members in it; returns the room's id."""
        private = changes.get("visibility") is Visibility.PRIVATE
        name = f"inc-{number}"
        receipt = await self.chat.perform(ask.OpenRoom(name, private), key=f"open-{number}")
        assert isinstance(receipt, Done)
        assert receipt.room is not None
        await self.chat.perform(ask.SetTopic(receipt.room, f"topic of {name}"), key=f"topic-{number}")
        if members:
            accounts = tuple(Account("room", "", member) for member in members)
            await self.chat.perform(ask.Invite(receipt.room, accounts), key=f"invite-{number}")
        values = {"id": f"i-{number}", "number": number, "group_key": f"g-{number}", "version": 0, **changes}
        incident: Incident = an_incident(**values)
        async with self.store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
            await unit.incidents.add(incident)
            await unit.rooms.link(RoomLink(incident.id, receipt.room, name))
        return receipt.room.room

    async def say(self, room: str, content: Content, *, loud: bool = False, pinned: bool = False) -> str:
        """Let Tocsin say something in a room; returns the message's id."""
        self.posted += 1
        ref = RoomRef("room", "", room)
        receipt = await self.chat.perform(ask.Post(ref, content, loud=loud), key=f"post-{self.posted}")
        assert isinstance(receipt, Done)
        assert receipt.message is not None
        if pinned:
            await self.chat.perform(ask.Pin(receipt.message), key=f"pin-{self.posted}")
        return receipt.message.message

    async def edit(self, room: str, message: str, content: Content) -> None:
        """Let Tocsin change what it said."""
        effect = ask.Edit(MessageRef(RoomRef("room", "", room), message), content)
        assert isinstance(await self.chat.perform(effect, key=""), Done)

    async def call(self, person: str, content: Content, incident: str | None = None) -> None:
        """Call a person, to an incident (id) where that is of matter."""
        self.posted += 1
        effect = ask.Direct(Account("room", "", person), content, is_page=True)
        if incident is not None:
            page = PageRecord(f"pg-{self.posted}", incident, person, "room", 1, 1, PageState.SENT, NOW, NOW)
            async with self.store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
                await unit.pages.add([page])
        assert isinstance(await self.chat.perform(effect, key=f"call-{self.posted}"), Done)

    async def audit(self) -> list[AuditEntry]:
        """The whole audit trail, oldest first."""
        async with self.store.read(DEFAULT_TENANT) as unit:
            return list(reversed((await unit.audit.window(limit=500)).items))

    def visitor(self, name: str = "amira", **headers: str) -> "Visitor":
        """Somebody with a browser of their own, acting as a person where no login is needed."""
        return Visitor(self.url, f"p-{name}", headers)


@dataclass
class Form:
    """A form of a page: where it leads, and its fields as drawn. `button` is the words on its button."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    button: str = ""


class Page(HTMLParser):
    """What a browser makes of a page: its words, its forms, its links, its elements."""

    def __init__(self, status: int, html: str, headers: Mapping[str, str], url: str) -> None:
        super().__init__()
        self.status, self.html, self.headers, self.url = status, html, headers, url
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self._inside = ""
        self._open: Form | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self._inside = tag
        if tag == "form":
            self._open = Form(given.get("action", ""))
            self.forms.append(self._open)
        elif tag in {"input", "textarea", "select"} and self._open is not None and "name" in given:
            self._open.fields[given["name"]] = given.get("value", "")
        elif tag == "a":
            self.links.append(given.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if tag == "form":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            return
        self.words = f"{self.words} {data.strip()}".strip() if data.strip() else self.words
        if self._inside == "button" and self._open is not None:
            self._open.button = f"{self._open.button} {data.strip()}".strip()

    def form(self, *, button: str) -> Form:
        """The form whose button says this."""
        found = [form for form in self.forms if form.button == button]
        assert found, f"no button {button!r} among {[form.button for form in self.forms]}"
        return found[0]

    def tags(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


class Visitor:
    """Somebody with a browser that runs no script."""

    def __init__(self, url: str, person: str, headers: dict[str, str]) -> None:
        self._url = url
        self.always = {"Origin": url, **headers}
        jar = aiohttp.CookieJar(unsafe=True)
        if person:
            jar.update_cookies({"tocsin_acting": person}, URL(url))
        self.session = aiohttp.ClientSession(cookie_jar=jar)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def get(self, path: str, *, follow: bool = True, **headers: str) -> Page:
        """Open a page. Header names are written with underscores."""
        sent = {name: value for name, value in self.always.items() if name != "Origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(f"{self._url}{path}", headers=sent, allow_redirects=follow) as response:
            return Page(response.status, await response.text(), response.headers, str(response.url))

    async def post(self, path: str, fields: Mapping[str, str], *, follow: bool = True, **headers: str) -> Page:
        """Send a form. Header names are written with underscores."""
        sent = self.always | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in sent.items() if value}
        request = self.session.post(f"{self._url}{path}", data=fields, headers=sent, allow_redirects=follow)
        async with request as response:
            return Page(response.status, await response.text(), response.headers, str(response.url))

    async def press(self, page: Page, button: str, **fields: str) -> Page:
        """Press a button of a page, after filling in fields."""
        form = page.form(button=button)
        return await self.post(form.action, form.fields | fields)


@asynccontextmanager
async def visiting(  # what a test may vary about the pages
    folder: Path,
    *,
    logins: Mapping[str, str] | None = None,
    public_url: str = "",
    trusted_proxies: tuple[Network, ...] = (),
    inbox: Callable[[Desk], ChatInbox] | None = None,
) -> AsyncIterator[Place]:
    """Serve the pages on loopback."""
    database = f"sqlite:///{folder / DATABASE}"
    await migrate(database)
    clock, bell = SteeredClock(StandingClock()), Bell()
    store = await open_store(database, clock, bell.ring)
    organisations = [an_organisation()]
    desk = Desk(
        tenant=DEFAULT_TENANT,
        store=store,
        clock=clock,
        organisation=lambda: organisations[-1],
        chats=("room",),
        public_url=public_url,
    )
    rooms = store.rooms(DEFAULT_TENANT)
    fake = FakeInbox()
    app = web.Application()
    public_url = public_url or "http://127.0.0.1:8080"
    gate = Gate(public_url, is_exposed=logins is not None, trusted_proxies=trusted_proxies)
    install_guards(app, gate)
    install_failures(app, gate)
    ended = EndedSessions(store.memory(DEFAULT_TENANT, "room"), clock)
    login = Login(desk, key=KEY, logins=logins, ended=ended, is_https=public_url.startswith("https://"))
    add_room_pages(
        app,
        desk=desk,
        inbox=inbox(desk) if inbox is not None else fake,
        rooms=rooms,
        bell=bell,
        login=login,
        key=KEY,
        commands=lambda: registry().commands,
    )
    server = TestServer(app)
    await server.start_server()
    try:
        chat = RoomChat(rooms, clock, desk.organisation)
        url = str(server.make_url("")).rstrip("/")
        yield Place(desk, store, rooms, chat, clock, fake, organisations, url)
    finally:
        await server.close()
        await store.close()
