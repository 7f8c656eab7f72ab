"""`declare`: an incident opened by hand."""

import pytest

from bot.domain.access import Visibility
from bot.domain.forms import command_line
from bot.domain.incident import EscalationState, Kind
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind
from tests.builders import an_organisation
from tests.handlers.talking import Talk


async def test_an_incident_is_declared_with_all_that_is_known(talk: Talk) -> None:
    await talk.done("omar", 'declare "GPU nodes down" --sev 2 --service inference-gateway')

    incident = await talk.incident()
    assert incident.title == "GPU nodes down"
    assert incident.severity is Severity.SEV2
    assert (incident.service, incident.team) == ("inference-gateway", "ml-platform")
    assert (incident.opened_by, incident.participants) == ("p-omar", ("p-omar", "p-amira"))
    assert (incident.kind, incident.visibility, incident.configuration) == (Kind.REAL, Visibility.OPEN, "v1")
    assert [stored.event.kind for stored in await talk.timeline()][:1] == [EventKind.DECLARED]
    assert {page.person for page in await talk.pages()} == {"p-amira"}


@pytest.mark.parametrize(
    "line", ["new GPU nodes down", "declare GPU nodes down", "declare 'GPU nodes down'", "declare “GPU nodes down”"]
)
async def test_a_title_needs_no_quotes(talk: Talk, line: str) -> None:
    await talk.done("omar", line)

    assert (await talk.incident()).title == "GPU nodes down"


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ("", Severity.SEV3),
        ("--sev sev1", Severity.SEV1),
        ("--impact high --urgency high", Severity.SEV1),
        ("--impact high", Severity.SEV2),
        ("--urgency l", Severity.SEV4),
        ("--impact low --urgency low", Severity.SEV5),
        ("--sev 4 --impact high", Severity.SEV4),
    ],
)
async def test_severity_is_named_or_follows_from_impact_and_urgency(
    talk: Talk, options: str, severity: Severity
) -> None:
    await talk.done("omar", f"declare Smoke {options}")

    assert (await talk.incident()).severity is severity


@pytest.mark.parametrize(
    ("options", "called"),
    [
        ("", True),
        ("--service inference-gateway", True),
        ("--service feature-store", True),
        ("--kind drill", True),
        ("--quiet", False),
        ("--kind backfilled", False),
    ],
)
async def test_people_are_called_unless_it_is_quiet_or_long_past(talk: Talk, options: str, called: bool) -> None:
    await talk.done("omar", f"declare Smoke {options}")

    incident = await talk.incident()
    assert incident.escalation.policy == "ml-oncall"
    assert (incident.escalation.state is EscalationState.RUNNING) is called
    assert bool(await talk.pages()) is called


async def test_where_there_is_no_policy_it_is_said_aloud(talk: Talk) -> None:
    talk.configured(an_organisation(policies=(), routes=(), services=()))

    await talk.done("omar", "declare Smoke")

    assert EventKind.NOBODY_TO_PAGE in [stored.event.kind for stored in await talk.timeline()]


@pytest.mark.parametrize("option", ["--private", "--visibility private"])
async def test_a_private_incident_is_its_declarers_and_those_who_are_called(talk: Talk, option: str) -> None:
    await talk.done("omar", f"declare Break-in {option}")

    incident = await talk.incident()
    assert incident.visibility is Visibility.PRIVATE
    assert incident.participants == ("p-omar", "p-amira")


@pytest.mark.parametrize(
    ("options", "question", "told"),
    [
        ("--sev 9", "sev", "“9” is no severity."),
        ("--impact huge", "impact", "“huge” is no level."),
        ("--urgency x", "urgency", "“x” is no level."),
        ("--service inference-gatway", "service", "Did you mean inference-gateway?"),
        ("--kind dril", "kind", "Did you mean drill? Use real, drill, test, backfilled."),
        ("--visibility secret", "visibility", "Use open, private."),
    ],
)
async def test_a_wrong_option_is_told_and_nothing_is_opened(talk: Talk, options: str, question: str, told: str) -> None:
    answer = await talk.says("omar", f"declare Smoke {options}")

    assert not answer.ok
    assert told in answer.text
    assert [name for name, _ in answer.errors] == [question]
    assert await talk.done("omar", "list all") == "There has been no incident yet."


async def test_numbers_count_what_was_opened_and_skip_what_was_refused(talk: Talk) -> None:
    await talk.done("omar", "declare First")
    await talk.refused("omar", "declare Second --sev 9")

    assert (await talk.says("omar", "declare Third")).incident == "INC-2"


async def test_without_words_a_form_asks_and_its_answers_declare(talk: Talk) -> None:
    form = (await talk.says("omar", "declare --sev 1 --private --quiet")).form

    assert form is not None
    assert form.command == "declare --quiet"
    assert {question.name: question.value for question in form.questions} == {
        "title": "",
        "sev": "SEV1",
        "service": "",
        "visibility": "private",
    }
    line = command_line(
        form.command, {"title": 'The "cache" is cold', "sev": "SEV2", "service": "feature-store", "visibility": "open"}
    )
    await talk.done("omar", line)
    incident = await talk.incident()
    assert (incident.title, incident.severity, incident.service) == (
        'The "cache" is cold',
        Severity.SEV2,
        "feature-store",
    )
    assert await talk.pages() == []


async def test_a_form_asks_for_no_service_where_there_is_none(talk: Talk) -> None:
    talk.configured(an_organisation(services=()))

    form = (await talk.says("omar", "declare")).form

    assert form is not None
    assert [question.name for question in form.questions] == ["title", "sev", "visibility"]


async def test_a_title_too_long_is_cut_and_kept_whole_in_the_timeline(talk: Talk) -> None:
    told = " ".join(["word"] * 100)

    await talk.done("omar", f"declare {told} --quiet")

    incident = await talk.incident()
    assert len(incident.title) <= 200
    assert incident.title.endswith("…")
    assert [stored.event.fields["text"] for stored in await talk.timeline() if stored.event.kind is EventKind.NOTE] == [
        told
    ]


async def test_a_title_stands_on_one_line(talk: Talk) -> None:
    await talk.done("omar", "declare GPU\nnodes   down")

    assert (await talk.incident()).title == "GPU nodes down"


async def test_declaring_is_for_responders(talk: Talk) -> None:
    assert "needs the access responder" in await talk.refused("noor", "declare Smoke")
