"""What people write in Telegram is a command, an answer or talk; each is taken once, and answered where it was written."""

from typing import Any

import pytest

from bot.domain.cards import Button, Card
from bot.domain.forms import Form, Question
from bot.ports import chat as ask
from bot.ports.chat import Answer, Done, RoomRef
from bot.ports.chat_updates import NotYet
from tests.fakes.telegram.state import FORUM
from tests.integrations.chat.telegram.conftest import AMIRA, Desk, answering


async def topic(desk: Desk, key: str = "open") -> int:
    receipt = await desk.perform(ask.OpenRoom("inc-1-gpu", private=False), key)
    assert isinstance(receipt, Done)
    assert receipt.room is not None
    return int(receipt.room.thread)


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("/inc ack INC-1", "ack INC-1"),
        ("/ack INC-1", "ack INC-1"),
        ("/ack@tocsin_bot", "ack"),
        ("/ACK", "ack"),
        ("@tocsin_bot ack INC-1", "ack INC-1"),
        ("@Tocsin_Bot, who is on call?", "who is on call?"),
        ("/inc", ""),
        ("/inc@tocsin_bot resolve", "resolve"),
        ("/acknowledge", "acknowledge"),
    ],
)
async def test_in_a_topic_a_command_is_about_its_room_and_is_answered_there(
    desk: Desk, written: str, taken: str
) -> None:
    number = await topic(desk)

    message = await desk.hears("amira", written, topic=number)

    (line,) = desk.inbox.carried_out
    assert line.text == taken
    assert line.account == AMIRA
    assert line.room == RoomRef("telegram", "", str(FORUM), str(number))
    assert desk.last().text == f"did {taken}".strip()
    assert (desk.last().topic, desk.last().reply_to) == (number, message.id)


async def test_in_private_every_line_is_a_command(desk: Desk) -> None:
    await desk.hears("amira", "ack INC-1")

    (line,) = desk.inbox.carried_out
    assert (line.text, line.room) == ("ack INC-1", None)
    assert desk.last(1111).text == "did ack INC-1"


@pytest.mark.parametrize("written", ["/ack@another_bot", "/roll 6", "/path/to/file", "half /ack"])
async def test_what_is_meant_for_another_bot_or_nobody_is_no_command(desk: Desk, written: str) -> None:
    number = await topic(desk)

    await desk.hears("amira", written, topic=number)

    assert desk.inbox.carried_out == []
    assert desk.last().sender == 1111


async def test_talk_in_a_topic_is_overheard_and_talk_elsewhere_is_not(desk: Desk) -> None:
    number = await topic(desk)

    await desk.hears("omar", "two GPUs left the pool", topic=number)
    await desk.hears("omar", "lunch?", topic=0)

    assert [line.text for line in desk.inbox.heard] == ["two GPUs left the pool"]
    assert desk.inbox.carried_out == []


async def test_somebody_who_was_picked_from_the_list_is_called_by_their_name_here(desk: Desk) -> None:
    number = await topic(desk)
    entity = {"type": "text_mention", "offset": 13, "length": 6, "user": {"id": 2222, "is_bot": False}}

    desk.fake.people.write("amira", "/assign lead 😀😀", topic=number)
    desk.fake.people.write("amira", "/inc page 😀 Omar K and more", topic=number, entities=[entity])
    await desk.handle()

    assert desk.inbox.carried_out[-1].text == "page 😀 @omar and more"


async def test_a_bot_a_hidden_administrator_and_another_group_are_not_listened_to(desk: Desk) -> None:
    number = await topic(desk)
    bot: dict[str, Any] = {"from": {"id": 5, "is_bot": True, "first_name": "Other"}}
    desk.fake.people.write("amira", "/ack", topic=number, **bot)
    await desk.handle()
    desk.fake.people.write("amira", "/ack", topic=number, sender_chat={"id": FORUM}, **bot)
    await desk.handle()
    assert "Remain anonymous" in desk.last().text
    desk.forum = -5
    await desk.start()

    await desk.hears("amira", "/ack", topic=number)
    await desk.hears("amira", "/inc ack", topic=number)

    assert "only in its own group" in desk.last().text
    assert desk.inbox.carried_out == desk.inbox.heard == []


