"""The conversation after an incident: answered by line, by form and by talk, in any mixture and after any pause."""

from datetime import timedelta
from itertools import count

import pytest

from bot.domain.effects import AskQuestion
from bot.domain.forms import command_line
from bot.domain.postmortem import State
from bot.ports.chat import RoomRef
from handlers.router import Router
from tests.handlers.postmortems import (
    FIELDS,
    LINES,
    answer_by_line,
    answers,
    by_form,
    postmortem,
    resolved,
    talks,
    text_of,
)
from tests.handlers.talking import Talk, a_line, talking


async def questions(talk: Talk) -> list[str | None]:
    """The questions that were asked in Slack, in order."""
    effects = [effect.effect for effect in await talk.effects() if effect.chat == "slack"]
    return [effect.question for effect in effects if isinstance(effect, AskQuestion)]


async def answer_by_talk(talk: Talk, question: str) -> None:
    told = await talks(talk, "omar", LINES[question])
    assert told is not None
    assert told.ok, told.text


async def answer_by_form(talk: Talk, question: str) -> None:
    told = await by_form(talk, "omar")
    assert told.ok, (question, told.text)


WAYS = {"line": answer_by_line, "form": answer_by_form, "talk": answer_by_talk}


@pytest.mark.parametrize("way", WAYS)
async def test_every_question_is_answered_in_every_way(asked: Talk, way: str) -> None:
    for question in LINES:
        assert (await postmortem(asked)).current == question
        await WAYS[way](asked, question)
        if question == "actions":
            await asked.done("omar", "answer done", room=RoomRef("slack", "T1", "C1"))

    found = await postmortem(asked)
    assert (found.state, found.current, len(await answers(asked))) == (State.COLLECTING, None, 17)
    assert await questions(asked) == [*list(LINES)[:14], "actions", *list(LINES)[14:], None]
    for question, line in LINES.items():
        if question not in FIELDS:
            assert await text_of(asked, question) == line
    assert "ready for review" in await asked.done("omar", "postmortem INC-1 finish")
    assert (await postmortem(asked)).state is State.IN_REVIEW
    kinds = [stored.event.kind.value for stored in await asked.timeline()]
    assert [kind for kind in kinds if kind.startswith("postmortem")] == ["postmortem_opened", "postmortem_finished"]


async def test_in_the_room_the_next_question_is_told_there_and_elsewhere_it_comes_with_the_answer(asked: Talk) -> None:
    inside = await asked.says("omar", "answer lina", room=RoomRef("slack", "T1", "C1"))
    outside = await asked.says("omar", "answer INC-1 ok")

    assert (inside.text, inside.card) == ("Question 1 is answered; 1 of 17 done.", None)
    assert outside.card is not None
    assert outside.card.title == "Postmortem of INC-1 · question 3 of 17"


async def test_the_next_question_tells_what_was_kept_of_the_one_before(asked: Talk) -> None:
    room = RoomRef("slack", "T1", "C1")
    inside = await asked.says("omar", "answer external Lina", room=room)
    outside = await asked.says("omar", "answer INC-1 ok")

    assert (inside.is_told, outside.is_told) == (True, False)
    assert outside.card is not None
    assert outside.card.body.startswith("✓ Question 2: ")
    left = await asked.says("omar", "skip INC-1 nobody knows")
    assert left.card is not None
    assert left.card.body.startswith("– Question 3 is left out: nobody knows\n\n")
    edited = await asked.says("omar", "postmortem edit 1 external Lena", room=room)
    assert edited.ok, edited.text
    assert not edited.is_told


async def test_lines_of_an_answer_are_told_apart_when_they_are_repeated_in_one(asked: Talk) -> None:
    await asked.done("omar", "answer INC-1 external Lina")
    await asked.done("omar", "answer INC-1 ok")
    after = await asked.says("omar", "answer INC-1 the driver\nthe process")
    assert after.card is not None
    assert after.card.body.startswith("✓ Question 3: the driver; the process\n")


async def test_talk_says_what_it_was_taken_for_and_how_to_take_it_back(asked: Talk) -> None:
    told = await talks(asked, "omar", "lina")
    assert told is not None
    assert "Taken for your answer to question 1 (“We are here to learn" in told.text
    assert "“postmortem back” asks it again, “postmortem pause” lets you talk." in told.text

    await asked.done("omar", "postmortem INC-1 back")
    await talks(asked, "omar", "noor")
    assert [(one.number, one.text) for one in await answers(asked, "facilitator")] == [(1, "lina"), (2, "noor")]
    assert (await postmortem(asked)).current == "timeline"


