"""An export: the whole incident as a file, for people and for programs, from the room and from the command line."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.effects import ShareExport
from bot.ports.store import DEFAULT_TENANT
from handlers.exporting.gathering import Dossier, gather
from handlers.exporting.markdown import markdown
from handlers.exporting.plain import as_json
from handlers.telling import task_for
from tests.builders import MINUTE, an_organisation
from tests.handlers.postmortems import LINES, answers
from tests.handlers.talking import Talk

NASTY = "# Not a heading\n> no quote\n<script>alert(1)</script>\n```\n| a | b |\nكان بطيئاً & <b>bold</b>"


async def answered(talk: Talk, **other: str) -> None:
    """INC-1, all of whose questions omar has answered, one of them twice."""
    await talk.done("amira", "declare Smoke in the <gateway> --sev 2 --quiet")
    await talk.done("omar", "ack INC-1")
    await talk.done("omar", "resolve INC-1")
    for question, line in {**LINES, **other}.items():
        await talk.done("omar", f"answer INC-1 {line}")
        if question == "actions":
            await talk.done("omar", "answer INC-1 done")
    await talk.done("omar", "postmortem INC-1 edit 3 It was slow. Now it is not.")


async def dossier(talk: Talk, number: int = 1) -> Dossier:
    incident = await talk.incident(number)
    async with talk.store.read(DEFAULT_TENANT) as unit:
        return await gather(unit, incident, talk.desk.organisation())


async def test_markdown_holds_every_answer_and_no_earlier_one(talk: Talk) -> None:
    await answered(talk)
    written = markdown(await dossier(talk), an_organisation())

    for question in LINES:
        last = [one for one in await answers(talk) if one.question == question][-1]
        for line in last.text.splitlines():
            assert line in written
    assert LINES["summary"] not in written
    assert written.startswith("# INC-1 · SEV2 · Smoke in the \\<gateway>\n")
    assert "- From “Impact began” to “Resolved”: 10m" in written
    assert "omar acknowledged" not in written
    assert "omar has it: nobody else is called." in written
    assert "- [ ] Limit the pool (due" in written
    assert "· omar · prevent · P2 · done when the load test passes" in written
    assert "– anonymous, " in written


async def test_who_was_only_called_did_not_take_part_and_may_facilitate(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --sev 2 --quiet")
    await talk.done("omar", "ack INC-1")
    await talk.done("omar", "page @lina INC-1")
    await talk.done("omar", "resolve INC-1")
    assert "took part" in await talk.refused("omar", "answer INC-1 amira")
    await talk.done("omar", "answer INC-1 lina")
    talk.clock.forward(MINUTE)
    await talk.done("lina", "note INC-1 I slept through it")

    assert "- Took part: amira, omar\n" in markdown(await dossier(talk), an_organisation())
    written = json.loads(as_json(await dossier(talk), an_organisation()))
    assert written["incident"]["participants"] == ["amira", "omar"]


async def test_what_people_wrote_is_never_structure_of_the_page(talk: Talk) -> None:
    await answered(talk, view=NASTY, surprise="----")
    written = markdown(await dossier(talk), an_organisation()).splitlines()

    assert "\\# Not a heading  " in written
    assert "\\> no quote  " in written
    assert "\\<script>alert(1)\\</script>  " in written
    assert "\\```  " in written
    assert "\\----" in written
    assert [line for line in written if line.startswith("#")].count("# Not a heading") == 0


async def test_json_holds_every_version_and_names_people(talk: Talk) -> None:
    await answered(talk, view=NASTY)
    told: Any = json.loads(as_json(await dossier(talk), an_organisation()))

    questions = {one["id"]: one for one in told["postmortem"]["questions"]}
    assert [one["number"] for one in told["postmortem"]["questions"]] == list(range(17))
    assert questions["view"]["answers"][0]["text"] == NASTY
    assert [one["text"] for one in questions["summary"]["earlier"]] == [LINES["summary"]]
    assert questions["summary"]["answers"][0]["version"] == 2
    assert questions["closing"]["answers"][0]["person"] is None
    assert questions["facilitator"]["answers"][0]["parts"] == [{"person": "lina"}]
    assert questions["actions"]["answers"][0]["parts"][0]["owner"] == "omar"
    assert (told["incident"]["ref"], told["metrics"]["seconds_to_detect"]) == ("INC-1", 600)
    assert told["followups"][0]["owner"] == "omar"
    assert [one["kind"] for one in told["timeline"]][:2] == ["declared", "acknowledged"]
    assert "p-omar" not in json.dumps(told)


async def test_in_markdown_each_further_day_stands_apart_from_the_list_before_it(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --quiet")
    talk.clock.forward(timedelta(days=1))
    await talk.done("omar", "note INC-1 Still smoking")
    written = markdown(await dossier(talk), an_organisation()).split("## Timeline\n\n")[1].splitlines()

    assert [line[:2] for line in written] == ["**", "", "- ", "", "**", "", "- "]


async def test_in_markdown_what_was_never_mitigated_has_no_time_of_it(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --sev 4 --quiet")
    await talk.done("amira", "declare Steam --sev 4 --quiet")
    talk.clock.forward(MINUTE)
    await talk.done("omar", "mitigate INC-2")
    talk.clock.forward(MINUTE)
    for number, is_told in ((1, False), (2, True)):
        await talk.done("omar", f"resolve INC-{number}")
        written = markdown(await dossier(talk, number), an_organisation())
        assert ("- Mitigated: " in written) is is_told
        assert ("to “Mitigated”" in written) is is_told
        assert "- Resolved: " in written


async def test_an_incident_without_a_postmortem_is_exported_as_it_is(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --quiet")
    found = await dossier(talk)

    assert "- Postmortem: not begun" in markdown(found, an_organisation())
    assert json.loads(as_json(found, an_organisation()))["postmortem"] is None


async def test_skipped_unanswered_and_waived_are_told(talk: Talk) -> None:
    await talk.done("amira", "declare Smoke --sev 2 --quiet")
    await talk.done("omar", "resolve INC-1")
    await talk.done("omar", "skip INC-1 nobody is left")
    await talk.done("amira", "postmortem INC-1 waive a known fault")
    found = await dossier(talk)
    written = markdown(found, an_organisation())

    assert "*Skipped: nobody is left.*" in written
    assert "*Not answered yet.*" in written
    assert "- Waived because: a known fault" in written
    assert json.loads(as_json(found, an_organisation()))["postmortem"]["waived"] == {
        "by": "amira",
        "reason": "a known fault",
    }


async def test_a_timeline_that_was_taken_as_it_is_is_said_in_words(talk: Talk) -> None:
    await answered(talk, timeline="ok")
    written = markdown(await dossier(talk), an_organisation())
    assert "\nAs the timeline tells it.\n" in written
    assert "\nok\n" not in written


async def test_those_who_have_left_keep_their_names(talk: Talk) -> None:
    await answered(talk)
    found = await dossier(talk)
    left = an_organisation(people=())

    assert "– omar, " in markdown(found, left)
    assert "omar has it: nobody else is called." in markdown(found, left)


@pytest.mark.parametrize(("line", "name"), [("export INC-1", "inc-1.md"), ("export INC-1 json", "inc-1.json")])
async def test_the_file_is_put_into_the_room_of_every_chat(talk: Talk, line: str, name: str) -> None:
    await answered(talk)
    await talk.in_room()

    assert await talk.done("omar", line) == "The file of INC-1 is on its way into its room."

    shared = [one for one in await talk.effects() if isinstance(one.effect, ShareExport)]
    assert [one.chat for one in shared] == ["room", "slack"]
    upload: Any = (await task_for(talk.desk, shared[1])).effect
    assert upload.name == name
    assert LINES["review"] in upload.body.decode()
    assert upload.alt == "INC-1 with its timeline and its postmortem"
    assert (await talk.audit())[-1].action == "Export"


async def test_another_format_and_a_closed_room_are_refused(talk: Talk) -> None:
    await answered(talk)
    assert "There is no export as “pdf”." in await talk.refused("omar", "export INC-1 pdf")
    await talk.done("omar", "close INC-1")
    assert "“tocsin export INC-1” writes it on the server" in await talk.refused("omar", "export INC-1")
