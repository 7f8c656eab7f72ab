"""A form is asked one question at a time, goes on after a restart, and is carried out once."""

import pytest

from bot.domain.forms import Check, Form, Option, Question, QuestionKind
from bot.ports import chat as ask
from bot.ports.chat import Answer, Done, Incoming
from tests.fakes.chat_inbox import FakeInbox
from tests.fakes.telegram.state import Message
from tests.integrations.chat.telegram.conftest import Desk

FORM = Form(
    title="Follow-up of INC-1",
    command="followup INC-1",
    questions=(
        Question("text", "What is to be done?", QuestionKind.PARAGRAPH),
        Question("due", "By when?", hint="Such as in 2h.", check=Check.WHEN),
        Question(
            "owner",
            "Who does it?",
            QuestionKind.CHOICE,
            required=False,
            options=(Option("p1", "amira"), Option("p2", "omar")),
            value="p1",
        ),
    ),
    submit="Remember it",
)


def answer(line: Incoming) -> Answer:
    if line.text == "followup":
        return Answer(ok=True, text=FORM.title, form=FORM)
    if "hell" in line.text:
        return Answer(ok=False, text="no", errors=(("due", "“when hell freezes” is no time."),))
    return Answer(ok=True, text=f"done: {line.text}")


async def asked(desk: Desk, topic: int | None = None) -> Message:
    desk.inbox = FakeInbox(answer)
    where = {} if topic is None else {"topic": topic}
    await desk.hears("amira", "/inc followup", **where)
    return desk.last() if topic else desk.last(1111)


async def test_questions_come_one_by_one_and_the_answers_are_a_command(desk: Desk) -> None:
    question = await asked(desk)
    assert "1 of 3" in question.text
    assert "By when?" in question.text
    assert list(question.buttons) == ["Cancel"]

    await desk.hears("amira", 'Raise the "threshold"\nsoon')
    assert "Such as in 2h." in desk.last(1111).text
    assert question.buttons == {}
    await desk.hears("amira", "in 2h")
    assert "So far: amira" in desk.last(1111).text
    assert list(desk.last(1111).buttons) == ["amira", "omar", "Back", "Keep it", "Skip", "Cancel"]
    await desk.feels("amira", desk.last(1111), "omar")

    line = 'followup INC-1 --text "Raise the \\"threshold\\"\nsoon" --due "in 2h" --owner "p2"'
    assert desk.inbox.carried_out[-1].text == line
    assert desk.last(1111).text.startswith("done: followup")


async def test_one_may_go_back_keep_and_skip(desk: Desk) -> None:
    await asked(desk)
    await desk.hears("amira", "first")
    await desk.feels("amira", desk.last(1111), "Back")
    assert "So far: first" in desk.last(1111).text
    await desk.hears("amira", "second")
    await desk.hears("amira", "in 2h")
    await desk.feels("amira", desk.last(1111), "Skip")

    assert desk.inbox.carried_out[-1].text == 'followup INC-1 --text "second" --due "in 2h"'


async def test_it_goes_on_after_a_restart_at_any_question_and_each_update_counts_once(desk: Desk) -> None:
    await asked(desk)
    for text in ("Raise it", "in 2h"):
        await desk.start()
        await desk.hears("amira", text)
        await desk.start()
        await desk.handle()
    questions = [message for message in desk.fake.everything.in_private(1111) if message.sender != 1111]
    assert len(questions) == 3
    await desk.start()

    await desk.feels("amira", desk.last(1111), "Keep it")
    await desk.start()
    await desk.handle()

    assert [line.text.partition(" ")[0] for line in desk.inbox.carried_out] == ["followup", "followup"]
    assert [message.text for message in desk.fake.everything.in_private(1111)].count(desk.last(1111).text) == 1


async def test_exactly_what_was_wrong_is_asked_again_with_the_reason(desk: Desk) -> None:
    await asked(desk)
    await desk.hears("amira", "Raise it")
    await desk.hears("amira", "when hell freezes")
    await desk.feels("amira", desk.last(1111), "omar")

    assert "⚠️ “when hell freezes” is no time." in desk.last(1111).text
    assert "1 of" not in desk.last(1111).text
    await desk.hears("amira", "tomorrow")

    assert desk.inbox.carried_out[-1].text == 'followup INC-1 --text "Raise it" --due "tomorrow" --owner "p2"'


