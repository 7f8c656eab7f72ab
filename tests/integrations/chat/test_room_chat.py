"""The built-in room does what a chat is asked for, once for each key."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.domain.access import Access
from bot.domain.cards import Card
from bot.domain.forms import Question
from bot.domain.organisation import Account, Organisation, Person
from bot.ports import chat as ask
from bot.ports.chat import Answer, Chat, Done, Failed, Incoming, MessageRef, Receipt, RoomRef
from bot.ports.content import Attachment, from_json
from integrations.chat.room import FILE_LIMIT_BYTES, RoomChat
from tests.fakes.room_memory import FakeRoomMemory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORG = Organisation(
    name="Acme",
    timezone="UTC",
    people=(Person("p1", "amira", Access.ADMIN, "UTC"), Person("p2", "omar", Access.RESPONDER, "UTC")),
)
AMIRA = Account("room", "", "p1")
OMAR = Account("room", "", "p2")
GONE = Account("room", "", "p9")
NOWHERE = RoomRef("room", "", "r99")


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def memory() -> FakeRoomMemory:
    return FakeRoomMemory()


@pytest.fixture
def chat(memory: FakeRoomMemory) -> Chat:
    return RoomChat(memory, StoppedClock(), lambda: ORG)


async def opened(chat: Chat) -> RoomRef:
    receipt = await chat.perform(ask.OpenRoom("inc-1-gpu", private=True), key="open")
    assert isinstance(receipt, Done)
    assert receipt.room is not None
    return receipt.room


def message_of(receipt: Receipt) -> MessageRef:
    assert isinstance(receipt, Done)
    assert receipt.message is not None
    return receipt.message


async def test_a_room_opened_twice_under_one_key_is_one_room(chat: Chat, memory: FakeRoomMemory) -> None:
    assert await opened(chat) == await opened(chat)
    assert len(await memory.rooms("p1", sees_all=True)) == 1


async def test_an_archived_room_is_opened_again_and_not_made_anew(chat: Chat, memory: FakeRoomMemory) -> None:
    room = await opened(chat)
    await chat.perform(ask.Archive(room), key="archive")
    assert await chat.find(ask.Archive(room), key="archive") == Done(room)
    again = await chat.perform(ask.OpenRoom("inc-1-gpu", private=True, reopen=room), key="reopen")
    assert again == Done(room)
    stored = await memory.room(room.room)
    assert stored is not None
    assert not stored.is_archived


async def test_a_message_posted_twice_under_one_key_is_said_once(chat: Chat, memory: FakeRoomMemory) -> None:
    room = await opened(chat)
    post = ask.Post(room, "Look at the queue", loud=True)
    first, second = await chat.perform(post, key="k"), await chat.perform(post, key="k")
    assert first == second == await chat.find(post, key="k")
    (said,) = await memory.messages(room.room)
    assert (said.content, said.is_loud, said.author) == ({"text": "Look at the queue"}, True, None)


async def test_what_was_not_posted_is_not_found(chat: Chat) -> None:
    room = await opened(chat)
    assert await chat.find(ask.Post(room, "never"), key="never") is None


async def test_a_card_is_edited_in_place_and_pinned(chat: Chat, memory: FakeRoomMemory) -> None:
    room = await opened(chat)
    message = message_of(await chat.perform(ask.Post(room, Card("old", "old")), key="card"))
    assert await chat.perform(ask.Edit(message, Card("new", "new")), key="edit") == Done(room, message)
    assert await chat.perform(ask.Pin(message), key="pin") == Done(room, message)
    (said,) = await memory.messages(room.room)
    assert from_json(said.content) == Card("new", "new")
    assert said.is_pinned


async def test_people_are_brought_in_and_those_who_left_are_passed_over(chat: Chat, memory: FakeRoomMemory) -> None:
    room = await opened(chat)
    assert await chat.perform(ask.Invite(room, (AMIRA, GONE)), key="i") == Done(room)
    assert await chat.find(ask.Invite(room, (AMIRA,)), key="i") == Done(room)
    assert await chat.find(ask.Invite(room, (OMAR,)), key="i2") is None
    stored = await memory.room(room.room)
    assert stored is not None
    assert stored.members == ("p1",)


async def test_a_topic_is_set(chat: Chat, memory: FakeRoomMemory) -> None:
    room = await opened(chat)
    topic = ask.SetTopic(room, "SEV1")
    assert await chat.find(topic, key="t") is None
    assert await chat.perform(topic, key="t") == Done(room)
    assert await chat.find(topic, key="t") == Done(room)


async def test_a_page_goes_to_the_persons_own_room_and_is_loud(chat: Chat, memory: FakeRoomMemory) -> None:
    receipt = await chat.perform(ask.Direct(OMAR, "You are called", is_page=True), key="page")
    own = await memory.room(message_of(receipt).room.room)
    assert own is not None
    assert (own.kind, own.person) == ("direct", "p2")
    (said,) = await memory.messages(own.id)
    assert said.is_loud


async def test_an_announcement_is_heard_in_the_lobby(chat: Chat, memory: FakeRoomMemory) -> None:
    message = message_of(await chat.perform(ask.Announce("INC-1 is open"), key="a"))
    assert message.room.room == await memory.lobby(NOW)


async def test_a_file_is_kept_with_its_description_but_not_a_huge_one(chat: Chat, memory: FakeRoomMemory) -> None:
    room = await opened(chat)
    await chat.perform(ask.Upload(room, "chart.png", b"\x89PNG", "Load over time"), key="u")
    (said,) = await memory.messages(room.room)
    assert from_json(said.content) == Attachment("chart.png", b"\x89PNG", "Load over time")
    refused = await chat.perform(ask.Upload(room, "heap.bin", b"0" * (FILE_LIMIT_BYTES + 1)), key="u2")
    assert isinstance(refused, Failed)
    assert "512 KiB" in refused.reason


@pytest.mark.parametrize(
    "effect",
    [
        ask.Invite(NOWHERE, (AMIRA,)),
        ask.SetTopic(NOWHERE, "t"),
        ask.Post(NOWHERE, "x"),
        ask.Edit(MessageRef(NOWHERE, "m9"), "x"),
        ask.Pin(MessageRef(NOWHERE, "m9")),
        ask.Direct(GONE, "x", is_page=True),
        ask.Upload(NOWHERE, "a", b""),
        ask.Archive(NOWHERE),
    ],
    ids=lambda effect: type(effect).__name__,
)
async def test_what_is_not_there_is_a_failure_and_never_an_exception(chat: Chat, effect: ask.ChatEffect) -> None:
    receipt = await chat.perform(effect, key="k")
    assert isinstance(receipt, Failed)
    assert receipt.reason


async def test_nobody_left_to_bring_in_is_a_failure(chat: Chat) -> None:
    assert isinstance(await chat.perform(ask.Invite(await opened(chat), (GONE,)), key="i"), Failed)


async def test_listening_lasts_until_it_is_cancelled(chat: Chat) -> None:
    class Nobody:
        async def take(self, incoming: Incoming) -> Answer:
            raise AssertionError("nobody writes here")

        async def overheard(self, incoming: Incoming) -> Answer | None:
            raise AssertionError("nobody talks here")

        async def fault(self, question: Question, answer: str, account: Account) -> str | None:
            raise AssertionError("nobody answers here")

    listening = asyncio.create_task(chat.listen(Nobody()))
    await asyncio.sleep(0)
    assert not listening.done()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
