"""What is new reaches a page that is open, and goes on where it broke off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from bot.domain.access import SYSTEM
from bot.domain.cards import Button, Card
from bot.domain.incident import Status
from bot.loops import Bell
from bot.ports.store import DEFAULT_TENANT, Urgency
from handlers.web.room.stream import HEARTBEAT_SECONDS
from handlers.web.room.watch import EVERY_SECONDS, Watch
from tests.builders import NOW
from tests.fakes.room_memory import FakeRoomMemory
from tests.handlers.web.room.visiting import Place, visiting


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    id: str
    html: str


class Stream:
    """The events as they come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self, *names: str) -> Event:
        """The next event of these names; those in between are passed over."""
        async with asyncio.timeout(20):
            while True:
                event = await self._any()
                if event.name in names:
                    return event

    async def _any(self) -> Event:
        name, place, data = "", "", []
        while line := (await self.response.content.readline()).decode():
            kind, _, value = line.rstrip("\n").partition(": ")
            if kind == "event":
                name = value
            elif kind == "id":
                place = value
            elif kind == "data":
                data.append(value)
            elif not kind and name:
                return Event(name, place, "\n".join(data))
        raise EOFError("the stream ended")


@asynccontextmanager
async def streaming(
    place: Place, path: str, name: str = "amira", *, after: str = "", resume: str = ""
) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": resume} if resume else {}
    async with place.visitor(name) as visitor:
        url = f"{place.url}{path}{f'?after={after}' if after else ''}"
        async with visitor.session.get(url, headers=headers) as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/event-stream")
            yield Stream(response)


async def test_a_message_reaches_an_open_page_drawn_and_escaped(place: Place) -> None:
    room = await place.incident()
    async with streaming(place, f"/rooms/{room}/events") as stream:
        await stream.next("mark")
        await place.say(room, "1 < 2")
        event = await stream.next("message")
    assert '<li id="m-' in event.html
    assert "1 &lt; 2" in event.html


async def test_a_changed_card_comes_again_as_itself_and_as_the_pinned_one(place: Place) -> None:
    room = await place.incident()
    message = await place.say(room, Card("old", "old"), pinned=True)
    async with streaming(place, f"/rooms/{room}/events") as stream:
        await stream.next("mark")
        await place.edit(room, message, Card("new", "new", actions=(Button("Resolve", "resolve"),)))
        drawn, pinned = await stream.next("message"), await stream.next("pinned")
    assert f'id="m-{message}"' in drawn.html
    assert "new" in pinned.html
    assert "Resolve" in pinned.html


async def test_a_change_of_the_room_s_incident_shows_in_the_list_of_rooms_with_it(place: Place) -> None:
    room = await place.incident()
    async with streaming(place, f"/rooms/{room}/events") as stream:
        assert "triage" in (await stream.next("rooms")).html
        # The first look at a room rings for it, which has the list drawn again without a cause: let that be over.
        await asyncio.sleep(2 * EVERY_SECONDS)
        async with place.store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
            incident = await unit.incidents.by_number(42, SYSTEM)
            assert incident is not None
            await unit.incidents.save(replace(incident, status=Status.MITIGATED))
        await place.say(room, "The harm has stopped")
        # Without a cause, the list is looked at again after a silence only.
        async with asyncio.timeout(HEARTBEAT_SECONDS / 2):
            assert "mitigated" in (await stream.next("rooms")).html


async def test_a_page_that_lost_the_connection_gets_all_that_it_missed_and_no_more(place: Place) -> None:
    room = await place.incident()
    await place.say(room, "before")
    async with streaming(place, f"/rooms/{room}/events", after="0.0") as stream:
        assert "before" in (await stream.next("message")).html
        left_at = (await stream.next("mark")).id
    await place.say(room, "missed one")
    await place.say(room, "missed two")
    async with streaming(place, f"/rooms/{room}/events", after="0.0", resume=left_at) as stream:
        assert "missed one" in (await stream.next("message")).html
        assert "missed two" in (await stream.next("message")).html
        assert (await stream.next("message", "mark")).name == "mark"


