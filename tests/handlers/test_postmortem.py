"""`postmortem`: who opens it, who leads it, who may see it, and how it ends."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.actions import QuietDue
from bot.domain.effects import AskQuestion, Say
from bot.domain.incident import AlertTally
from bot.domain.organisation import IncidentRules, ResolveMode
from bot.domain.postmortem import State
from bot.domain.severity import Severity
from bot.ports.store import DEFAULT_TENANT
from handlers.deciding import act
from handlers.task import Unneeded
from handlers.telling import task_for
from tests.builders import TIMER, an_organisation
from tests.handlers.postmortems import LINES, answers, button, postmortem
from tests.handlers.talking import Talk, a_line


async def has_one(talk: Talk, number: int = 1) -> bool:
    incident = await talk.incident(number)
    async with talk.store.read(DEFAULT_TENANT) as unit:
        return await unit.postmortems.of(incident.id) is not None


async def opened(talk: Talk, line: str = "declare Smoke --sev 2 --quiet") -> None:
    """INC-1, declared by amira, looked after and resolved by omar."""
    await talk.done("amira", line)
    await talk.done("omar", "ack INC-1")
    await talk.done("omar", "resolve INC-1")


async def asked(talk: Talk) -> list[AskQuestion]:
    return [one.effect for one in await talk.effects() if isinstance(one.effect, AskQuestion) and one.chat == "slack"]


async def test_resolving_a_bad_incident_opens_it_and_asks_in_every_chat(talk: Talk) -> None:
    await opened(talk)

    found = await postmortem(talk)
    assert (found.state, found.owner, found.current) == (State.DRAFT, "p-omar", "facilitator")
    told = [(one.chat, type(one.effect)) for one in await talk.effects() if isinstance(one.effect, AskQuestion | Say)]
    assert told[-2:] == [("room", AskQuestion), ("slack", AskQuestion)]
    assert [entry.action for entry in await talk.audit()][-2:] == ["postmortem_opened", "Resolve"]


@pytest.mark.parametrize(
    ("line", "owed_from"),
    [
        ("declare Smoke --sev 3 --quiet", Severity.SEV2),
        ("declare Smoke --sev 1 --quiet", None),
        ("declare Smoke --sev 1 --quiet --kind drill", Severity.SEV2),
    ],
)
async def test_others_have_one_only_when_somebody_asks(talk: Talk, line: str, owed_from: Severity | None) -> None:
    talk.configured(an_organisation(rules=IncidentRules(postmortem_from=owed_from)))
    await opened(talk, line)
    assert not await has_one(talk)
    assert "INC-1 has no postmortem yet." in await talk.refused("omar", "answer INC-1 lina")
    assert "has no postmortem yet" in await talk.refused("omar", "postmortem INC-1 status")

    answer = await talk.says("lina", "pm INC-1")

    assert answer.card is not None
    assert answer.card.title == "Postmortem of INC-1 · question 1 of 17"
    assert (await postmortem(talk)).owner == "p-omar"


async def test_while_the_incident_goes_on_there_is_nothing_to_look_back_on(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --sev 2 --quiet")
    assert "Looking back begins when it is resolved" in await talk.refused("omar", "postmortem INC-1")


async def test_the_commander_leads_it(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --sev 2 --quiet")
    await talk.done("omar", "ack INC-1")
    await talk.done("amira", "assign INC-1 commander @lina")
    await talk.done("omar", "resolve INC-1")
    assert (await postmortem(talk)).owner == "p-lina"


async def test_an_incident_that_resolves_by_itself_is_led_by_whoever_answers_first(talk: Talk) -> None:
    talk.configured(an_organisation(rules=IncidentRules(resolve=ResolveMode.AUTO)))
    await talk.done("amira", "declare Smoke --sev 2 --quiet")
    incident = await talk.incident()
    async with talk.writing() as unit:
        quiet = replace(incident, quiet_due_at=incident.opened_at, quiet_at=incident.opened_at, alerts=AlertTally(1, 0))
        quiet = await unit.incidents.save(replace(quiet, acknowledged_by=None))
        await act(talk.desk, unit, quiet, QuietDue(), TIMER)
    assert (await postmortem(talk)).owner is None

    await talk.done("lina", "answer INC-1 noor")
    assert (await postmortem(talk)).owner == "p-lina"


async def test_reopening_and_resolving_again_keeps_the_same_conversation(talk: Talk) -> None:
    await opened(talk)
    await talk.done("omar", "answer INC-1 lina")
    before = await postmortem(talk)
    await talk.done("omar", "reopen INC-1 It is back")
    await talk.done("omar", "resolve INC-1")

    after = await postmortem(talk)
    assert (after.id, after.current, len(await answers(talk))) == (before.id, "timeline", 1)
    assert [one.question for one in await asked(talk)] == ["facilitator", "timeline", "timeline"]


async def test_resolving_again_asks_nothing_where_all_was_answered(talk: Talk) -> None:
    await opened(talk)
    for _ in LINES:
        await talk.done("omar", "postmortem INC-1 skip no time")
    await talk.done("omar", "postmortem INC-1 finish")
    count = len(await asked(talk))
    await talk.done("omar", "reopen INC-1 It is back")
    await talk.done("omar", "resolve INC-1")

    assert len(await asked(talk)) == count
    assert "in review" in await talk.done("omar", "postmortem INC-1")


async def test_only_the_owner_and_those_above_answer(talk: Talk) -> None:
    await opened(talk)
    assert "omar leads the postmortem of INC-1." in await talk.refused("lina", "answer INC-1 noor")
    assert "needs the access responder" in await talk.refused("noor", "answer INC-1 lina")
    await talk.done("amira", "answer INC-1 lina")
    assert [one.person for one in await answers(talk)] == ["p-amira"]
    assert (await postmortem(talk)).owner == "p-omar"


async def test_it_is_handed_over(talk: Talk) -> None:
    await opened(talk)
    assert "may look, but not answer" in await talk.refused("omar", "postmortem INC-1 owner @noor")
    assert "already" in await talk.refused("omar", "postmortem INC-1 owner @omar")
    assert await talk.done("omar", "postmortem INC-1 owner @lina") == "lina leads the postmortem of INC-1 now."
    await talk.done("lina", "answer INC-1 noor")
    await talk.done("amira", "postmortem INC-1 owner")
    assert (await postmortem(talk)).owner == "p-amira"


async def test_a_private_one_leaks_nothing_and_lets_in_who_is_to_lead_it(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --sev 2 --quiet --visibility private")
    await talk.done("amira", "ack INC-1")
    await talk.done("amira", "resolve INC-1")
    room = await talk.in_room()
    for line in ("postmortem INC-1", "postmortem INC-1 status", "answer INC-1 noor", "export INC-1", "skip INC-1 no"):
        assert "There is no incident INC-1" in await talk.refused("lina", line)
    assert await talk.router.overheard(a_line("lina", "noor", room=room)) is None

    await talk.done("amira", "postmortem INC-1 owner @lina")
    assert await talk.router.overheard(a_line("lina", "noor", room=room)) is not None


async def test_it_is_finished_only_when_nothing_is_left(talk: Talk) -> None:
    await opened(talk)
    for _ in range(15):
        await talk.done("omar", "postmortem INC-1 skip no time")
    told = await talk.refused("omar", "postmortem INC-1 finish")
    assert told.startswith("2 questions are neither answered nor skipped yet: 16, 17.")
    await talk.done("omar", "postmortem INC-1 skip no time")
    assert (await talk.refused("omar", "postmortem INC-1 finish")).startswith("Question 17 is neither")
    await talk.done("omar", "answer INC-1 amira")
    assert "All questions of INC-1 are answered or skipped." in await talk.refused("omar", "answer INC-1 more")
    await talk.done("omar", "postmortem INC-1 finish")
    assert "in review" in await talk.refused("omar", "postmortem INC-1 back")


async def test_it_is_waived_by_somebody_who_may_with_a_reason(talk: Talk) -> None:
    await opened(talk)
    await talk.done("amira", "postmortem INC-1 owner @lina")
    assert "needs the access manager" in await talk.refused("lina", "postmortem INC-1 waive no need")
    assert "Why does INC-1 need no postmortem?" in await talk.refused("amira", "postmortem INC-1 waive")
    await talk.done("amira", "postmortem INC-1 waive a known fault")

    found = await postmortem(talk)
    assert (found.state, found.waived_by, found.waived_reason) == (State.WAIVED, "p-amira", "a known fault")
    assert "waived" in await talk.refused("lina", "answer INC-1 noor")


async def test_a_question_is_told_as_a_card_and_not_once_it_was_answered(talk: Talk) -> None:
    await opened(talk)
    await talk.in_room()
    [first] = [one for one in await talk.effects() if isinstance(one.effect, AskQuestion) and one.chat == "slack"]
    task: Any = (await task_for(talk.desk, first)).effect
    card = task.content
    assert card.title == "Postmortem of INC-1 · question 1 of 17"
    assert [one.label for one in card.actions] == ["Answer", "Skip", "Pause"]

    assert (await talk.says("omar", button(card, "Answer"))).form is not None
    await talk.done("omar", "answer INC-1 lina")
    with pytest.raises(Unneeded):
        await task_for(talk.desk, first)


async def test_the_timeline_and_the_times_are_brought_along_and_taken_by_a_button(talk: Talk) -> None:
    await opened(talk)
    timeline = (await talk.says("omar", "answer INC-1 lina")).card
    assert timeline is not None
    assert "omar has it: nobody else is called." in timeline.body
    await talk.done("omar", button(timeline, "That is right"))
    await talk.done("omar", "answer INC-1 It was slow.")
    times = (await talk.says("omar", "answer INC-1 7 customers")).card
    assert times is not None
    assert "• Impact began: Wed 7 Jan 2026, 03:00 UTC+4" in times.body
    again = (await talk.says("omar", button(times, "Back"))).card
    assert again is not None
    assert "Answered so far: 7 customers" in again.body
    assert (await talk.says("omar", button(again, "Leave it as it is"))).card == times


async def test_a_long_timeline_is_told_as_far_as_it_fits(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --sev 2 --quiet")
    for number in range(30):
        await talk.done("omar", f"note INC-1 {number} {'x' * 80}")
    await talk.done("omar", "resolve INC-1")
    card = (await talk.says("omar", "answer INC-1 lina")).card
    assert card is not None
    assert "more: “timeline” tells them" in card.body
    assert len(card.body) < 2000


async def test_once_the_room_is_closed_the_owner_is_asked_alone(talk: Talk) -> None:
    await opened(talk)
    await talk.done("omar", "close INC-1")
    answer = await talk.says("omar", "answer INC-1 lina")
    assert answer.card is not None

    last = [one for one in await talk.effects() if isinstance(one.effect, AskQuestion)][-1]
    assert last.effect == AskQuestion("timeline", "p-omar")
    task: Any = (await task_for(talk.desk, last)).effect
    assert task.account.user == "UOMAR"


async def test_progress_shows_what_is_done_left_out_asked_and_left(talk: Talk) -> None:
    await opened(talk)
    await talk.done("omar", "answer INC-1 lina")
    await talk.done("omar", "skip INC-1 nobody wrote it down")
    lines = (await talk.done("lina", "pm INC-1 progress")).splitlines()
    assert lines[0] == "Postmortem of INC-1: 2 of 17 done, being answered, led by omar."
    assert [line[0] for line in lines[1:5]] == ["✓", "–", "→", "·"]
