"""The commands by which people look: list, status, timeline, oncall, help."""

import pytest

from bot.domain.organisation import Service
from handlers.registry import registry
from tests.builders import DAY, HOUR, MINUTE, a_schedule, an_organisation
from tests.handlers.talking import Talk


async def test_a_list_has_what_is_asked_for_newest_first(talk: Talk) -> None:
    await talk.done("omar", "declare First --sev 2")
    await talk.done("lina", "declare Second --kind drill --quiet --private")
    await talk.done("omar", "declare Third --quiet")
    await talk.done("omar", "lead INC-3")
    await talk.done("omar", "resolve INC-1")

    assert (await talk.done("lina", "list")).splitlines() == [
        "2 open incidents:",
        "INC-3 · SEV3 · investigating · Third · led by omar",
        "INC-2 · SEV3 · triage · drill, private · Second",
    ]
    assert (await talk.done("omar", "list open")).splitlines()[0] == "One open incident:"
    assert (await talk.done("noor", "list closed")).splitlines() == [
        "One incident that has ended:",
        "INC-1 · SEV2 · resolved · First",
    ]
    assert (await talk.done("lina", "list mine")).splitlines() == [
        "One open incident that you take part in:",
        "INC-2 · SEV3 · triage · drill, private · Second",
    ]
    assert len((await talk.done("amira", "list all")).splitlines()) == 4


@pytest.mark.parametrize(
    ("which", "told"),
    [
        ("open", "No incident is open."),
        ("all", "There has been no incident yet."),
        ("closed", "No incident has ended yet."),
        ("mine", "You take part in no open incident."),
    ],
)
async def test_an_empty_list_says_so(talk: Talk, which: str, told: str) -> None:
    assert await talk.done("omar", f"list {which}") == told


async def test_a_list_that_does_not_exist_is_refused_with_the_nearest(talk: Talk) -> None:
    assert "Did you mean “list closed”? Use one of: open, all, closed, mine." in await talk.refused(
        "omar", "list close"
    )


async def test_a_long_list_is_cut_and_says_so(talk: Talk) -> None:
    for number in range(26):
        await talk.done("omar", f"declare {number} --quiet")

    lines = (await talk.done("omar", "list")).splitlines()

    assert lines[1].startswith("INC-26 ")
    assert len(lines) == 27
    assert lines[-1] == "There are more: the pages of Tocsin show all of them."