async def test_what_broke_off_in_the_middle_of_a_batch_comes_again(place: Place) -> None:
    room = await place.incident()
    await place.say(room, "one")
    await place.say(room, "two")
    async with streaming(place, f"/rooms/{room}/events", after="0.0") as stream:
        left_at = (await stream.next("message")).id
    async with streaming(place, f"/rooms/{room}/events", resume=left_at) as stream:
        assert "one" in (await stream.next("message")).html
        assert "two" in (await stream.next("message")).html


async def test_who_missed_more_than_a_page_holds_is_told_to_load_it_anew(place: Place) -> None:
    room = await place.incident()
    await place.say(room, "seen")
    for number in range(200):
        await place.rooms.post(room, f"k{number}", {"text": "x"}, NOW)
    async with streaming(place, f"/rooms/{room}/events", after="1.0") as stream:
        assert (await stream.next("reload", "message")).name == "reload"


async def test_a_call_reaches_its_person_on_every_page_and_nobody_else(place: Place) -> None:
    room = await place.incident()
    async with (
        streaming(place, "/events", "omar") as home,
        streaming(place, f"/rooms/{room}/events", "omar") as elsewhere,
        streaming(place, "/events", "lina") as lina,
    ):
        for stream in (home, elsewhere, lina):
            await stream.next("mark")
        await place.call("p-omar", Card("Called", "You are called to INC-42", actions=(Button("Acknowledge", "ack"),)))
        for stream in (home, elsewhere):
            event = await stream.next("call")
            assert "You are called to INC-42" in event.html
            assert "Acknowledge" in event.html
        await place.call("p-lina", "Your turn")
        assert "Your turn" in (await lina.next("call")).html


async def test_the_list_of_rooms_follows_what_opens(place: Place) -> None:
    async with streaming(place, "/events") as stream:
        await stream.next("mark")
        await place.incident(title="GPU nodes vanish")
        await place.rooms.set_topic(await place.rooms.lobby(NOW), "wake up")
        event = await stream.next("rooms")
        while "GPU nodes vanish" not in event.html:
            event = await stream.next("rooms")


async def test_a_new_topic_changes_the_head(place: Place) -> None:
    room = await place.incident()
    async with streaming(place, f"/rooms/{room}/events") as stream:
        await stream.next("mark")
        await place.rooms.set_topic(room, "Look at rack 12")
        assert "Look at rack 12" in (await stream.next("head")).html


async def test_the_stream_of_somebody_who_lost_the_room_ends(place: Place) -> None:
    org = place.organisations[-1]
    room = await place.incident()
    async with streaming(place, f"/rooms/{room}/events", "omar") as stream:
        await stream.next("mark")
        place.organisations.append(replace(org, people=()))
        await place.say(room, "for those who are still here")
        async with asyncio.timeout(20):
            rest = await stream.response.content.read()
    assert b"still here" not in rest


async def test_streams_end_when_tocsin_stops(folder: Path) -> None:
    async with visiting(folder) as place:
        amira = place.visitor()
        response = await amira.session.get(f"{place.url}/events")
        await Stream(response).next("mark")
    async with asyncio.timeout(20):
        await response.content.read()
    await amira.session.close()


async def test_one_person_cannot_open_streams_without_end(place: Place) -> None:
    async with place.visitor() as amira:
        opened = [await amira.session.get(f"{place.url}/events") for _ in range(20)]
        for response in opened:
            await Stream(response).next("mark")
        refused = await amira.session.get(f"{place.url}/events")
        assert refused.status == 503
        assert refused.headers["Retry-After"] == "10"
        for response in opened:
            response.close()


async def test_a_change_by_another_replica_is_noticed_by_looking() -> None:
    memory, bell = FakeRoomMemory(), Bell()
    room = await memory.open("k", "inc-1", "", is_private=False, at=NOW)
    watch = Watch(memory, bell)
    with watch.over(room) as changed:
        await watch.look()
        changed.clear()
        await watch.look()
        assert not changed.is_set()
        await memory.post(room, "m", {"text": "from elsewhere"}, NOW)
        await watch.look()
        assert changed.is_set()
    changed.clear()
    await memory.post(room, "n", {"text": "nobody watches"}, NOW)
    await watch.look()
    assert not changed.is_set()
