"""The built-in room as people see it: its pages, read and used by browsers that run no script."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from integrations.chat.room import RoomChat
from tests.contracts.chat.world import PEOPLE, STRANGER, Gap, SeenMessage, SeenRoom, Shown, Trouble, World, Write
from tests.fakes.html import Node, read_html


@dataclass
class Reader:
    """One person at their browser: what they see now, and what they sent last."""

    session: aiohttp.ClientSession
    url: str
    page: Node = field(default_factory=lambda: Node(""))
    sent: tuple[str, dict[str, str]] = ("", {})

    async def open(self, path: str) -> int:
        """Go to a page; returns the status."""
        async with self.session.get(f"{self.url}{path}") as response:
            self.page = read_html(await response.text())
            return response.status

    async def send(self, path: str, fields: dict[str, str]) -> None:
        """Send a form, confirming it where the page asks."""
        self.sent = (path, fields)
        async with self.session.post(f"{self.url}{path}", data=fields, headers={"Origin": self.url}) as response:
            self.page = read_html(await response.text())
        sheet = self.page.first("form", named="sheet")
        if sheet is not None:
            await self.send("/lines", fields_of(sheet))


class RoomWorld:
    """See `World`. Nothing that goes wrong outside can happen to it, since there is nothing outside."""

    name = RoomChat.name
    abilities = RoomChat.abilities
    gaps = frozenset(Gap)
    ways_to_be_known: tuple[str, ...] = ()
    section: Mapping[str, Any] = {}
    accounts: Mapping[str, Any] = {}
    env: Mapping[str, str] = {}

    def __init__(self) -> None:
        self._url = ""
        self._readers: dict[str, Reader] = {}
        self._buttons: dict[tuple[str, str], dict[str, str]] = {}

    async def connect(self, url: str) -> None:
        self._url = url
        for reader in self._readers.values():
            reader.url = url

    async def close(self) -> None:
        for reader in self._readers.values():
            await reader.session.close()

    async def rooms(self) -> Sequence[SeenRoom]:
        found = []
        reader = await self._reader("amira")
        async with reader.session.get(f"{self._url}/api/v1/incidents?status=all&limit=500") as response:
            incidents = (await response.json())["items"]
        for incident in reversed(incidents):
            ours = [room for room in incident["rooms"] if room["chat"] == self.name]
            found += [await self._seen(room["id"], room["name"]) for room in ours]
        return found

    async def direct(self, person: str) -> Sequence[SeenMessage]:
        return await self._beside(person, "own")

    async def announced(self) -> Sequence[SeenMessage]:
        return await self._beside("amira", "lobby")

    async def files(self, room: SeenRoom) -> Mapping[str, bytes]:
        reader = await self._reader("amira")
        await reader.open(f"/rooms/{room.id}")
        found = {}
        for link in reader.page.all("a", named="file"):
            async with reader.session.get(f"{self._url}{link.attributes['href']}") as response:
                found[link.words] = await response.read()
        return found

    def trouble(self, what: Trouble, write: Write = Write.ANY, *, times: int = 1) -> None:
        raise NotImplementedError(Gap.TROUBLE)

    async def reached(self) -> None:
        raise NotImplementedError(Gap.TROUBLE)

    async def delete_room(self, room: SeenRoom) -> None:
        raise NotImplementedError(Gap.DELETION)

    async def command(self, person: str, line: str, room: SeenRoom | None = None) -> Shown:
        return await self._type(person, f"/inc {line}", room)

    async def talk(self, person: str, text: str, room: SeenRoom) -> None:
        await self._type(person, text, room)

    async def press(self, person: str, message: SeenMessage, label: str) -> Shown:
        reader = await self._reader(person)
        await reader.send("/lines", self._buttons[message.id, label])
        return shown(reader.page)

    async def press_late(self, person: str, message: SeenMessage, label: str) -> Shown:
        raise NotImplementedError(Gap.LATENESS)

    async def press_shown(self, person: str, label: str) -> Shown:
        reader = await self._reader(person)
        box = reader.page.first(named="told")
        forms = box.all("form", named="press") if box is not None else ()
        form = next(form for form in forms if form.words == label)
        await reader.send("/lines", fields_of(form))
        return shown(reader.page)

    async def fill(self, person: str, answers: Mapping[str, str]) -> Shown:
        reader = await self._reader(person)
        form = reader.page.first("form", named="form")
        assert form is not None, f"{person} has no form to fill in"
        fields = fields_of(form)
        for question in form.all(named="question"):
            label = label_of(question)
            if label in answers:
                name, value = answered(question, answers[label])
                fields[name] = value
        await reader.send("/forms", fields)
        return shown(reader.page)

    async def again(self, person: str) -> None:
        reader = await self._reader(person)
        await reader.send(*reader.sent)

    async def _type(self, person: str, text: str, room: SeenRoom | None) -> Shown:
        reader = await self._reader(person)
        await reader.open(f"/rooms/{room.id}" if room is not None else "/")
        line = reader.page.first("form", named="line")
        assert line is not None
        await reader.send("/lines", fields_of(line) | {"text": text})
        return shown(reader.page)

    async def _reader(self, person: str) -> Reader:
        if person == STRANGER:
            raise NotImplementedError(Gap.STRANGERS)
        if person not in self._readers:
            session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
            reader = self._readers[person] = Reader(session, self._url)
            await reader.open("/")
            acting = reader.page.first("form", named="acting")
            assert acting is not None
            ids = {option.words: option.attributes["value"] for option in acting.all("option")}
            await reader.send("/acting", {"person": ids[person], "next": "/"})
        return self._readers[person]

    async def _beside(self, person: str, key: str) -> Sequence[SeenMessage]:
        reader = await self._reader(person)
        await reader.open("/")
        links = {link.attributes.get("data-key"): link.attributes["href"] for link in reader.page.all("a", named="row")}
        await reader.open(links[key])
        return self._messages(reader.page)

    async def _seen(self, room: str, name: str) -> SeenRoom:
        inside = {person for person in PEOPLE if await (await self._reader(person)).open(f"/rooms/{room}") == 200}
        reader = await self._reader("amira")
        await reader.open(f"/rooms/{room}")
        head = reader.page.first(named="head")
        assert head is not None
        marks = {mark.words for mark in head.all(named="mark")}
        return SeenRoom(room, name, head.words, "closed room" in marks, frozenset(inside), self._messages(reader.page))

    def _messages(self, page: Node) -> tuple[SeenMessage, ...]:
        """The messages of a page; their buttons stay to be pressed as they were drawn."""
        for form in page.all("form", named="press"):
            fields = fields_of(form)
            self._buttons[fields["message"], form.words] = fields
        return messages(page)


def messages(page: Node) -> tuple[SeenMessage, ...]:
    """The messages of a room's page. A pinned card stands above the others, and a stub in its place."""
    pinned = page.first(named="pinned")
    found = []
    for item in page.all("li", named="message"):
        is_pinned = item.first(named="stub") is not None
        body = pinned if is_pinned and pinned is not None else item
        buttons = tuple(form.words for form in body.all("form", named="press"))
        name = item.attributes["id"].removeprefix("m-")
        found.append(SeenMessage(name, body.words, rings(item) or rings(body), buttons, is_pinned))
    return tuple(found)