async def test_the_status_is_a_card(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --sev 2 --service inference-gateway")
    await talk.done("omar", "followup INC-1 in 2h Air the room")

    answer = await talk.says("noor", "INC-1")

    assert answer.text == "INC-1 · SEV2 · triage · Smoke"
    assert answer.card is not None
    assert ("Follow-ups", "one open of 1") in [(field.label, field.value) for field in answer.card.fields]
    assert answer.incident == "INC-1"


async def test_the_status_outside_a_room_is_the_list_of_what_is_open(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")

    assert await talk.done("noor", "status") == await talk.done("noor", "list")


async def test_a_timeline_is_told_by_day_on_the_readers_clock(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    talk.clock.forward(DAY + 5 * MINUTE)
    await talk.done("omar", "note INC-1 --at 23:50 It\u202e smelled before")
    await talk.done("omar", "ack INC-1")

    assert (await talk.done("lina", "timeline INC-1")).splitlines() == [
        "INC-1 · Smoke",
        "Wednesday 7 January 2026",
        "03:00 UTC+4  omar declared this incident as SEV3.",
        "23:50 UTC+4  omar noted: It smelled before",
        "Thursday 8 January 2026",
        "03:05 UTC+4  omar has it: nobody else is called.",
    ]


async def test_a_timeline_has_as_many_events_as_asked_for(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    for number in range(25):
        await talk.done("omar", f"note INC-1 note {number}")

    usual = (await talk.done("omar", "timeline INC-1")).splitlines()
    few = (await talk.done("omar", "timeline 2 INC-1")).splitlines()

    assert len(usual) == 3 + 20
    assert usual[1] == "(There is more before this; the pages of Tocsin show all of it.)"
    assert [line.partition("  ")[2] for line in few[3:]] == ["omar noted: note 23", "omar noted: note 24"]
    assert "(There is more" not in await talk.done("omar", "timeline INC-1 100")


@pytest.mark.parametrize("count", ["0", "101", "9999999999999", "many", "٣"])
async def test_a_timeline_of_an_odd_length_is_refused(talk: Talk, count: str) -> None:
    await talk.done("omar", "declare Smoke --quiet")

    assert "use a number from 1 to 100" in await talk.refused("omar", f"timeline INC-1 {count}")


async def test_a_timeline_of_long_notes_fits_into_one_message(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    for number in range(20):
        await talk.done("omar", f"note INC-1 {number} {'word ' * 500}")

    told = await talk.done("omar", "timeline INC-1 100")

    assert len(told) < 4000
    assert told.splitlines()[-1].partition("  ")[2].startswith("omar noted: 19 word")
    assert "(There is more before this" in told


async def test_who_is_on_call_is_told_by_schedule_and_by_service(talk: Talk) -> None:
    assert (await talk.done("noor", "oncall")).splitlines() == [
        "On call now:",
        "ml-primary: amira, until Mon 12 Jan 2026, 09:00 UTC+4",
        "Who is called first, by service:",
        "inference-gateway (ml-oncall): amira",
        "feature-store (ml-oncall): amira",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "oncall ml-primary at monday 10:00",
        "oncall schedule:ML-primary monday 10:00",
        "on-call ml-primary --at 'monday 10:00'",
        "oncall ml-primary 2026-01-12 10:00",
    ],
)
async def test_who_is_on_call_at_another_time(talk: Talk, line: str) -> None:
    assert (await talk.done("noor", line)).splitlines() == [
        "On call Mon 12 Jan 2026, 10:00 UTC+4:",
        "ml-primary: omar, until Mon 19 Jan 2026, 09:00 UTC+4",
    ]


@pytest.mark.parametrize("name", ["inference-gateway", "ml-oncall"])
async def test_a_service_and_a_policy_tell_their_steps(talk: Talk, name: str) -> None:
    assert (await talk.done("noor", f"oncall {name}")).splitlines() == [
        "On call now:",
        "ml-oncall, step 1: amira",
        "ml-oncall, step 2, after 5m: omar",
        "ml-oncall, step 3, after 15m: amira, omar, lina",
    ]


async def test_a_team_tells_its_people(talk: Talk) -> None:
    assert (await talk.done("noor", "oncall team:ml-platform")).splitlines()[1:] == ["ml-platform: amira, omar, lina"]


async def test_gaps_are_told_as_nobody(talk: Talk) -> None:
    future = a_schedule(name="later", layers=a_schedule().layers[:0])
    talk.configured(an_organisation(schedules=(future,), policies=(), services=(Service("orphan"),)))

    assert (await talk.done("noor", "oncall")).splitlines() == [
        "On call now:",
        "later: nobody",
        "Who is called first, by service:",
        "orphan: no escalation policy",
    ]
    assert (await talk.done("noor", "oncall orphan")).splitlines()[1:] == ["orphan: no escalation policy"]


async def test_where_nothing_is_configured_it_says_so(talk: Talk) -> None:
    talk.configured(an_organisation(schedules=(), policies=(), services=(), routes=()))

    assert (await talk.done("noor", "oncall")).startswith("There is no schedule and no escalation policy yet")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "oncall ml-primry",
            "“ml-primry” is neither a schedule nor a service, policy or team, nor a time. Did you mean ml-primary?",
        ),
        ("oncall ml-primary at soon", "“soon” is no time."),
        ("oncall 2020-01-01", "has passed already"),
    ],
)
async def test_who_is_on_call_where_or_when_there_is_nothing(talk: Talk, line: str, told: str) -> None:
    assert told in await talk.refused("noor", line)


async def test_a_time_alone_is_asked_of_everything(talk: Talk) -> None:
    assert (await talk.done("noor", "oncall in 6d")).splitlines()[1] == (
        "ml-primary: omar, until Mon 19 Jan 2026, 09:00 UTC+4"
    )


async def test_help_tells_every_command_and_one_of_them_fully(talk: Talk) -> None:
    assert len((await talk.done("noor", "help")).splitlines()) == len(registry().commands) + 2
    assert (await talk.done("noor", "help lead")).splitlines() == [
        "assign [INC-42] [commander|deputy|scribe|liaison|responder] [@person]",
        "Give a role to someone; “lead” alone makes you the commander.",
        "Also: lead",
        "Needs the access responder.",
        "Example: lead",
        "Example: assign @omar",
        "Example: assign scribe @omar",
    ]
    assert "Did you mean “resolve”?" in await talk.refused("noor", "help resovle")


async def test_looking_changes_nothing(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    talk.clock.forward(HOUR)
    before = await talk.incident(), await talk.timeline(), await talk.audit()

    for line in ("list", "status INC-1", "timeline INC-1", "oncall", "help"):
        await talk.done("noor", line)

    assert (await talk.incident(), await talk.timeline(), await talk.audit()) == before
