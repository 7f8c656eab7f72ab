"""Telegram's adapter, with the real client, against a Bot API server of our own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.config.settings import Settings
from bot.domain.access import Access
from bot.domain.organisation import Account, Organisation, Person
from bot.ports.chat import Answer, Receipt
from bot.ports.chat import ChatEffect as Effect
from bot.ports.chat_updates import HandlesUpdates, Update
from bot.wording.speech import Speech
from integrations.chat.kind import ChatHost, MenuEntry
from integrations.chat.telegram import CHAT
from integrations.chat.telegram.chat import TelegramChat
from tests.config.files import CHATS, file_saying
from tests.fakes.chat_inbox import FakeInbox
from tests.fakes.chat_memory import FakeChatMemory, FakeLinking, FakeUpdates
from tests.fakes.room_memory import FakeRoomMemory
from tests.fakes.telegram.server import TOKEN, FakeTelegram, serving
from tests.fakes.telegram.state import FORUM, Message

AMIRA = Account("telegram", "", "1111")
OMAR = Account("telegram", "", "2222")
SECRET = "a-secret-of-the-webhook"


class StillClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


PEOPLE = (
    Person("p1", "amira", Access.ADMIN, "UTC", accounts=(AMIRA,)),
    Person("p2", "omar", Access.RESPONDER, "UTC", accounts=(OMAR,)),
    Person("p3", "lena", Access.RESPONDER, "UTC"),
)
ORG = Organisation("Acme AI", "UTC", PEOPLE)
MENU = (
    MenuEntry("ack", "Say that you have it.", ("acknowledge",)),
    MenuEntry("resolve", "Say that it is over."),
    MenuEntry("cancel", "Say that it was none."),
    MenuEntry("note", "Write something down."),
    MenuEntry("page", "Call somebody."),
)


@dataclass
class Desk:
    """The adapter at work. `handled` are the updates that were handled, in order."""

    fake: FakeTelegram
    clock: StillClock = field(default_factory=StillClock)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    updates: FakeUpdates = field(default_factory=FakeUpdates)
    denials: list[str] = field(default_factory=list)
    per_minute: int = 1800
    forum: int | None = FORUM
    secret: str | None = None

    def __post_init__(self) -> None:
        self.memory = FakeChatMemory(self.clock)
        self.linking = FakeLinking(ORG)
        self.linking.tokens["the-token"] = PEOPLE[2]
        self._stack = AsyncExitStack()
        self._chat: TelegramChat | None = None

    @property
    def chat(self) -> TelegramChat:
        assert self._chat is not None
        return self._chat

    @property
    def settings(self) -> Settings:
        env = {"TOCSIN_TELEGRAM_BOT_TOKEN": TOKEN, "TOCSIN_TELEGRAM_API_URL": self.fake.url}
        if self.secret is not None:
            env["TOCSIN_TELEGRAM_WEBHOOK_SECRET"] = self.secret
        return Settings.from_environment(env, CHATS)

    async def start(self) -> None:
        """Open the adapter, as after a restart: nothing but memory is kept."""
        await self.stop()
        self._stack = AsyncExitStack()
        chat = await self._stack.enter_async_context(CHAT.open(self.settings, self._host()))
        assert isinstance(chat, TelegramChat)
        assert isinstance(chat, HandlesUpdates)
        self._chat = chat

    async def stop(self) -> None:
        await self._stack.aclose()

    async def perform(self, effect: Effect, key: str = "k") -> Receipt:
        return await self.chat.perform(effect, key=key)

    async def handle(self) -> None:
        """Handle what happened last."""
        body = self.fake.people.last
        await self.chat.handle(Update("telegram", "", str(body["update_id"]), body, self.clock.now()), self.inbox)

    async def hears(self, name: str, text: str, **where: int) -> Message:
        """Let somebody write, and handle it."""
        message = self.fake.people.write(name, text, **where)
        await self.handle()
        return message

    async def feels(self, name: str, message: Message, label: str) -> str:
        """Let somebody press a button, and handle it; returns what Telegram shows."""
        press = asyncio.create_task(self.fake.people.press(name, message, message.buttons[label]))
        await asyncio.sleep(0)
        await self.handle()
        return (await press).text

    def last(self, chat: int = FORUM) -> Message:
        """The last message in a chat."""
        return [message for message in self.fake.everything.messages if message.chat == chat][-1]

    def _host(self) -> ChatHost:
        said = {"per_minute": self.per_minute, **({} if self.forum is None else {"forum": self.forum})}
        section = file_saying(telegram=said).chat

        async def denied(what: str) -> None:
            self.denials.append(what)

        return ChatHost(
            clock=self.clock,
            organisation=lambda: ORG,
            section=lambda: section,
            speech=lambda person: Speech(ORG, person),
            linking=self.linking,
            memory=self.memory,
            updates=self.updates,
            rooms=FakeRoomMemory(),
            public_url="https://tocsin.example",
            menu=lambda: MENU,
            denied=denied,
            address=lambda request: request.remote or "",
        )

    def app(self) -> web.Application:
        """The doors that the adapter declares."""
        app = web.Application()
        app.add_routes(self.chat.routes(self.inbox))
        return app


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    fake = FakeTelegram()
    fake.people.join("amira", 1111)
    fake.people.join("omar", 2222)
    fake.people.join("lena", 3333, has_started=False)
    async with serving(fake):
        yield fake


@pytest.fixture
async def desk(telegram: FakeTelegram) -> AsyncIterator[Desk]:
    desk = Desk(telegram)
    await desk.start()
    yield desk
    await desk.stop()


def answering(by_verb: dict[str, Answer]) -> FakeInbox:
    return FakeInbox(lambda line: by_verb.get(line.text.partition(" ")[0], Answer(ok=True, text=f"did {line.text}")))