async def test_an_update_that_is_handled_again_is_neither_done_nor_answered_twice(desk: Desk) -> None:
    await desk.hears("amira", "ack INC-1")
    await desk.start()
    await desk.handle()

    assert len(desk.inbox.carried_out) == 1
    assert [message.text for message in desk.fake.everything.in_private(1111)] == ["ack INC-1", "did ack INC-1"]


async def test_an_answer_that_could_not_be_written_is_written_when_the_update_is_handled_again(desk: Desk) -> None:
    desk.fake.trouble("broken", lambda method, _: method == "sendMessage")
    with pytest.raises(Exception, match="did not answer"):
        await desk.hears("amira", "ack INC-1")

    await desk.handle()

    assert len(desk.inbox.carried_out) == 1
    assert desk.last(1111).text == "did ack INC-1"


async def test_an_answer_that_the_group_does_not_take_now_is_given_in_private(desk: Desk) -> None:
    number = await topic(desk)
    desk.fake.retry_seconds = 30
    desk.fake.trouble("limited", lambda method, given: method == "sendMessage" and given["chat_id"] == FORUM)

    await desk.hears("amira", "/inc list", topic=number)

    assert desk.last(1111).text == "did list"
    assert len(desk.inbox.carried_out) == 1


async def test_a_form_that_the_group_does_not_take_now_is_asked_in_private(desk: Desk) -> None:
    number = await topic(desk)
    form = Form("Follow-up", "followup INC-1", (Question("text", "What?"), Question("due", "When?")), "Remember it")
    desk.inbox = answering({"followup": Answer(ok=True, text=form.title, form=form)})
    desk.fake.retry_seconds = 30
    desk.fake.trouble("limited", lambda method, given: method == "sendMessage" and given["chat_id"] == FORUM, times=9)

    await desk.hears("amira", "/inc followup", topic=number)
    assert "What?" in desk.last(1111).text
    await desk.hears("amira", "Raise it")
    await desk.hears("amira", "in 2h")

    assert desk.inbox.carried_out[-1].text == 'followup INC-1 --text "Raise it" --due "in 2h"'


async def test_what_neither_the_group_nor_a_private_chat_takes_now_comes_after_the_wait(desk: Desk) -> None:
    number = await topic(desk)
    desk.fake.everything.people["amira"].has_started = False
    desk.fake.retry_seconds = 30
    desk.fake.trouble("limited", lambda method, _: method == "sendMessage")

    with pytest.raises(NotYet) as waiting:
        await desk.hears("amira", "/inc list", topic=number)
    assert waiting.value.delay.total_seconds() == 30
    desk.clock.forward(seconds=31)
    await desk.start()
    await desk.handle()

    assert desk.last().text == "did list"
    assert len(desk.inbox.carried_out) == 1


async def test_what_the_topic_is_told_anyway_is_not_said_twice(desk: Desk) -> None:
    number = await topic(desk)
    desk.inbox = answering({"note": Answer(ok=True, text="Noted in INC-1.", is_told=True)})

    written = await desk.hears("amira", "/note hello", topic=number)
    assert desk.last() == written
    assert written.sign == "👍"
    desk.fake.trouble("broken", lambda method, _: method == "setMessageReaction")
    assert await desk.hears("amira", "/note once more", topic=number) == desk.last()


async def test_a_long_answer_comes_in_parts_and_is_folded_in_the_group(desk: Desk) -> None:
    words = "\n".join(f"line {number} <of> many" for number in range(600))
    desk.inbox = answering({"help": Answer(ok=True, text=words)})
    await desk.hears("amira", "help")

    said = [message for message in desk.fake.everything.in_private(1111) if message.sender != 1111]
    assert len(said) > 1
    assert "\n".join(message.text for message in said) == words
    number = await topic(desk)
    await desk.hears("amira", "/inc help", topic=number)
    assert {part.tag for part in desk.last().parts} == {"blockquote"}


