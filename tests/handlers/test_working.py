"""The commands by which people work on an incident."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.domain.access import Role
from bot.domain.effects import Page, Say
from bot.domain.forms import command_line
from bot.domain.incident import EscalationState, Status
from bot.domain.severity import Severity
from bot.domain.timeline import Event, EventKind
from tests.builders import HOUR, MINUTE, NOW
from tests.handlers.talking import Talk


@pytest_asyncio.fixture
async def opened(talk: Talk) -> AsyncIterator[Talk]:
    """INC-1, at SEV2, which amira declared a minute ago and for which she is called."""
    await talk.done("amira", "declare Smoke --sev 2 --service inference-gateway")
    talk.clock.forward(MINUTE)
    yield talk


async def last(talk: Talk) -> Event:
    return (await talk.timeline())[-1].event


async def test_who_acknowledges_has_it(opened: Talk) -> None:
    assert await opened.done("omar", "ack 1") == "You have INC-1. Nobody else is called."

    incident = await opened.incident()
    assert (incident.status, incident.acknowledged_by) == (Status.INVESTIGATING, "p-omar")
    assert incident.escalation.state is EscalationState.ACKNOWLEDGED


async def test_in_the_room_a_reply_counts_as_told_where_the_room_hears_no_less(opened: Talk) -> None:
    room = await opened.in_room()
    for line in (
        "ack",
        "note The pods restart",
        "assign lead @omar",
        "sev 1",
        "mitigate",
        "resolve",
        "reopen it is back",
    ):
        assert (await opened.says("omar", line, room=room)).is_told, line

    for line in ("status", "ack", "update Still slow", "resovle", "INC-1 note Seen from elsewhere"):
        assert not (await opened.says("omar", line, room=room)).is_told, line
    assert not (await opened.says("omar", "note INC-1 Nobody hears this here")).is_told


async def test_who_has_it_already_is_told_so(opened: Talk) -> None:
    await opened.done("omar", "ack 1")

    assert await opened.done("omar", "acknowledge INC-1") == "omar has INC-1 already."


async def test_the_story_tells_who_answered_too_and_who_has_it(opened: Talk) -> None:
    await opened.done("omar", "ack 1")

    assert await opened.done("lina", "ack 1") == "omar has INC-1 already."

    speech = opened.desk.speech(None)
    told = [speech.event(stored.event) for stored in await opened.timeline()]
    assert told[-2:] == ["omar has it: nobody else is called.", "lina answered too; omar has it."]
    room = [effect.effect for effect in await opened.effects() if isinstance(effect.effect, Say)]
    assert speech.say(room[-1].message) == "lina answered too; omar has it."


@pytest.mark.parametrize(
    ("line", "severity", "reason"),
    [
        ("sev INC-1 1", Severity.SEV1, ""),
        ("sev 1 INC-1 all regions now", Severity.SEV1, "all regions now"),
        ("severity INC-1 SEV-4 few notice", Severity.SEV4, "few notice"),
        ('sev INC-1 --severity "SEV5" --reason "a false alarm"', Severity.SEV5, "a false alarm"),
        ("sev INC-1 --severity 3 calmer now", Severity.SEV3, "calmer now"),
    ],
)
async def test_the_severity_is_set_with_a_reason(opened: Talk, line: str, severity: Severity, reason: str) -> None:
    assert await opened.done("omar", line) == f"INC-1 is {severity.name} now."

    assert (await opened.incident()).severity is severity
    assert (await last(opened)).fields == {"before": "SEV2", "severity": severity.name, "reason": reason}


async def test_a_severity_that_is_none_is_refused_and_one_that_it_has_already_is_not(opened: Talk) -> None:
    assert "“9” is no severity" in await opened.refused("omar", "sev INC-1 9")
    assert await opened.done("omar", "sev INC-1 2") == "INC-1 is SEV2 already."


async def test_without_a_severity_a_form_asks(opened: Talk) -> None:
    form = (await opened.says("omar", "sev INC-1")).form

    assert form is not None
    assert [option.value for option in form.questions[0].options] == ["SEV1", "SEV2", "SEV3", "SEV4", "SEV5"]
    await opened.done("omar", command_line(form.command, {"severity": "SEV1", "reason": ""}))
    assert (await opened.incident()).severity is Severity.SEV1


@pytest.mark.parametrize(
    ("line", "role", "person", "told"),
    [
        ("lead", Role.COMMANDER, "p-omar", "omar is commander of INC-1."),
        ("lead me", Role.COMMANDER, "p-omar", "omar is commander of INC-1."),
        ("assign @lina", Role.COMMANDER, "p-lina", "lina is commander of INC-1."),
        ("assign scribe @lina", Role.SCRIBE, "p-lina", "lina is scribe of INC-1."),
        ("assign Lina as liaison", Role.LIAISON, "p-lina", "lina is liaison of INC-1."),
        ("assign ic lina", Role.COMMANDER, "p-lina", "lina is commander of INC-1."),
        ("assign deputy", Role.DEPUTY, "p-omar", "omar is deputy of INC-1."),
        ("assign responder @lina INC-1", Role.RESPONDER, "p-lina", "lina is responder of INC-1."),
    ],
)
async def test_a_role_is_given_in_any_order(opened: Talk, line: str, role: Role, person: str, told: str) -> None:
    room = await opened.in_room()

    assert await opened.done("omar", line, room=room) == told
    assert (role, person) in (await opened.incident()).roles


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("assign scribe @lena", "Nobody is called “@lena”. Did you mean lina?"),
        ("assign scrib", "“scrib” is neither a role nor a person. Did you mean scribe?"),
        ("assign @omar @lina", "both omar and @lina are named"),
        ("assign xyzzy", "Nobody is called “xyzzy”."),
    ],
)
async def test_a_role_for_nobody_is_refused_with_the_nearest_word(opened: Talk, line: str, told: str) -> None:
    assert told in await opened.refused("omar", f"{line} INC-1")


@pytest.mark.parametrize(
    ("line", "text", "minutes"),
    [
        ("note INC-1 It smells", "It smells", 0),
        ("note INC-1 First\n\n  second line", "First\n\n  second line", 0),
        ('note INC-1 he said "stop" twice', 'he said "stop" twice', 0),
        ("note INC-1 --at 02:31 It smells", "It smells", -30),
        ("note INC-1 It smells --at 20m", "It smells", -20),
        ('note INC-1 --at "20m ago" It smells', "It smells", -20),
    ],
)
async def test_a_note_is_kept_as_written_at_its_time(opened: Talk, line: str, text: str, minutes: int) -> None:
    await opened.done("omar", line)

    [note] = [stored.event for stored in await opened.timeline() if stored.event.kind is EventKind.NOTE]
    assert note.fields == {"text": text}
    assert note.occurred_at == NOW + MINUTE + minutes * MINUTE


async def test_a_note_without_words_or_ahead_of_time_is_refused(opened: Talk) -> None:
    assert "A note needs words" in await opened.refused("omar", "note INC-1")
    assert "can't be ahead" in await opened.refused("omar", "note INC-1 x --at 'in 2h'")
    assert "“soon” is no time" in await opened.refused("omar", "note INC-1 x --at soon")


@pytest.mark.parametrize(
    ("line", "told", "people"),
    [
        ("page @lina the cache is yours", "Called for INC-1: lina.", {"p-lina"}),
        ("page lina", "Called for INC-1: lina.", {"p-lina"}),
        ("page @lina @omar help", "Called for INC-1: lina, omar.", {"p-lina", "p-omar"}),
        ("page schedule:ml-primary", "Called for INC-1: amira.", {"p-amira"}),
        ("page team:ml-platform come", "Called for INC-1: amira, omar, lina.", {"p-amira", "p-omar", "p-lina"}),
        ("call ml-platform", "Called for INC-1: amira, omar, lina.", {"p-amira", "p-omar", "p-lina"}),
    ],
)
async def test_more_people_are_called(opened: Talk, line: str, told: str, people: set[str]) -> None:
    room = await opened.in_room()
    before = {stored.id for stored in await opened.effects()}

    assert await opened.done("omar", line, room=room) == told

    called = [stored.effect for stored in await opened.effects() if stored.id not in before]
    assert {effect.person for effect in called if isinstance(effect, Page)} == people


async def test_who_is_called_reads_why_and_by_whom(opened: Talk) -> None:
    await opened.done("omar", "page INC-1 @lina the cache is yours")

    [page] = {
        stored.effect.reason.key: stored.effect.reason
        for stored in await opened.effects()
        if isinstance(stored.effect, Page) and stored.effect.person == "p-lina"
    }.values()
    assert opened.desk.speech().say(page) == (
        "omar calls you to INC-1 (SEV2, inference-gateway): Smoke – the cache is yours"
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("page INC-1", "Whom shall Tocsin call to INC-1?"),
        ("page INC-1 @lena", "“@lena” is neither a person nor a schedule nor a team. Did you mean lina?"),
        ("page INC-1 schedule:ml-primry", "Did you mean"),
    ],
)
async def test_a_call_to_nobody_is_refused(opened: Talk, line: str, told: str) -> None:
    assert told.partition(" Did")[0] in await opened.refused("omar", line)


async def test_an_update_is_told_and_sets_when_the_next_is_due(opened: Talk) -> None:
    told = await opened.done("omar", "update INC-1 We are failing over --next 30m")

    assert told == "Told everyone about INC-1. The next update is due Wed 7 Jan 2026, 03:31 UTC+4."
    assert (await opened.incident()).update_due_at == NOW + 31 * MINUTE


async def test_an_update_without_a_time_follows_the_severity(opened: Talk) -> None:
    await opened.done("omar", "update INC-1 We are failing over")

    assert (await opened.incident()).update_due_at == NOW + MINUTE + HOUR


async def test_without_words_a_form_asks_for_the_update(opened: Talk) -> None:
    form = (await opened.says("omar", "update INC-1 --next 15m")).form

    assert form is not None
    assert [(question.name, question.value) for question in form.questions] == [("text", ""), ("next", "15m")]
    assert form.questions[1].hint == "Such as 30m or 2h; without it, 1h."
    told = await opened.done("omar", command_line(form.command, {"text": "Half\nof it is back", "next": "in 15m"}))
    assert "03:16" in told
    assert (await last(opened)).fields["text"] == "Half\nof it is back"


async def test_an_incident_goes_its_way_to_the_end_and_back(opened: Talk) -> None:
    assert await opened.done("omar", "mitigate INC-1 traffic is elsewhere") == (
        "INC-1 is mitigated. Resolve it when it is over."
    )
    assert await opened.done("omar", "resolve INC-1 rolled back") == "INC-1 is resolved."
    assert await opened.done("omar", "close INC-1") == "INC-1 is closed."
    assert (await opened.incident()).status is Status.CLOSED
    assert "“reopen INC-1” and a reason" in await opened.refused("omar", "mitigate INC-1")
    assert "is open again and yours" in await opened.done("omar", "reopen INC-1 it is back")
    assert await opened.done("omar", "cancel INC-1 a test") == "INC-1 is cancelled."
    reasons = [stored.event.fields.get("summary") for stored in await opened.timeline()]
    assert {"traffic is elsewhere", "rolled back", "a test"} <= set(reasons)


async def test_a_summary_may_come_from_a_form(opened: Talk) -> None:
    await opened.done("omar", 'resolve INC-1 --summary "rolled back"')

    summaries = [stored.event.fields.get("summary") for stored in await opened.timeline()]
    assert "rolled back" in summaries


async def test_reopening_asks_for_a_reason(opened: Talk) -> None:
    await opened.done("omar", "resolve INC-1")

    form = (await opened.says("omar", "reopen INC-1")).form

    assert form is not None
    await opened.done("omar", command_line(form.command, {"reason": "it is back"}))
    assert (await opened.incident()).is_open


async def test_a_move_that_is_not_possible_says_what_is(opened: Talk) -> None:
    assert "It can become: investigating, mitigated, resolved, cancelled." in await opened.refused(
        "amira", "close INC-1"
    )
    await opened.done("omar", "resolve INC-1")
    assert "“close INC-1” puts it away" in await opened.refused("amira", "cancel INC-1")
    assert "INC-1 is resolved; this can be done in an open incident only." in await opened.refused("omar", "ack INC-1")


@pytest.mark.parametrize("line", ["sev", "update", "update --next 15m"])
@pytest.mark.parametrize("end", ["resolve", "cancel"])
async def test_no_form_asks_for_what_an_ended_incident_refuses(opened: Talk, line: str, end: str) -> None:
    await opened.done("amira", f"{end} INC-1")

    answer = await opened.says("omar", f"{line} INC-1")

    assert (answer.ok, answer.form) == (False, None)
    assert "this can be done in an open incident only" in answer.text


async def test_no_form_asks_why_an_open_incident_is_to_be_reopened(opened: Talk) -> None:
    await opened.done("amira", "note INC-1 it goes on")

    answer = await opened.says("omar", "reopen INC-1")

    assert (answer.ok, answer.form) == (False, None)
    assert answer.text == await opened.refused("omar", "reopen INC-1 it is back")


async def test_no_form_asks_why_an_incident_that_is_worked_on_is_to_be_reopened(opened: Talk) -> None:
    await opened.done("amira", "ack INC-1")

    answer = await opened.says("omar", "reopen INC-1")

    assert (answer.ok, answer.form) == (True, None)
    assert answer.text == await opened.done("omar", "reopen INC-1 it is back")
