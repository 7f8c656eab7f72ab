"""What the built-in rooms remember: the same promises for the databases and for the fake that other tests use."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.ports.store import DEFAULT_TENANT, RoomMemory
from storage.room_memory import SqlRoomMemory
from storage.store import SqlStore
from tests.builders import MINUTE, NOW, SECOND
from tests.contracts.store.another import another
from tests.fakes.room_memory import FakeRoomMemory


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> str:
    """Give the address of a migrated database of each kind, and none for the fake."""
    match request.param:
        case "fake":
            return ""
        case "sqlite":
            url = request.getfixturevalue("migrated_sqlite_url")
        case _:
            url = request.getfixturevalue("migrated_postgres_url")
    return str(url)


@pytest.fixture
async def memory(where: str, topics: list[frozenset[str]]) -> AsyncIterator[RoomMemory]:
    """Give an empty memory; `topics` says what its commits touched."""
    if not where:
        yield FakeRoomMemory(topics.append)
        return
    async with another(where, topics=topics) as store:
        topics.clear()
        yield store.rooms(DEFAULT_TENANT)


async def a_room(memory: RoomMemory, name: str = "inc-42", *, is_private: bool = False) -> str:
    return await memory.open(f"open:{name}", name, "GPU lost", is_private=is_private, at=NOW)


async def revision(memory: RoomMemory, room: str) -> int:
    found = await memory.room(room)
    assert found is not None
    return found.revision


async def texts(memory: RoomMemory, room: str, *, after: int = 0, limit: int = 200) -> list[str]:
    found = await memory.messages(room, after_revision=after, limit=limit)
    return [message.content["text"] for message in found]


async def test_a_room_is_opened_once_for_a_key(memory: RoomMemory) -> None:
    room = await memory.open("k1", "inc-42", "GPU lost", is_private=False, at=NOW)
    assert await memory.open("k1", "another name", "", is_private=True, at=NOW) == room
    assert await memory.open("k2", "inc-43", "", is_private=False, at=NOW) != room
    found = await memory.room(room)
    assert found is not None
    assert (found.kind, found.name, found.topic, found.is_private) == ("incident", "inc-42", "GPU lost", False)
    assert (found.is_archived, found.person, found.members) == (False, None, ())


async def test_there_is_one_lobby_and_one_room_for_each_person(memory: RoomMemory) -> None:
    lobby = await memory.lobby(NOW)
    amira, omar = await memory.direct("p-amira", NOW), await memory.direct("p-omar", NOW)
    assert await memory.lobby(NOW + MINUTE) == lobby
    assert await memory.direct("p-amira", NOW + MINUTE) == amira
    assert len({lobby, amira, omar}) == 3
    found = await memory.room(amira)
    assert found is not None
    assert (found.kind, found.person, found.is_private) == ("direct", "p-amira", True)


async def test_a_key_of_a_room_is_no_other_rooms(memory: RoomMemory) -> None:
    lobby, own = await memory.lobby(NOW), await memory.direct("p-amira", NOW)
    assert await memory.open("lobby", "inc-1", "", is_private=False, at=NOW) != lobby
    assert await memory.open("direct:p-amira", "inc-2", "", is_private=False, at=NOW) != own
    assert await memory.find("direct:p-omar") is None


async def test_a_message_is_posted_once_for_a_key(memory: RoomMemory) -> None:
    room = await a_room(memory)
    message = await memory.post(room, "k1", {"text": "hello"}, NOW, author="p-amira", is_loud=True)
    assert await memory.post(room, "k1", {"text": "again"}, NOW + SECOND) == message
    [found] = await memory.messages(room)
    assert (found.id, found.room, found.author, found.content) == (message, room, "p-amira", {"text": "hello"})
    assert (found.at, found.is_loud, found.is_pinned, found.edited_at) == (NOW, True, False, None)


async def test_many_who_post_at_once_under_a_key_post_once(memory: RoomMemory) -> None:
    room = await a_room(memory)
    posted = await asyncio.gather(*(memory.post(room, "k1", {"text": "hello"}, NOW) for _ in range(10)))
    assert len(set(posted)) == 1
    assert await texts(memory, room) == ["hello"]


async def test_what_was_done_is_found_by_its_key(memory: RoomMemory) -> None:
    room = await memory.open("k1", "inc-42", "", is_private=False, at=NOW)
    message = await memory.post(room, "k2", {"text": "hello"}, NOW)
    assert await memory.find("k1") == (room, "")
    assert await memory.find("k2") == (room, message)
    assert await memory.find("k3") is None


async def test_messages_come_in_the_order_of_their_making_the_last_ones_first_kept(memory: RoomMemory) -> None:
    room = await a_room(memory)
    for number in range(5):
        await memory.post(room, f"k{number}", {"text": str(number)}, NOW)
    assert await texts(memory, room) == ["0", "1", "2", "3", "4"]
    assert await texts(memory, room, limit=2) == ["3", "4"]


async def test_what_is_new_or_changed_since_a_revision_is_told(memory: RoomMemory) -> None:
    room = await a_room(memory)
    first = await memory.post(room, "k1", {"text": "first"}, NOW)
    await memory.post(room, "k2", {"text": "second"}, NOW)
    seen = await revision(memory, room)
    assert await texts(memory, room, after=seen) == []
    await memory.post(room, "k3", {"text": "third"}, NOW)
    await memory.edit(first, {"text": "first, corrected"}, NOW + SECOND)
    assert await texts(memory, room, after=seen) == ["first, corrected", "third"]
    [edited, _] = await memory.messages(room, after_revision=seen)
    assert (edited.edited_at, edited.revision) == (NOW + SECOND, await revision(memory, room))


async def test_a_change_of_what_is_so_already_is_none(memory: RoomMemory) -> None:
    room = await a_room(memory)
    message = await memory.post(room, "k1", {"text": "hello"}, NOW)
    await memory.pin(message)
    seen = await revision(memory, room)
    await memory.edit(message, {"text": "hello"}, NOW + SECOND)
    await memory.pin(message)
    assert await revision(memory, room) == seen
    [found] = await memory.messages(room)
    assert (found.is_pinned, found.edited_at) == (True, None)


async def test_a_room_is_archived_opened_again_and_given_a_topic(memory: RoomMemory) -> None:
    room = await a_room(memory)
    await memory.set_archived(room, is_archived=True)
    await memory.set_topic(room, "resolved")
    found = await memory.room(room)
    assert found is not None
    assert (found.is_archived, found.topic) == (True, "resolved")
    await memory.set_archived(room, is_archived=False)
    again = await memory.room(room)
    assert again is not None
    assert not again.is_archived
    assert again.revision > found.revision


async def test_members_are_added_once(memory: RoomMemory) -> None:
    room = await a_room(memory)
    await memory.invite(room, ["p-omar", "p-amira"])
    await memory.invite(room, ["p-lina", "p-omar", "p-lina"])
    found = await memory.room(room)
    assert found is not None
    assert sorted(found.members) == ["p-amira", "p-lina", "p-omar"]


async def test_people_enter_open_rooms_their_own_and_private_ones_they_are_in(memory: RoomMemory) -> None:
    lobby, own, other = await memory.lobby(NOW), await memory.direct("p-omar", NOW), await memory.direct("p-lina", NOW)
    open_room = await a_room(memory, "open")
    private, theirs = await a_room(memory, "secret", is_private=True), await a_room(memory, "theirs", is_private=True)
    await memory.invite(theirs, ["p-omar"])
    entered = {room.id: room for room in await memory.rooms("p-omar", sees_all=False)}
    assert set(entered) == {lobby, own, open_room, theirs}
    assert entered[theirs].members == ("p-omar",)
    assert {room.id for room in await memory.rooms("p-omar", sees_all=True)} == {*entered, private}
    assert other not in {room.id for room in await memory.rooms("p-omar", sees_all=True)}


async def test_what_is_not_there_is_a_lookup_error(memory: RoomMemory) -> None:
    with pytest.raises(LookupError, match="no room r-none"):
        await memory.post("r-none", "k1", {"text": "hello"}, NOW)
    with pytest.raises(LookupError, match="no room"):
        await memory.set_topic("r-none", "topic")
    with pytest.raises(LookupError, match="no message m-none"):
        await memory.edit("m-none", {"text": "hello"}, NOW)
    with pytest.raises(LookupError, match="no message"):
        await memory.pin("m-none")
    assert await memory.room("r-none") is None
    assert await memory.find("k1") is None


async def test_every_change_says_what_it_touched(memory: RoomMemory, topics: list[frozenset[str]]) -> None:
    room = await a_room(memory)
    message = await memory.post(room, "k1", {"text": "hello"}, NOW)
    await memory.pin(message)
    await memory.set_topic(room, "topic")
    of_room = f"room:{room}"
    assert topics == [{"rooms", of_room}, {of_room}, {of_room}, {"rooms", of_room}]


async def test_tenants_do_not_see_one_another(store: SqlStore) -> None:
    await store.add_tenant("another", NOW)
    ours, theirs = SqlRoomMemory(store.database, DEFAULT_TENANT), SqlRoomMemory(store.database, "another")
    room = await a_room(ours)
    message = await ours.post(room, "k1", {"text": "hello"}, NOW)
    assert await theirs.room(room) is None
    assert await theirs.messages(room) == []
    assert await theirs.rooms("p-amira", sees_all=True) == []
    assert await theirs.find("k1") is None
    with pytest.raises(LookupError):
        await theirs.pin(message)


async def test_whoever_has_seen_a_revision_has_seen_all_before_it(store: SqlStore, migrated_url: str) -> None:
    ours = store.rooms(DEFAULT_TENANT)
    room = await a_room(ours)
    async with another(migrated_url) as second:
        memories = [ours, second.rooms(DEFAULT_TENANT)]
        await asyncio.gather(*(memories[n % 2].post(room, f"k{n}", {"text": str(n)}, NOW) for n in range(40)))
        seen = await ours.messages(room)
    assert sorted(message.revision for message in seen) == list(range(1, 41))
    assert [message.seq for message in seen] == sorted(message.seq for message in seen)


async def test_what_was_said_survives_a_start(migrated_url: str) -> None:
    async with another(migrated_url) as store:
        room = await a_room(store.rooms(DEFAULT_TENANT))
        await store.rooms(DEFAULT_TENANT).post(room, "k1", {"text": "it was NUL\0 here"}, NOW)
    async with another(migrated_url) as store:
        assert await texts(store.rooms(DEFAULT_TENANT), room) == ["it was NUL? here"]