async def test_an_answer_with_a_card_shows_the_card_and_its_buttons(desk: Desk) -> None:
    card = Card("Which one?", "Which one?", body="INC-1\nINC-2", actions=(Button("INC-1", "ack INC-1"),))
    desk.inbox = answering({"ack": Answer(ok=False, text="Which one?\nINC-1\nINC-2", card=card)})

    await desk.hears("amira", "ack")

    assert desk.last(1111).text == "Which one?\nINC-1\nINC-2"
    assert await desk.feels("amira", desk.last(1111), "INC-1") != ""
    assert desk.inbox.carried_out[-1].text == "ack INC-1"


async def test_a_link_that_is_opened_joins_the_account_to_its_person_once(desk: Desk) -> None:
    assert desk.chat.invitation("the-token") is None  # nobody has told who the bot is
    await desk.hears("amira", "list")
    address = desk.chat.invitation("the-token")
    assert address == "https://t.me/tocsin_bot?start=the-token"

    desk.fake.people.open_link("lena", address)
    await desk.handle()
    assert desk.last(3333).text.startswith("Hello lena.")
    await desk.handle()
    desk.fake.people.join("thief", 4444)
    desk.fake.people.open_link("thief", address)
    await desk.handle()

    assert {account.user: person.name for account, person in desk.linking.linked.items()} == {"3333": "lena"}
    assert "used already" in desk.last(4444).text
    assert "telegram: 4444" in desk.last(4444).text
    assert len(desk.fake.made("getMe")) == 1


async def test_a_stranger_who_presses_start_is_told_how_to_be_known(desk: Desk) -> None:
    await desk.hears("lena", "/start")

    assert "telegram: 3333" in desk.last(3333).text
    await desk.hears("amira", "/start")
    assert desk.last(1111).text.startswith("Hello amira.")
    assert desk.inbox.carried_out == []


async def test_a_topic_that_telegram_made_without_telling_us_is_closed_when_somebody_writes_there(desk: Desk) -> None:
    desk.fake.trouble("dropped", lambda method, _: method == "createForumTopic")
    lost = await desk.perform(ask.OpenRoom("inc-1-gpu", private=False), "open")
    assert not isinstance(lost, Done)
    kept = await topic(desk)
    (stray,) = desk.fake.everything.topics.keys() - {kept}

    await desk.hears("amira", "anybody here?", topic=stray)
    await desk.hears("amira", "I am", topic=kept)

    assert desk.fake.everything.topics[stray].is_closed
    assert not desk.fake.everything.topics[kept].is_closed
    assert f"https://t.me/c/1234567890/{kept}" in desk.fake.everything.in_topic(stray)[-1].text
    assert [line.text for line in desk.inbox.heard] == ["I am"]


@pytest.mark.parametrize(
    "body",
    [
        {"update_id": 1},
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {"message_id": 1}},
        {"update_id": 1, "message": {"chat": {"id": "x"}, "from": {}, "message_id": "y", "text": 5}},
        {"update_id": 1, "callback_query": {"id": "1", "from": {"id": 1}}},
        {"update_id": 1, "callback_query": []},
        {"update_id": 1, "edited_message": {"message_id": 1, "chat": {"id": 1}, "text": "/ack"}},
        {"update_id": 1, "poll_answer": {"poll_id": "1"}},
        {"update_id": 1, "message": {"chat": {"id": 1, "type": "private"}, "from": {"id": 1}, "message_id": 1}},
        {
            "update_id": 1,
            "message": {"chat": {"id": FORUM}, "message_id": 1, "from": {"id": 1}, "migrate_to_chat_id": -9},
        },
    ],
)
async def test_what_is_no_news_to_us_is_let_be(desk: Desk, body: dict[str, object]) -> None:
    desk.fake.people.last = body

    await desk.handle()

    assert desk.inbox.heard == []
    assert [line.text for line in desk.inbox.carried_out] in ([], [""])
