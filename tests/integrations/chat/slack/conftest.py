"""The adapter in front of a Slack of our own, with nothing of Tocsin behind it but an inbox that answers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.config.settings import Settings
from bot.domain.cards import Card, Field
from bot.domain.forms import Form, Option, Question, QuestionKind
from bot.domain.organisation import Account, Organisation
from bot.ports.chat import Answer, ChatEffect, Done, Link, OpenRoom, Receipt, RoomRef
from bot.wording.speech import Speech
from integrations.chat.kind import ChatHost
from integrations.chat.slack.chat import SlackChat
from integrations.chat.slack.opening import opened
from tests.builders import a_person, an_organisation
from tests.config.files import CHATS, file_saying
from tests.counterparts.program import free_port
from tests.fakes.chat_inbox import FakeInbox
from tests.fakes.chat_memory import FakeChatMemory, FakeLinking, FakeUpdates
from tests.fakes.room_memory import FakeRoomMemory
from tests.fakes.slack.people import People
from tests.fakes.slack.server import Mood, SlackServer, Trouble, slack
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, TEAM, Channel, User, View

AMIRA, OMAR, STRANGER = "U0AMIRA", "U0OMAR", "U0STRANGER"
CARD = Card("SEV2 · INC-1 · Slow", "SEV2 · INC-1 · Slow – triage", fields=(Field("Status", "triage"),))
FORM = Form(
    "Change the severity of INC-1, please",
    "sev INC-1",
    (
        Question("severity", "Severity", QuestionKind.CHOICE, options=(Option("SEV1", "SEV1 – worst"),), value="SEV1"),
        Question("reason", "Why", QuestionKind.PARAGRAPH, required=False, hint="In a sentence"),
    ),
    "Change",
)
LINK = Link("INC-1 in Tocsin", "https://tocsin.example/incidents/INC-1")
OPEN = OpenRoom("inc-1-slow", private=False)


class SystemClock:
    """This machine's clock, or `ahead` of it."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Adapter:
    """The adapter, the Slack before it, and what is behind it."""

    chat: SlackChat
    server: SlackServer
    people: People
    inbox: FakeInbox
    memory: FakeChatMemory
    updates: FakeUpdates
    linking: FakeLinking
    audited: list[str]
    clock: SystemClock

    async def does(self, effect: ChatEffect, key: str = "e1") -> Done:
        """Let it carry an effect out; it must succeed."""
        receipt = await self.chat.perform(effect, key=key)
        assert isinstance(receipt, Done), receipt
        return receipt

    async def tries(self, effect: ChatEffect, key: str = "e1") -> Receipt:
        """Let it try an effect."""
        return await self.chat.perform(effect, key=key)

    async def handled(self) -> None:
        """Let it handle what is stored, as the loop does."""
        for update in self.updates.stored:
            await self.chat.handle(update, self.inbox)

    def channel(self, ref: RoomRef | None) -> Channel:
        """The channel of a room."""
        assert ref is not None
        return self.server.workspace.channels[ref.room]

    def calls(self) -> list[str]:
        """What was called since Tocsin knows itself."""
        return [name for name in self.server.names() if name != "auth.test"]


def goes_wrong(adapter: Adapter, mood: Mood, method: str) -> None:
    """Let the next call of a method go wrong."""
    adapter.server.troubles.append(Trouble(mood, frozenset({method})))


def room(channel: Channel) -> RoomRef:
    """The room that a channel is."""
    return RoomRef("slack", TEAM, channel.id)


def acme() -> Organisation:
    """Amira and Omar have accounts; lina only an address."""
    people = [
        a_person("amira", accounts=(Account("slack", "", AMIRA),)),
        a_person("omar", accounts=(Account("slack", "", OMAR),)),
        a_person("lina", accounts=(), email="lina@acme.example"),
    ]
    return replace(an_organisation(), people=tuple(people))


def settings(server: SlackServer, **more: str) -> Settings:
    """The settings by which Tocsin reaches a Slack."""
    env = {
        "TOCSIN_SLACK_BOT_TOKEN": BOT_TOKEN,
        "TOCSIN_SLACK_API_URL": server.api_url,
        **({} if "TOCSIN_SLACK_APP_TOKEN" in more else {"TOCSIN_SLACK_SIGNING_SECRET": SIGNING_SECRET}),
        **more,
    }
    return Settings.from_environment(env, CHATS)


SOCKET = {"TOCSIN_SLACK_APP_TOKEN": APP_TOKEN}
both_ways = pytest.mark.parametrize("adapter", [{}, SOCKET], ids=["http", "socket"], indirect=True)


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """Give a Slack with Amira, Omar and a stranger in it."""
    async with slack() as running:
        for user, name in ((AMIRA, "amira"), (OMAR, "omar"), (STRANGER, "stranger")):
            running.workspace.add_user(User(user, name))
        yield running


@pytest.fixture
async def adapter(server: SlackServer, request: pytest.FixtureRequest) -> AsyncIterator[Adapter]:
    """Give the adapter, reached over HTTP; with the parameter "socket" it opens a socket instead."""
    more: dict[str, str] = getattr(request, "param", {})
    clock, org, inbox = SystemClock(), acme(), FakeInbox()
    memory, updates, linking = FakeChatMemory(clock), FakeUpdates(), FakeLinking(org)
    audited: list[str] = []

    async def denied(what: str) -> None:
        audited.append(what)

    host = ChatHost(
        clock=clock,
        organisation=lambda: org,
        section=lambda: file_saying(slack={"announce": "incidents"}).chat,
        speech=lambda person: Speech(org, person),
        linking=linking,
        memory=memory,
        updates=updates,
        rooms=FakeRoomMemory(),
        public_url="http://127.0.0.1:8080",
        menu=tuple,
        denied=denied,
        address=lambda request: request.remote or "",
    )
    async with opened(settings(server, **more), host) as chat:
        app = web.Application()
        app.add_routes(chat.routes(inbox))
        running = web.AppRunner(app)
        await running.setup()
        port = free_port()
        await web.TCPSite(running, "127.0.0.1", port).start()
        people = People(server, f"http://127.0.0.1:{port}", by_socket=bool(more))
        yield Adapter(chat, server, people, inbox, memory, updates, linking, audited, clock)
        await running.cleanup()


@pytest.fixture
async def listening(adapter: Adapter) -> AsyncIterator[None]:
    """Let the adapter listen, as Tocsin lets every chat."""
    listening = asyncio.create_task(adapter.chat.listen(adapter.inbox))
    yield
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


def answering(adapter: Adapter, *answers: Answer) -> None:
    """Let the inbox give these answers, the last one for ever."""
    left = list(answers)
    adapter.inbox.answer = lambda _line: left.pop(0) if len(left) > 1 else left[0]


async def form_shown(adapter: Adapter, user: str = AMIRA) -> View:
    shown = await adapter.people.shown(user)
    view = shown["view"]
    assert isinstance(view, View)
    return view
