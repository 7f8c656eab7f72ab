"""Telegram as people see it: a group with topics and private chats, in a Bot API server of our own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrations.chat.telegram.chat import ABILITIES
from tests.contracts.chat.world import PEOPLE, STRANGER, Gap, SeenMessage, SeenRoom, Shown, Trouble, World, Write
from tests.fakes.telegram.markup import lines, rings
from tests.fakes.telegram.methods import Params
from tests.fakes.telegram.server import TOKEN, FakeTelegram, serving
from tests.fakes.telegram.state import BOT, FORUM, Message

NUMBERS = {"amira": 1111, "omar": 2222, STRANGER: 9999}
SECRET = "a-secret-of-the-webhook"


@dataclass
class Spot:
    """Where a person did something last: the chat, the topic (None in private), and the message it was about."""

    chat: int
    topic: int | None
    about: int


class TelegramWorld:
    """See `World`. What is done outside of rooms is done in private with the bot."""

    name = "telegram"
    section: Mapping[str, Any] = {"forum": FORUM, "per_minute": 1800}
    abilities = ABILITIES
    gaps: frozenset[Gap] = frozenset()
    ways_to_be_known: tuple[str, ...] = ("telegram: 9999", "link telegram")
    accounts: Mapping[str, Any] = {name: NUMBERS[name] for name in PEOPLE}

    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake
        self._all = fake.everything
        self._spots: dict[str, Spot] = {}
        self._updates: dict[str, Any] = {}
        self._buttons: dict[tuple[str, str], str] = {}
        self._shown: dict[str, list[Message]] = {}
        self.env: Mapping[str, str] = {
            "TOCSIN_TELEGRAM_BOT_TOKEN": TOKEN,
            "TOCSIN_TELEGRAM_API_URL": fake.url,
            "TOCSIN_TELEGRAM_WEBHOOK_SECRET": SECRET,
        }

    async def connect(self, url: str) -> None:
        """Nothing is to be noted: Tocsin tells Telegram its address itself."""

    async def rooms(self) -> Sequence[SeenRoom]:
        return [
            SeenRoom(
                id=f"{FORUM}/{topic.id}",
                name=topic.name,
                topic="",
                is_archived=topic.is_closed,
                members=self._named(topic.id),
                messages=tuple(self._seen(message) for message in self._all.in_topic(topic.id)),
                links=_links(self._all.in_topic(topic.id)),
            )
            for topic in self._all.topics.values()
        ]

    async def direct(self, person: str) -> Sequence[SeenMessage]:
        return [self._seen(message) for message in self._all.in_private(NUMBERS[person]) if message.sender == BOT]

    async def announced(self) -> Sequence[SeenMessage]:
        return [self._seen(message) for message in self._all.in_general() if message.sender == BOT]

    async def files(self, room: SeenRoom) -> Mapping[str, bytes]:
        topic = int(room.id.rpartition("/")[2])
        return dict(message.file for message in self._all.in_topic(topic) if message.file is not None)

    def trouble(self, what: Trouble, write: Write = Write.ANY, *, times: int = 1) -> None:
        self._fake.trouble(what.value, lambda method, given: _is(write, method, given), times)

    async def reached(self) -> None:
        await self._fake.hangs.wait()

    async def delete_room(self, room: SeenRoom) -> None:
        self._all.delete_topic(_topic(room))

    async def command(self, person: str, line: str, room: SeenRoom | None = None) -> Shown:
        return await self._write(person, f"/inc {line}" if room is not None else line, room)

    async def talk(self, person: str, text: str, room: SeenRoom) -> None:
        await self._write(person, text, room)

    async def press(self, person: str, message: SeenMessage, label: str) -> Shown:
        return await self._press(person, self._there(message), self._buttons[message.id, label])

    async def tap(self, person: str, message: SeenMessage, label: str) -> str:
        """Press a button and return what Telegram shows, as soon as it does."""
        return (await self._fake.people.press(person, self._there(message), self._buttons[message.id, label])).text

    async def press_late(self, person: str, message: SeenMessage, label: str) -> Shown:
        there = self._there(message)
        before = self._all.last_number
        self._fake.people.press_late(person, there, self._buttons[message.id, label])
        return await self._after(person, Spot(there.chat, there.topic, there.id), before)

    async def press_shown(self, person: str, label: str) -> Shown:
        holder = next(message for message in self._shown[person] if label in message.buttons)
        return await self._press(person, holder, holder.buttons[label])

    async def fill(self, person: str, answers: Mapping[str, str]) -> Shown:
        shown = Shown()
        while question := next((m for m in self._shown[person] if _is_question(m)), None):
            label = _label(question)
            if label not in answers:
                buttons = question.buttons
                data = buttons.get("Keep it") or buttons.get("Skip")
                assert data is not None, f"{label} has to be answered"
                shown = await self._press(person, question, data)
            elif answers[label] in question.buttons:
                shown = await self._press(person, question, question.buttons[answers[label]])
            else:
                spot = self._spots[person]
                reply_to = question.id if spot.topic is not None else None
                message = self._fake.people.write(person, answers[label], topic=spot.topic, reply_to=reply_to)
                shown = await self._after(person, Spot(spot.chat, spot.topic, message.id))
            if shown.wrong:
                return shown
        return shown

    async def again(self, person: str) -> None:
        self._fake.news.again(self._updates[person])
        await self._fake.people.handled(person, self._spots[person].chat)

    async def _write(self, person: str, text: str, room: SeenRoom | None) -> Shown:
        topic = _topic(room) if room is not None else None
        message = self._fake.people.write(person, text, topic=topic)
        return await self._after(person, Spot(message.chat, topic, message.id))

    async def _press(self, person: str, message: Message, data: str) -> Shown:
        spot = Spot(message.chat, message.topic, message.id)
        before = self._all.last_number
        toast = await self._fake.people.press(person, message, data)
        surely = next((data for label, data in message.buttons.items() if label.startswith("Yes: ")), None)
        if surely is not None and surely != data:
            return await self._press(person, message, surely)
        shown = await self._after(person, spot, before)
        return Shown("\n".join(filter(None, (toast.text, shown.text))), shown.buttons, shown.form, shown.wrong)

    async def _after(self, person: str, spot: Spot, before: int | None = None) -> Shown:
        """What came after what somebody did, once all of it was handled."""
        self._spots[person] = spot
        self._updates[person] = self._fake.people.last
        await self._fake.people.handled(person, spot.chat)
        since = spot.about if before is None else before
        new = [
            message
            for message in self._all.messages
            if message.chat == spot.chat
            and message.id > since
            and message.sender == BOT
            and message.reply_to is not None
        ]
        if spot.topic is None:
            new = [m for m in self._all.messages if m.chat == spot.chat and m.id > since and m.sender == BOT]
        new = [message for message in new if spot.topic is None or message.reply_to == spot.about]
        self._shown[person] = new
        return _shown(new)

    def _there(self, message: SeenMessage) -> Message:
        chat, number = (int(part) for part in message.id.split("/"))
        there = self._all.message(chat, number)
        assert there is not None, "the message is not there any more"
        return there

    def _seen(self, message: Message) -> SeenMessage:
        name = f"{message.chat}/{message.id}"
        for label, data in message.buttons.items():
            self._buttons[name, label] = data
        return SeenMessage(name, message.text, rings(message.parts), tuple(message.buttons), message.is_pinned)

    def _named(self, topic: int) -> frozenset[str]:
        links = {part.href for message in self._all.in_topic(topic) for part in message.parts}
        return frozenset(name for name in PEOPLE if f"tg://user?id={NUMBERS[name]}" in links)


def _topic(room: SeenRoom) -> int:
    return int(room.id.partition("/")[2])


def _is(write: Write, method: str, given: Params) -> bool:
    match write:
        case Write.OPEN:
            return method == "createForumTopic"
        case Write.POST:
            return method == "sendMessage" and "message_thread_id" in given
        case Write.PIN:
            return method == "pinChatMessage"
        case Write.TOPIC | Write.LINK:
            return False
        case Write.DIRECT:
            return method == "sendMessage" and given["chat_id"] > 0
        case Write.ANY:
            return method in {"createForumTopic", "sendMessage", "editMessageText", "pinChatMessage", "closeForumTopic"}


def _links(messages: Sequence[Message]) -> tuple[str, ...]:
    """Return the addresses in pinned messages: those are at hand."""
    return tuple(part.href for message in messages if message.is_pinned for part in message.parts if part.href)


def _is_question(message: Message) -> bool:
    return any(data.startswith("w.") for data in message.buttons.values())


def _label(question: Message) -> str:
    return [part.text for part in question.parts if part.tag == "b"][-1]


def _shown(messages: list[Message]) -> Shown:
    buttons = tuple(label for message in messages for label in message.buttons)
    question = next((message for message in messages if _is_question(message)), None)
    if question is None:
        return Shown("\n".join(message.text for message in messages), buttons)
    label = _label(question)
    overview = [
        part.text
        for before, part in zip(question.parts, question.parts[1:], strict=False)
        if part.tag == "i" and before.text.rpartition("\n")[2].strip(". ").isdigit()
    ]
    wrong = [line for line in lines(question.parts).splitlines() if line.startswith("⚠️")]
    return Shown(
        question.text,
        buttons,
        tuple(overview) or (label,),
        {label: "\n".join(wrong)} if wrong else None,
    )


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[World]:
    fake = FakeTelegram()
    for name, number in NUMBERS.items():
        fake.people.join(name, number)
    async with serving(fake):
        yield TelegramWorld(fake)