def rings(part: Node) -> bool:
    """Whether something in a part of a page does anything by itself: no words of a page can call anybody."""
    return any(part.first(tag) is not None for tag in ("script", "style", "iframe", "object", "meta"))


def shown(page: Node) -> Shown:
    """What the person alone is shown on a page."""
    box = page.first(named="told")
    if box is None:
        return Shown()
    questions = [question for form in box.all("form", named="form") for question in form.all(named="question")]
    wrong = {label_of(question): "\n".join(p.words for p in question.all("p", named="wrong")) for question in questions}
    return Shown(
        text="\n".join(part.words for part in (*box.all("p"), *box.all("article"))),
        buttons=tuple(form.words for form in box.all("form", named="press")),
        form=tuple(label_of(question) for question in questions),
        wrong={label: words for label, words in wrong.items() if words} or None,
    )


def label_of(question: Node) -> str:
    """The words of a question, without the word that it may be left out."""
    label = question.first("label")
    assert label is not None
    return " ".join(part.strip() for part in label.inside if isinstance(part, str)).strip()


def answered(question: Node, answer: str) -> tuple[str, str]:
    """The field of a question and its value; a choice is answered by what it says."""
    for tag in ("select", "textarea", "input"):
        if (box := question.first(tag)) is not None:
            choices = {option.words: option.attributes["value"] for option in box.all("option")}
            return box.attributes["name"], choices.get(answer, answer)
    raise LookupError("the question has nothing to write in")


def fields_of(form: Node) -> dict[str, str]:
    """The fields of a form as drawn."""
    fields = {box.attributes["name"]: box.attributes.get("value", "") for box in form.all("input")}
    for box in form.all("textarea"):
        text = "".join(part for part in box.inside if isinstance(part, str))
        fields[box.attributes["name"]] = text.removeprefix("\n")
    for box in form.all("select"):
        chosen = [option for option in box.all("option") if "selected" in option.attributes]
        options = chosen or list(box.all("option"))[:1]
        fields[box.attributes["name"]] = options[0].attributes["value"] if options else ""
    return fields


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[World]:
    world = RoomWorld()
    yield world
    await world.close()