async def test_the_talk_of_others_is_left_alone(asked: Talk) -> None:
    assert await talks(asked, "lina", "noor") is None
    assert await talks(asked, "stranger", "noor") is None
    assert await talks(asked, "omar", "lina", room=RoomRef("slack", "T1", "C9")) is None
    assert await talks(asked, "omar", "   ") is None
    assert await answers(asked) == []


async def test_a_pause_lets_the_owner_talk_until_the_conversation_is_taken_up(asked: Talk) -> None:
    await asked.done("omar", "postmortem INC-1 pause")
    assert await talks(asked, "omar", "lina") is None

    await asked.done("omar", "pm INC-1")
    assert await talks(asked, "omar", "lina") is not None


async def test_while_the_incident_is_open_again_talk_is_work(asked: Talk) -> None:
    await asked.done("omar", "reopen INC-1 It is back")
    assert await talks(asked, "omar", "lina") is None

    await asked.done("omar", "resolve INC-1")
    assert await talks(asked, "omar", "lina") is not None


async def test_talk_that_is_no_answer_is_told_so_and_changes_nothing(asked: Talk) -> None:
    told = await talks(asked, "omar", "thanks everyone")
    assert told is not None
    assert not told.ok
    assert told.text.startswith("Not taken for an answer to question 1: Nobody is called “thanks everyone”.")
    assert await answers(asked) == []


async def test_talk_that_is_heard_twice_answers_once(asked: Talk) -> None:
    first = await talks(asked, "omar", "lina", key="m1")
    again = await talks(asked, "omar", "lina", key="m1")

    assert first == again
    assert len(await answers(asked)) == 1


async def test_a_form_that_is_sent_twice_answers_once(asked: Talk) -> None:
    form = (await asked.says("omar", "answer INC-1")).form
    assert form is not None
    line = command_line(form.command, {"text": "lina"})

    assert (await asked.says("omar", line, key="f1")) == (await asked.says("omar", line, key="f1"))
    told = await asked.says("omar", line)
    assert told.text.startswith(
        "Question 1 was answered meanwhile by omar, so nothing was changed. There it says: “lina”."
    )
    assert len(await answers(asked)) == 1


@pytest.mark.parametrize(
    "press",
    ["answer INC-1 --for facilitator", "skip INC-1 --for facilitator", "postmortem INC-1 --for facilitator back"],
)
async def test_a_button_of_an_old_question_tells_what_is_asked_now(asked: Talk, press: str) -> None:
    await asked.done("omar", "answer INC-1 lina")

    told = await asked.refused("omar", press)

    assert told.startswith("Question 1 is not asked any more, so nothing was changed. Question 2 is asked now.")


async def test_the_conversation_goes_on_after_days_and_restarts(either_url: str) -> None:
    async with talking(either_url) as before:
        room = await resolved(before)
        await before.done("omar", "answer lina", room=room)
    async with talking(either_url) as after:
        after.clock.forward(timedelta(days=9))
        after.keys = count(1000)
        assert await talks(after, "omar", "ok") is not None
        found = await postmortem(after)
        assert (found.current, found.version) == ("summary", 3)
        assert "2 of 17 done" in await after.done("omar", "postmortem INC-1 status")


async def test_two_replicas_hear_the_same_talk_and_answer_once(either_url: str) -> None:
    async with talking(either_url) as first:
        await resolved(first)
        second = Router(first.desk)
        line = a_line("omar", "lina", key="m1", room=RoomRef("slack", "T1", "C1"))
        told = [await first.router.overheard(line), await second.overheard(line)]
        assert told[0] == told[1]
        assert len(await answers(first)) == 1


async def test_the_anonymous_answer_names_nobody_anywhere_but_in_the_room(asked: Talk) -> None:
    for question in list(LINES)[:15]:
        await answer_by_line(asked, question)
        if question == "actions":
            await asked.done("omar", "answer INC-1 done")
    await by_form(asked, "omar")

    [kept] = await answers(asked, "closing")
    assert kept.person is None
    entry = (await asked.audit())[-1]
    assert (entry.actor, entry.token, entry.after["question"]) == ("anonymous", "", "closing")


@pytest.mark.parametrize("wrong", ["postmortem INC-1 fly", "postmortem INC-1 bakc"])
async def test_a_word_that_means_nothing_is_told(asked: Talk, wrong: str) -> None:
    assert "is nothing that a postmortem can do" in await asked.refused("omar", wrong)
