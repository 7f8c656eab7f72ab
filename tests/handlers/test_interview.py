"""The conversation after an incident: answered by line, by form and by talk, in any mixture and after any pause."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count

import pytest
import pytest_asyncio

from bot.domain.effects import AskQuestion, Tell
from bot.domain.forms import command_line
from bot.domain.postmortem import State
from bot.ports.chat import Answer, RoomRef
from bot.ports.store import DEFAULT_TENANT
from handlers.router import Router
from tests.builders import DAY, MINUTE, NOW
from tests.handlers.postmortems import FIELDS, LINES, answers, by_form, postmortem, text_of
from tests.handlers.talking import Talk, a_line, talking


@pytest_asyncio.fixture
async def asked(talk: Talk) -> AsyncIterator[Talk]:
    """INC-1, which omar has looked after and resolved: its postmortem asks him."""
    await resolved(talk)
    yield talk


async def resolved(talk: Talk) -> RoomRef:
    await talk.done("amira", "declare Smoke --sev 2 --quiet")
    room = await talk.in_room()
    await talk.done("omar", "ack", room=room)
    talk.clock.forward(MINUTE)
    await talk.done("omar", "resolve", room=room)
    return room


async def talks(
    talk: Talk, name: str, text: str, *, key: str | None = None, room: RoomRef | None = None
) -> Answer | None:
    """What is made of what somebody says in the room."""
    spoken = room or RoomRef("slack", "T1", "C1")
    return await talk.router.overheard(a_line(name, text, key=key or f"t{next(talk.keys)}", room=spoken))


async def questions(talk: Talk) -> list[str | None]:
    """The questions that were asked in Slack, in order."""
    effects = [effect.effect for effect in await talk.effects() if effect.chat == "slack"]
    return [effect.question for effect in effects if isinstance(effect, AskQuestion)]


async def answer_by_line(talk: Talk, question: str) -> None:
    await talk.done("omar", f"answer {LINES[question]}", room=RoomRef("slack", "T1", "C1"))


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


@pytest.mark.parametrize("text", ["'quoted' --force \"and\" --owner x", "helm rollback --force", "5", '"in quotes"'])
async def test_an_answer_is_kept_as_it_was_typed(asked: Talk, text: str) -> None:
    await asked.done("omar", f"postmortem INC-1 edit 7 {text}")
    await asked.done("omar", f"answer INC-1 --for surprise --seen 0 {text}")
    assert await text_of(asked, "view") == text
    assert await text_of(asked, "surprise") == text.strip('"')


async def test_an_answer_of_ten_kilobytes_from_right_to_left_is_kept_whole(asked: Talk) -> None:
    text = ("كان كل شيء بطيئاً، ثم عاد. 🔥 " * 400).strip()
    assert len(text.encode()) > 10_000
    for question in list(LINES)[:6]:
        await answer_by_line(asked, question)

    assert await talks(asked, "omar", text) is not None
    assert await text_of(asked, "view") == text
    await asked.done("omar", command_line("answer INC-1 --for view --seen 1", {"text": f'{text} "\\"'}))
    assert await text_of(asked, "view") == f'{text} "\\"'


async def test_an_answer_that_is_too_long_is_told_the_limit(asked: Talk) -> None:
    assert "longer than 20000 characters" in await asked.refused("omar", f"answer INC-1 {'x' * 21_000}")


async def test_what_is_refused_comes_back_in_the_form(asked: Talk) -> None:
    told = await asked.says("omar", "answer INC-1 lena")
    assert told.form is not None
    assert told.form.questions[0].value == "lena"
    assert dict(told.errors) == {"text": told.text}

    form = (await asked.says("omar", "answer INC-1")).form
    assert form is not None
    wrong = await asked.says("omar", command_line(form.command, {"text": "omar"}))
    assert "took part in the response" in dict(wrong.errors)["text"]


async def test_another_incident_at_the_front_is_the_answer_where_one_is_asked_for(asked: Talk) -> None:
    room = RoomRef("slack", "T1", "C1")
    assert "no incident INC-7" in await asked.refused("omar", "answer INC-7", room=room)
    for question in list(LINES)[:12]:
        await answer_by_line(asked, question)

    await asked.done("omar", "answer INC-7", room=room)
    assert await text_of(asked, "similar") == "INC-7"


async def test_an_action_becomes_a_followup_of_which_its_owner_hears(asked: Talk) -> None:
    for question in list(LINES)[:13]:
        await answer_by_line(asked, question)
    told = await asked.done("omar", f"answer INC-1 {LINES['actions']}".replace("omar", "lina"))
    assert told.startswith("Noted as 1; lina will be reminded")
    asked.clock.forward(MINUTE)
    await answer_by_line(asked, "actions")

    async with asked.store.read(DEFAULT_TENANT) as unit:
        followups = await unit.followups.of((await asked.incident()).id)
    assert [(one.text, one.owner, one.created_by) for one in followups] == [
        ("Limit the pool", "p-lina", "p-omar"),
        ("Limit the pool", "p-omar", "p-omar"),
    ]
    assert [one.remind_at for one in followups] == [NOW + MINUTE + 14 * DAY, NOW + 2 * MINUTE + 14 * DAY]
    told_directly = [one.effect.person for one in await asked.effects() if isinstance(one.effect, Tell)]
    assert "p-lina" in told_directly

    line = "prevent: Lower the limit; owner lina; due in 3 weeks; P1; done when it is lower"
    await asked.done("omar", f"postmortem INC-1 edit 14.1 {line}")
    async with asked.store.read(DEFAULT_TENANT) as unit:
        changed = await unit.followups.of((await asked.incident()).id)
    assert [(one.id, one.text) for one in changed] == [
        (followups[0].id, "Lower the limit"),
        (followups[1].id, "Limit the pool"),
    ]
    form = (await asked.says("omar", "postmortem INC-1 edit 14.1")).form
    assert form is not None
    assert {one.name: one.value for one in form.questions}["what"] == "Lower the limit"
    assert (await answers(asked, "actions"))[-1].number == 2


async def test_a_question_is_skipped_with_a_reason_that_a_form_asks_for(asked: Talk) -> None:
    form = (await asked.says("omar", "skip INC-1")).form
    assert form is not None
    await asked.done("omar", command_line(form.command, {"reason": "nobody else is here"}))
    assert "Why is question 2 left out?" in await asked.refused("omar", "skip INC-1 --for timeline --seen 0")
    await asked.done("omar", "postmortem INC-1 skip no time")

    assert [(one.question, one.skipped) for one in await answers(asked)] == [
        ("facilitator", "nobody else is here"),
        ("timeline", "no time"),
    ]


async def test_an_answer_is_changed_by_its_number_and_every_version_kept(asked: Talk) -> None:
    await answer_by_line(asked, "facilitator")
    form = (await asked.says("omar", "postmortem INC-1 edit 1")).form
    assert form is not None
    assert form.questions[0].value == "lina"
    await asked.done("omar", command_line(form.command, {"text": "noor"}))
    told = await asked.done("omar", "postmortem INC-1 edit 1 external Jane Doe")

    assert told == "Question 1 says it the new way; the earlier answer is kept."
    assert [one.text for one in await answers(asked, "facilitator")] == ["lina", "noor", "external Jane Doe"]
    assert (await postmortem(asked)).current == "timeline"
    for wrong in ("18", "0", "x", "1.x"):
        assert "numbered from 1 to 17" in await asked.refused("omar", f"postmortem INC-1 edit {wrong} words")


async def test_forms_come_with_what_was_answered_before(asked: Talk) -> None:
    for question in list(LINES)[:15]:
        await by_form(asked, "omar")
        if question == "actions":
            await asked.done("omar", "answer INC-1 done")
    for place, question in enumerate(LINES, 1):
        if question in FIELDS and question not in {"actions", "impact", "declined"}:
            form = (await asked.says("omar", f"postmortem INC-1 edit {place}")).form
            assert form is not None
            filled = {one.name: one.value for one in form.questions}
            assert FIELDS[question].items() <= filled.items()


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
