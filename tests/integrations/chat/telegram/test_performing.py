"""What Tocsin asks of Telegram happens there, or its receipt says why not and what helps."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.domain.cards import Button, Card, Field, Tone
from bot.domain.organisation import Account
from bot.ports import chat as ask
from bot.ports.chat import Done, Failed, Gone, Link, MessageRef, Receipt, RetryAfter, RoomRef, Unknown
from tests.fakes.telegram.server import TOKEN
from tests.fakes.telegram.state import FORUM
from tests.integrations.chat.telegram.conftest import AMIRA, OMAR, Desk

CARD = Card(
    title="SEV2 · INC-1 · GPU lost",
    fallback="SEV2 INC-1",
    tone=Tone.ALARM,
    fields=(Field("Status", "triage"),),
    body="• <b>bold</b> & more",
    actions=(
        Button("Acknowledge", "ack INC-1", version=3),
        Button("Resolve", "resolve INC-1", confirm="Really?", version=3),
    ),
)


async def opened(desk: Desk, key: str = "open") -> RoomRef:
    receipt = await desk.perform(ask.OpenRoom("inc-1-gpu", private=False), key)
    assert isinstance(receipt, Done)
    assert receipt.room is not None
    return receipt.room


def topic_of(room: RoomRef) -> int:
    assert room.room == str(FORUM)
    return int(room.thread)


def message_of(receipt: Receipt) -> MessageRef:
    assert isinstance(receipt, Done)
    assert receipt.message is not None
    return receipt.message


async def test_a_room_is_a_topic_and_its_card_ends_with_the_address_to_keep_at_hand(desk: Desk) -> None:
    receipt = await desk.perform(ask.OpenRoom("x" * 200, private=False))

    assert isinstance(receipt, Done)
    assert receipt.room is not None
    topic = desk.fake.everything.topics[topic_of(receipt.room)]
    assert len(topic.name) == 128

    link = ask.KeepLink(receipt.room, Link("The <incident>", 'https://r.example/?a=1&b="'))
    assert await desk.perform(link, "link") == Done(receipt.room)
    assert desk.fake.everything.in_topic(topic.id) == []
    posted = await desk.perform(ask.Post(receipt.room, Card("INC-1", body="long " * 1000, fallback="")), "k:card")
    await desk.perform(ask.Post(receipt.room, "it smells"), "said")

    card, said = desk.fake.everything.in_topic(topic.id)
    for title in ("INC-1", "INC-1 again"):
        assert card.text.startswith(title)
        assert card.text.endswith("The <incident>")
        assert [part.href for part in card.parts if part.href] == [link.link.url]
        await desk.perform(ask.Edit(message_of(posted), Card("INC-1 again", body="long " * 1000, fallback="")))
    assert said.text == "it smells"


async def test_a_private_incident_gets_no_topic_that_everyone_could_read(desk: Desk) -> None:
    receipt = await desk.perform(ask.OpenRoom("inc-1-private", private=True))

    assert isinstance(receipt, Failed)
    assert desk.fake.calls == []


async def test_a_closed_topic_is_opened_again_and_one_that_is_open_is_no_error(desk: Desk) -> None:
    room = await opened(desk)
    again = ask.OpenRoom("inc-1-gpu", private=False, reopen=room)

    assert await desk.perform(ask.Archive(room)) == Done(room)
    assert await desk.perform(ask.Archive(room)) == Done(room)
    assert desk.fake.everything.topics[topic_of(room)].is_closed
    assert await desk.perform(again) == Done(room)
    assert await desk.perform(again) == Done(room)
    assert not desk.fake.everything.topics[topic_of(room)].is_closed


async def test_a_deleted_topic_is_told_so_that_another_one_is_opened(desk: Desk) -> None:
    room = await opened(desk)
    card = message_of(await desk.perform(ask.Post(room, CARD), "card"))
    desk.fake.everything.delete_topic(topic_of(room))

    for effect in (ask.Post(room, "hello"), ask.Edit(card, "new"), ask.OpenRoom("x", private=False, reopen=room)):
        receipt = await desk.perform(effect)
        assert isinstance(receipt, Gone)
        assert receipt.room == room
    assert await desk.perform(ask.Archive(room)) == Done(room)


async def test_a_card_is_shown_as_it_is_and_drawn_again_in_place(desk: Desk) -> None:
    room = await opened(desk)
    card = message_of(await desk.perform(ask.Post(room, CARD), "1:card"))
    assert await desk.perform(ask.Pin(card)) == Done(room, card)

    message = desk.last()
    assert message.text == "🔴 Needs somebody\nSEV2 · INC-1 · GPU lost\nStatus\ntriage\n• <b>bold</b> & more"
    assert list(message.buttons) == ["Acknowledge", "Resolve"]
    assert message.is_pinned
    assert await desk.perform(ask.Edit(card, CARD)) == Done(room, card)
    assert await desk.perform(ask.Edit(card, CARD)) == Done(room, card)
    assert await desk.perform(ask.Edit(card, "over")) == Done(room, card)
    assert message.text == "over"
    assert message.buttons == {}


async def test_a_card_that_is_drawn_again_and_again_is_remembered_once(desk: Desk) -> None:
    room = await opened(desk)
    card = message_of(await desk.perform(ask.Post(room, CARD)))
    before = len(desk.memory.of_kind("button"))

    for version in range(4, 12):
        actions = tuple(Button(b.label, b.command, b.weight, b.confirm, version) for b in CARD.actions)
        await desk.perform(ask.Edit(card, Card(f"v{version}", "", actions=actions)))

    assert len(desk.memory.of_kind("button")) == before == 2
    assert all(len(data.encode()) <= 64 for data in desk.last().buttons.values())


async def test_a_card_that_somebody_deleted_is_written_anew(desk: Desk) -> None:
    room = await opened(desk)
    card = message_of(await desk.perform(ask.Post(room, CARD)))
    desk.fake.everything.messages.pop()

    again = message_of(await desk.perform(ask.Edit(card, CARD)))

    assert again != card
    assert desk.last().text.startswith("🔴 Needs somebody")


async def test_only_what_is_loud_makes_a_sound_and_a_call_always_does(desk: Desk) -> None:
    room = await opened(desk)

    await desk.perform(ask.Post(room, "quiet"))
    assert desk.last().is_silent
    await desk.perform(ask.Post(room, "loud", loud=True))
    assert not desk.last().is_silent
    await desk.perform(ask.Direct(AMIRA, CARD, is_page=True))
    assert not desk.last(1111).is_silent
    assert "Acknowledge" in desk.last(1111).buttons


async def test_who_never_pressed_start_cannot_be_called_and_the_remedy_is_told(desk: Desk) -> None:
    for user in ("3333", "4444"):
        receipt = await desk.perform(ask.Direct(Account("telegram", "", user), CARD, is_page=True))
        assert isinstance(receipt, Failed)
        assert "link telegram" in receipt.reason


async def test_announcements_stand_in_general_also_where_it_is_closed(desk: Desk) -> None:
    desk.fake.everything.is_general_closed = True

    message_of(await desk.perform(ask.Announce("INC-1 opened")))

    (said,) = desk.fake.everything.in_general()
    assert said.text == "INC-1 opened"
    assert desk.fake.everything.is_general_closed
    assert all("message_thread_id" not in given for given in desk.fake.made("sendMessage"))


async def test_what_is_said_in_a_closed_topic_is_said_and_it_stays_closed(desk: Desk) -> None:
    room = await opened(desk)
    await desk.perform(ask.Archive(room))

    message_of(await desk.perform(ask.Post(room, "one more thing")))

    assert desk.last().text == "one more thing"
    assert desk.fake.everything.topics[topic_of(room)].is_closed


async def test_people_are_named_once_and_who_is_outside_gets_a_way_in(desk: Desk) -> None:
    room = await opened(desk)
    desk.fake.everything.people["omar"].is_member = False

    await desk.perform(ask.Invite(room, (AMIRA, OMAR)), "i1")
    await desk.perform(ask.Invite(room, (AMIRA,)), "i2")

    said = [
        message
        for message in desk.fake.everything.in_topic(topic_of(room))
        if "you are in this incident" in message.text
    ]
    assert len(said) == 1
    assert [part.href for part in said[0].parts if part.href] == [
        "tg://user?id=1111",
        "tg://user?id=2222",
        "tg://user?id=2222",
    ]
    assert "https://t.me/+way-in-1" in said[0].text
    assert "https://t.me/+way-in-1" in desk.last(2222).text
    another = await opened(desk, "open2")
    await desk.perform(ask.Invite(another, (OMAR,)), "i3")
    assert desk.fake.methods.links_made == 1


async def test_a_picture_is_a_photo_anything_else_a_file_and_words_stand_below(desk: Desk) -> None:
    room = await opened(desk)

    await desk.perform(ask.Upload(room, "chart.png", b"png", alt="the <queue> " * 200))
    assert desk.last().file == ("chart.png", b"png")
    assert desk.last().text.startswith("the <queue>")
    await desk.perform(ask.Upload(room, "log.txt", b"text"))
    assert desk.last().file == ("log.txt", b"text")
    assert len(desk.fake.made("sendPhoto")) == len(desk.fake.made("sendDocument")) == 1
    assert isinstance(await desk.perform(ask.Upload(room, "heap.bin", b"x" * 50_000_001)), Failed)


async def test_without_a_group_there_is_no_room_and_people_are_called_all_the_same(desk: Desk) -> None:
    desk.forum = None
    await desk.start()

    receipt = await desk.perform(ask.OpenRoom("inc-1", private=False))

    assert isinstance(receipt, Failed)
    assert "chat.telegram.forum" in receipt.reason
    message_of(await desk.perform(ask.Direct(AMIRA, "hello")))


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [("dropped", Unknown), ("broken", Unknown), ("limited", RetryAfter)],
    ids=str,
)
async def test_trouble_is_told_apart(desk: Desk, trouble: str, kind: type[Receipt]) -> None:
    desk.fake.trouble(trouble, lambda method, _: method == "sendMessage")

    receipt = await desk.perform(ask.Direct(AMIRA, "hello"), "k1")

    assert isinstance(receipt, kind)
    assert await desk.chat.find(ask.Direct(AMIRA, "hello"), key="k1") is None


async def test_a_server_that_is_not_there_has_done_nothing(desk: Desk) -> None:
    desk.fake.url = "http://127.0.0.1:9"
    await desk.start()

    assert isinstance(await desk.perform(ask.Direct(AMIRA, "hello")), RetryAfter)


async def test_what_was_written_before_a_crash_is_found_by_its_key(desk: Desk) -> None:
    room = await opened(desk)
    said = await desk.perform(ask.Post(room, "hello"), "said")
    await desk.start()

    assert await desk.chat.find(ask.Post(room, "hello"), key="said") == said
    assert await desk.chat.find(ask.OpenRoom("inc-1-gpu", private=False), key="open") == Done(room)
    assert await desk.chat.find(ask.Pin(MessageRef(room, "1")), key="said") is None


async def test_a_chat_that_telegram_told_to_wait_waits_alone(desk: Desk) -> None:
    room = await opened(desk)
    desk.fake.retry_seconds = 7
    desk.fake.trouble("limited", lambda method, given: given.get("chat_id") == FORUM and method == "sendMessage")

    first, second = await desk.perform(ask.Post(room, "a")), await desk.perform(ask.Post(room, "b"))

    assert isinstance(first, RetryAfter)
    assert first.delay == timedelta(seconds=7)
    assert isinstance(second, RetryAfter)
    assert len([given for given in desk.fake.made("sendMessage") if given["text"] in {"a", "b"}]) == 1
    message_of(await desk.perform(ask.Direct(AMIRA, "hello")))


async def test_a_flood_is_held_back_before_telegram_has_to(desk: Desk) -> None:
    desk.per_minute, desk.fake.keeps_limits = 20, True
    await desk.start()
    room = await opened(desk)

    receipts = await asyncio.gather(*(desk.perform(ask.Post(room, f"{n}"), f"k{n}") for n in range(25)))

    assert desk.fake.floods == 0
    assert {type(receipt) for receipt in receipts} == {Done, RetryAfter}


async def test_a_group_that_moved_is_told_with_what_to_change(desk: Desk) -> None:
    desk.fake.everything.moved_to = -1009999

    receipt = await desk.perform(ask.Announce("hello"))

    assert isinstance(receipt, Failed)
    assert "-1009999" in receipt.reason


async def test_what_is_no_room_of_telegram_fails_for_good(desk: Desk) -> None:
    assert isinstance(await desk.perform(ask.Post(RoomRef("telegram", "", "r1"), "x")), Failed)


async def test_the_token_is_nowhere_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        message_of(await desk.perform(ask.Direct(AMIRA, "hello")))
        desk.fake.trouble("dropped", lambda *_: True)
        await desk.perform(ask.Direct(AMIRA, "hello"))

    assert TOKEN.partition(":")[2] not in caplog.text
