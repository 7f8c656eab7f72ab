"""`followup`: work that an incident leaves behind."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.domain.followup import Followup
from bot.domain.forms import command_line
from bot.domain.organisation import Account
from bot.ports.store import DEFAULT_TENANT
from tests.builders import HOUR, MINUTE, NOW, a_person, an_organisation
from tests.handlers.talking import Talk


@pytest_asyncio.fixture
async def opened(talk: Talk) -> AsyncIterator[Talk]:
    """INC-1, at 03:00 in Dubai."""
    await talk.done("amira", "declare Smoke --quiet")
    yield talk


async def followups(talk: Talk) -> Sequence[Followup]:
    async with talk.store.read(DEFAULT_TENANT) as unit:
        return await unit.followups.of((await talk.incident()).id)


@pytest.mark.parametrize(
    ("line", "text", "owner", "due_in"),
    [
        ("followup INC-1 in 2h Rotate the key", "Rotate the key", "p-omar", 2 * HOUR),
        ("followup INC-1 Rotate the key in 2h", "Rotate the key", "p-omar", 2 * HOUR),
        ('followup INC-1 "Rotate the key" in 2h', "Rotate the key", "p-omar", 2 * HOUR),
        ("todo INC-1 tomorrow 09:00 Rotate --owner @lina", "Rotate", "p-lina", 30 * HOUR),
        ("follow-up INC-1 2026-01-08 Rotate --owner me", "Rotate", "p-omar", 30 * HOUR),
        ("followup INC-1 Rotate --due 30m", "Rotate", "p-omar", 30 * MINUTE),
        ("followup INC-1 in 2h @lina Rotate the key", "Rotate the key", "p-lina", 2 * HOUR),
        ("followup INC-1 in 2h @lina: Rotate the key", "Rotate the key", "p-lina", 2 * HOUR),
        ("followup INC-1 @lina Rotate the key in 2h", "Rotate the key", "p-lina", 2 * HOUR),
        ("followup INC-1 in 2h Ask @lina", "Ask @lina", "p-omar", 2 * HOUR),
        ('followup INC-1 in 2h "@lina knows it"', "@lina knows it", "p-omar", 2 * HOUR),
        ("followup INC-1 in 2h @lina Rotate --owner omar", "@lina Rotate", "p-omar", 2 * HOUR),
    ],
)
async def test_work_is_remembered_with_its_owner_and_time(
    opened: Talk, line: str, text: str, owner: str, due_in: timedelta
) -> None:
    told = await opened.done("omar", line)

    [followup] = await followups(opened)
    assert (followup.text, followup.owner, followup.created_by) == (text, owner, "p-omar")
    assert followup.due_at == followup.remind_at == NOW + due_in
    assert told.startswith(f"{owner.removeprefix('p-')} will be reminded ")


async def test_each_answer_of_its_form_can_be_looked_at_before_the_form_is_handed_in(opened: Talk) -> None:
    form = (await opened.says("omar", "followup INC-1")).form
    assert form is not None
    omar = Account("slack", "T1", "UOMAR")

    async def fault(place: int, answer: str) -> str | None:
        return await opened.router.fault(form.questions[place], answer, omar)

    assert (
        await fault(1, "some day") == (await opened.refused("omar", "followup INC-1 x --due 'some day'")).split("\n")[0]
    )
    assert "nobody" in str(await fault(2, "nobody"))
    for place, answer in ((0, "some day"), (1, "in 2h"), (2, "lina"), (2, "")):
        assert await fault(place, answer) is None


async def test_times_are_meant_on_the_clock_of_who_writes(opened: Talk) -> None:
    org = an_organisation()
    opened.configured(an_organisation(people=(*org.people, a_person("bo", timezone="Europe/Berlin"))))

    told = await opened.done("bo", "followup INC-1 09:00 Rotate the key")

    assert (await followups(opened))[0].due_at == NOW + 9 * HOUR
    assert "09:00 CET" in told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("followup INC-1 Rotate the key", "When shall it be done: “Rotate the key”?"),
        ("followup INC-1 in 2h", "What shall be done?"),
        ("followup INC-1 2020-01-01 Rotate", "has passed already"),
        ("followup INC-1 in 2h Rotate --owner lena", "Did you mean lina?"),
        ("followup INC-1 in 2h @lena Rotate", "Did you mean lina?"),
        ("followup INC-1 in 2h @lena Rotate", "followup [INC-42] <when> [@person] <what>"),
        ("followup INC-1 in 2h @lina", "What shall be done?"),
        ("followup INC-1 Rotate --due someday", "“someday” is no time."),
        ("followup INC-1 done 7", "There is no follow-up “7”."),
        ("followup INC-1 done", "Which follow-up?"),
    ],
)
async def test_what_is_missing_is_told(opened: Talk, line: str, told: str) -> None:
    assert told in await opened.refused("omar", line)
    assert await followups(opened) == []


async def test_without_words_a_form_asks(opened: Talk) -> None:
    form = (await opened.says("omar", "followup INC-1")).form

    assert form is not None
    answers = {question.name: question.value for question in form.questions}
    assert answers == {"text": "", "due": "tomorrow 09:00", "owner": "omar"}
    await opened.done("omar", command_line(form.command, {**answers, "text": "Rotate the key\nand the other"}))
    [followup] = await followups(opened)
    assert followup.text == "Rotate the key\nand the other"


async def test_work_is_listed_and_done_by_its_number_or_id(opened: Talk) -> None:
    for minutes, text in enumerate(("First", "Second", "Third")):
        opened.clock.forward(MINUTE)
        await opened.done("omar", f"followup INC-1 in {minutes + 1}h {text}")
    third = (await followups(opened))[2]

    assert await opened.done("omar", "followup INC-1 done 1") == "Done in INC-1: First"
    assert await opened.done("omar", f"followup done {third.id} INC-1") == "Done in INC-1: Third"
    assert (await opened.done("lina", "followup list INC-1")).splitlines() == [
        "3 follow-ups of INC-1:",
        "1. First – omar, done Wed 7 Jan 2026, 03:03 UTC+4",
        "2. Second – omar, due Wed 7 Jan 2026, 05:02 UTC+4",
        "3. Third – omar, done Wed 7 Jan 2026, 03:03 UTC+4",
    ]
    assert await opened.done("omar", "followup INC-1 done") == "Done in INC-1: Second"
    assert "Which follow-up? INC-1 has 3" in await opened.refused("omar", "followup INC-1 done")


async def test_what_is_done_is_done_once(opened: Talk) -> None:
    await opened.done("omar", "followup INC-1 in 1h First")
    await opened.done("omar", "followup INC-1 done 1")

    assert await opened.done("omar", "followup INC-1 done 1") == "Nothing to do in INC-1: it is so already."


async def test_an_incident_without_work_says_how_to_add_some(opened: Talk) -> None:
    assert (await opened.done("omar", "followup INC-1 list")).startswith("INC-1 has no follow-up.")


async def test_work_may_be_about_listing_and_doing(opened: Talk) -> None:
    await opened.done("omar", "followup INC-1 done in 2h")
    await opened.done("omar", "followup INC-1 in 2h list what was lost")

    assert {followup.text for followup in await followups(opened)} == {"done", "list what was lost"}


async def test_work_is_remembered_after_the_incident_has_ended(opened: Talk) -> None:
    await opened.done("omar", "resolve INC-1")

    await opened.done("omar", "followup INC-1 in 2h Air the room")

    assert len(await followups(opened)) == 1