async def test_an_answer_that_can_be_seen_to_be_wrong_is_asked_again_at_once(desk: Desk) -> None:
    await asked(desk)
    await desk.hears("amira", "Raise it")
    await desk.hears("amira", "some day")
    await desk.handle()

    assert "2 of 3" in desk.last(1111).text
    assert "⚠️ “some day” is no time." in desk.last(1111).text
    await desk.hears("amira", "in 2h")
    assert "3 of 3" in desk.last(1111).text
    await desk.feels("amira", desk.last(1111), "Back")
    assert "⚠️" not in desk.last(1111).text


async def test_cancelled_is_cancelled(desk: Desk) -> None:
    question = await asked(desk)

    assert "nothing was done" in await desk.feels("amira", question, "Cancel")
    await desk.hears("amira", "list")

    assert desk.inbox.carried_out[-1].text == "list"
    assert question.buttons == {}


async def test_a_command_beside_a_form_is_a_command(desk: Desk) -> None:
    await asked(desk)
    await desk.hears("amira", "/ack INC-2")
    assert desk.inbox.carried_out[-1].text == "ack INC-2"
    await desk.hears("amira", "Raise it")

    assert "By when?" in desk.last(1111).text


@pytest.mark.parametrize(
    "line", ["ack INC-2", "Acknowledge #2", "resolve inc2 it is over", "ack", "page omar", "inc ack"]
)
async def test_in_private_a_command_that_breaks_in_on_a_form_is_carried_out_and_the_form_goes_on(
    desk: Desk, line: str
) -> None:
    question = await asked(desk)
    await desk.hears("amira", line)
    await desk.handle()

    assert [taken.text for taken in desk.inbox.carried_out] == ["followup", line]
    assert [m.text for m in desk.fake.everything.in_private(1111)[-2:]] == [f"done: {line}", desk.last(1111).text]
    assert "What is to be done?" in desk.last(1111).text
    assert question.buttons == {}
    await desk.hears("amira", "Raise it")
    assert "By when?" in desk.last(1111).text


@pytest.mark.parametrize("line", ["resolve it faster", "Page the storage team sooner", "note", "acknowledging INC-2"])
async def test_in_private_an_answer_that_begins_like_a_command_is_an_answer(desk: Desk, line: str) -> None:
    await asked(desk)
    await desk.hears("amira", line)

    assert "By when?" in desk.last(1111).text
    assert len(desk.inbox.carried_out) == 1


async def test_a_form_that_somebody_left_is_closed_after_an_hour(desk: Desk) -> None:
    await asked(desk)
    desk.clock.forward(minutes=61)
    await desk.hears("amira", "who is on call?")

    assert desk.inbox.carried_out[-1].text == "who is on call?"


async def test_an_old_question_and_somebody_elses_are_told_apart(desk: Desk) -> None:
    question = await asked(desk)
    old = Message(question.id, 1111, None, question.sender, [], keyboard=question.keyboard)
    await desk.hears("amira", "Raise it")
    await desk.feels("amira", desk.last(1111), "Back")
    stale = Message(old.id, 1111, None, old.sender, [], keyboard={"inline_keyboard": [[_as(old, "Cancel", "k")]]})

    assert "answered already" in await desk.feels("amira", stale, "old")
    assert "not yours" in await desk.feels("omar", old, "Cancel")


async def test_in_the_group_only_the_askers_replies_are_answers(desk: Desk) -> None:
    receipt = await desk.perform(ask.OpenRoom("inc-1-gpu", private=False), "open")
    assert isinstance(receipt, Done)
    assert receipt.room is not None
    topic = int(receipt.room.thread)
    question = await asked(desk, topic)
    assert "reply to this message" in question.text

    await desk.hears("amira", "I talk beside it", topic=topic)
    await desk.hears("omar", "Me too", topic=topic, reply_to=question.id)
    assert [line.text for line in desk.inbox.heard] == ["I talk beside it", "Me too"]
    await desk.hears("amira", "Raise it", topic=topic, reply_to=question.id)

    assert "By when?" in desk.last().text


def _as(message: Message, label: str, what: str) -> dict[str, str]:
    return {"text": "old", "callback_data": message.buttons[label].rpartition(".")[0] + f".{what}"}
