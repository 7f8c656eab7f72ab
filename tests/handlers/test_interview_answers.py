"""What is kept of an answer: as it was typed, whole, in every version; and what comes of it."""

import pytest

from bot.domain.effects import Tell
from bot.domain.forms import command_line
from bot.domain.postmortem import given
from bot.ports.chat import RoomRef
from bot.ports.store import DEFAULT_TENANT
from tests.builders import DAY, MINUTE, NOW
from tests.handlers.postmortems import (
    FIELDS,
    LINES,
    answer_by_line,
    answers,
    button,
    by_form,
    postmortem,
    talks,
    text_of,
)
from tests.handlers.talking import Talk, talking


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


async def test_who_tells_an_impact_is_told_what_was_understood(asked: Talk) -> None:
    for question in list(LINES)[:3]:
        await answer_by_line(asked, question)
    assert "5,000 of what? An impact needs a number" in await asked.refused("omar", "answer INC-1 5k")
    told = await asked.done("omar", "answer INC-1 €5k and 1200 customers for 40m")
    assert told == ("Question 4 is answered; 4 of 17 done. Understood as: 5,000 EUR; 1,200 customers; 40 minutes.")
    assert "Understood as: 500 AED." in await asked.done("omar", "postmortem INC-1 edit 4 د.إ 500")
    await asked.done("omar", "postmortem INC-1 back")
    heard = await talks(asked, "omar", "AED 12,500")
    assert heard is not None
    assert "Understood as: 12,500 AED. “postmortem back”" in heard.text


async def test_another_incident_at_the_front_is_the_answer_where_one_is_asked_for(asked: Talk) -> None:
    room = RoomRef("slack", "T1", "C1")
    assert "no incident INC-7" in await asked.refused("omar", "answer INC-7", room=room)
    for question in list(LINES)[:12]:
        await answer_by_line(asked, question)

    await asked.done("omar", "answer INC-7", room=room)
    assert await text_of(asked, "similar") == "INC-7"


async def test_earlier_incidents_that_look_alike_are_brought_along(either_url: str) -> None:
    async with talking(either_url) as talk:
        await talk.done("amira", "declare Smoke in the hall --sev 2 --quiet")
        await talk.done("omar", "resolve INC-1")
        await talk.done("amira", "declare Smoke in the cellar --sev 4 --quiet --private")
        await talk.done("amira", "declare Login is down --sev 4 --quiet")
        await talk.done("amira", "declare Smoke in the attic --sev 2 --quiet")
        await talk.done("omar", "resolve INC-4")
        form = (await talk.says("omar", "postmortem INC-4 edit 13")).form
        assert form is not None
        line = (
            "INC-1 Smoke in the hall (2026-01-06, a title like this one), "
            f"postmortem: {talk.desk.public_url}/incidents/INC-1"
        )
        assert form.questions[0].value == line
        for question in list(LINES)[:11]:
            await talk.done("omar", command_line(f"answer INC-4 --for {question}", {"text": LINES[question]}))
        told = await talk.says("omar", f"answer INC-4 {LINES['difficulty']}")
        assert told.card is not None
        assert f"Earlier incidents that look like this one:\n{line}" in told.card.body
        ok = button(told.card, "That is right")
        assert (await talk.says("omar", ok)).ok
        incident = await talk.incident(4)
        async with talk.store.read(DEFAULT_TENANT) as unit:
            found = await unit.postmortems.of(incident.id)
            assert found is not None
            [kept] = given(await unit.postmortems.answers(found.id), "similar")
        assert kept.text == line
        assert kept.parts[0] == {"to": "INC-1"}


async def test_where_none_looks_alike_that_is_said_and_proposed(asked: Talk) -> None:
    for question in list(LINES)[:11]:
        await answer_by_line(asked, question)
    told = await asked.says("omar", f"answer INC-1 {LINES['difficulty']}")
    assert told.card is not None
    assert "No earlier incident was found that looks like this one." in told.card.body
    form = (await asked.says("omar", "answer INC-1")).form
    assert form is not None
    assert form.questions[0].value == "none"
    await asked.done("omar", "answer INC-1 ok")
    assert await text_of(asked, "similar") == "none"


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


async def test_a_list_says_when_it_is_complete_and_which_entries_it_has(asked: Talk) -> None:
    for question in list(LINES)[:13]:
        await answer_by_line(asked, question)
    await answer_by_line(asked, "actions")
    told = await asked.done("omar", "answer INC-1 done")
    assert told == "The list of question 14 is complete; 14 of 17 done. “postmortem edit 14” adds to it later."

    for written in ("postmortem INC-1 edit 14.9", "postmortem INC-1 edit 14.9 words"):
        assert "Question 14 has no entry 9; it has 1." in await asked.refused("omar", written)
    labels = []
    for place in ("14", "14.1"):
        form = (await asked.says("omar", f"postmortem INC-1 edit {place}")).form
        assert form is not None
        labels.append(form.submit)
    assert labels == ["Add it to the list", "Save the answer"]


async def test_a_question_that_is_left_as_it_was_tells_how_far_it_has_come(asked: Talk) -> None:
    await answer_by_line(asked, "facilitator")
    await asked.done("omar", "postmortem INC-1 back")
    assert await asked.done("omar", "postmortem INC-1 next") == "Question 1 stays as it is; 1 of 17 done."


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
