"""Slack as people see it: a server of our own that behaves as Slack does, and people who act in it."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.wording.catalogue import SENTENCES
from integrations.chat.slack.chat import SlackChat
from tests.contracts.chat.world import PEOPLE, STRANGER, Gap, SeenMessage, SeenRoom, Shown, Trouble, World, Write
from tests.fakes.slack import kit
from tests.fakes.slack.people import Answered, People, button
from tests.fakes.slack.server import WRITES, Mood, SlackServer, slack
from tests.fakes.slack.server import Trouble as ServerTrouble
from tests.fakes.slack.workspace import BOT_TOKEN, BOT_USER, SIGNING_SECRET, Channel, Message, User, View

USERS = {"amira": "U0AMIRA", "omar": "U0OMAR", STRANGER: "U0STRANGER"}

METHODS: Mapping[Write, tuple[frozenset[str], str]] = {
    Write.OPEN: (frozenset({"conversations.create"}), ""),
    Write.POST: (frozenset({"chat.postMessage"}), "C"),
    Write.DIRECT: (frozenset({"chat.postMessage"}), "U"),
    Write.PIN: (frozenset({"pins.add"}), ""),
    Write.TOPIC: (frozenset({"conversations.setTopic"}), ""),
    Write.LINK: (frozenset({"bookmarks.add"}), ""),
    Write.ANY: (WRITES, ""),
}


class SlackWorld:
    """See `World`."""

    name = SlackChat.name
    abilities = SlackChat.abilities
    gaps: frozenset[Gap] = frozenset()
    ways_to_be_known: tuple[str, ...] = ("slack: U0STRANGER", "e-mail address")
    section: Mapping[str, Any] = {"announce": "incidents"}
    accounts: Mapping[str, Any] = {name: USERS[name] for name in PEOPLE}

    def __init__(self, server: SlackServer) -> None:
        self.server = server
        self.people = People(server)
        self.env: Mapping[str, str] = {
            "TOCSIN_SLACK_BOT_TOKEN": BOT_TOKEN,
            "TOCSIN_SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "TOCSIN_SLACK_API_URL": server.api_url,
        }
        for name, user in USERS.items():
            server.workspace.add_user(User(user, name, is_confirmed=name != STRANGER))
        self._shown: dict[str, dict[str, Any]] = {}
        self._views: dict[str, View] = {}
        self._written: dict[str, dict[str, str]] = {}

    async def connect(self, url: str) -> None:
        self.people.url = url

    async def rooms(self) -> Sequence[SeenRoom]:
        return [_room(channel) for channel in self.server.workspace.incident_channels()]

    async def direct(self, person: str) -> Sequence[SeenMessage]:
        return _messages(self.server.workspace.direct(USERS[person]))

    async def announced(self) -> Sequence[SeenMessage]:
        channel = self.server.workspace.named("incidents")
        assert channel is not None
        return _messages(channel)

    async def files(self, room: SeenRoom) -> Mapping[str, bytes]:
        workspace = self.server.workspace
        files = [file for message in workspace.channels[room.id].messages for file in message.files]
        return {file["title"]: workspace.files[file["id"]] for file in files}

    def trouble(self, what: Trouble, write: Write = Write.ANY, *, times: int = 1) -> None:
        methods, target = METHODS[write]
        self.server.troubles.append(ServerTrouble(Mood(what.value), methods, target, times))

    async def reached(self) -> None:
        await self.server.hung.wait()

    async def delete_room(self, room: SeenRoom) -> None:
        del self.server.workspace.channels[room.id]

    async def command(self, person: str, line: str, room: SeenRoom | None = None) -> Shown:
        self._forget(person)
        answered = await self.people.command(USERS[person], line, room.id if room is not None else "")
        assert answered.status == 200
        is_final = answered.body and answered.body.get("text") != SENTENCES["slack.working"]
        return self._see(person, answered.body if is_final else await self.people.shown(USERS[person]))

    async def talk(self, person: str, text: str, room: SeenRoom) -> None:
        self._forget(person)
        channel = self.server.workspace.channels[room.id]
        for answered in await self.people.say(USERS[person], text, channel):
            assert answered.status == 200

    async def press(self, person: str, message: SeenMessage, label: str) -> Shown:
        channel, written = self._find(message.id)
        return await self._press(person, {"blocks": written.blocks}, label, channel.id, message.id)

    async def press_late(self, person: str, message: SeenMessage, label: str) -> Shown:
        workspace = self.server.workspace
        in_time, workspace.trigger_seconds = workspace.trigger_seconds, -1.0
        try:
            return await self.press(person, message, label)
        finally:
            workspace.trigger_seconds = in_time

    async def press_shown(self, person: str, label: str) -> Shown:
        return await self._press(person, self._shown[person], label, "", "")

    async def fill(self, person: str, answers: Mapping[str, str]) -> Shown:
        self._forget(person)
        view = self._views[person]
        labels = {block["label"]["text"]: block["block_id"] for block in view.drawn["blocks"] if "label" in block}
        # What was written stays in the form when it is shown again with errors.
        written = self._written.setdefault(view.id, {})
        written |= {labels[label]: answer for label, answer in answers.items()}
        answered = await self.people.submit(USERS[person], view, written)
        assert answered.status == 200
        return await self._after_form(person, view, answered)

    async def again(self, person: str) -> None:
        await self.people.again(USERS[person])

    async def _press(self, person: str, shown: Mapping[str, Any], label: str, channel: str, message: str) -> Shown:
        self._forget(person)
        answered = await self.people.press(USERS[person], button(shown, label), channel, message)
        assert answered.status == 200
        return self._see(person, await self.people.shown(USERS[person]))

    async def _after_form(self, person: str, view: View, answered: Answered) -> Shown:
        match answered.body.get("response_action"):
            case "errors":
                named = {
                    block["block_id"]: block["label"]["text"] for block in view.drawn["blocks"] if "label" in block
                }
                wrong = {named[block]: said for block, said in answered.body["errors"].items()}
                return Shown(form=tuple(named.values()), wrong=wrong)
            case "update":
                return self._see(person, {"view": View(view.id, f"{view.hash}+", view.user, answered.body["view"])})
            case _:
                return self._see(person, await self.people.shown(USERS[person]))

    def _see(self, person: str, what: dict[str, Any]) -> Shown:
        view = what.get("view")
        if isinstance(view, View):
            self._views[person] = view
            blocks = view.drawn["blocks"]
            form = tuple(block["label"]["text"] for block in blocks if block["type"] == "input")
            return Shown(text=kit.read(view.drawn["title"]["text"], blocks), form=form)
        self._shown[person] = what
        blocks = what.get("blocks") or []
        labels = tuple(element["text"]["text"] for element in kit.buttons(blocks))
        return Shown(text=kit.read(what.get("text", ""), blocks), buttons=labels)

    def _forget(self, person: str) -> None:
        """Look away from what was shown before: a page may have come in."""
        queue = self.server.shown.get(USERS[person])
        while queue is not None and not queue.empty():
            queue.get_nowait()

    def _find(self, stamp: str) -> tuple[Channel, Message]:
        for channel in self.server.workspace.channels.values():
            for message in channel.messages:
                if message.ts == stamp:
                    return channel, message
        raise LookupError(f"there is no message {stamp}")


def _room(channel: Channel) -> SeenRoom:
    names = {user: name for name, user in USERS.items() if name in PEOPLE}
    members = frozenset(names[user] for user in channel.members if user in names)
    links = tuple(bookmark["link"] for bookmark in channel.bookmarks)
    return SeenRoom(channel.id, channel.name, channel.topic, channel.is_archived, members, _messages(channel), links)


def _messages(channel: Channel) -> tuple[SeenMessage, ...]:
    return tuple(
        SeenMessage(
            id=message.ts,
            text=re.sub(r"^@channel\n", "", message.words),
            rings=message.rings,
            buttons=tuple(element["text"]["text"] for element in kit.buttons(message.blocks)),
            is_pinned=message.ts in channel.pins,
        )
        for message in channel.messages
        if message.user == BOT_USER or not channel.owner
    )


@asynccontextmanager
async def open_world(_folder: Path) -> AsyncIterator[World]:
    async with slack() as server:
        yield SlackWorld(server)
