"""The same incident, run from each chat by the platform's own means, from a rule that fires to the exported postmortem."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.config.script import own_script
from tests.contracts.chat.house import House, at_work
from tests.contracts.chat.interviewing import answered
from tests.contracts.chat.world import World
from tests.counterparts.alertmanager import StartAlertmanager
from tests.counterparts.program import until
from tests.counterparts.prometheus import StartPrometheus
from tests.counterparts.tocsin import REPOSITORY
from tests.journeys.gauge import RULES, Gauge, scraped, to_tocsin
from tests.journeys.interview import FIRST_SUMMARY, Interview


@pytest.fixture
async def gauge() -> AsyncIterator[Gauge]:
    """Give a metric that Prometheus can scrape."""
    async with scraped() as made:
        yield made


async def test_an_incident_is_run_from_each_chat_and_ends_in_a_postmortem(
    world: World, tmp_path: Path, gauge: Gauge, prometheus: StartPrometheus, alertmanager: StartAlertmanager
) -> None:
    database = f"sqlite:///{tmp_path}/tocsin.db"
    async with at_work(world, tmp_path, database) as house:
        am = await alertmanager(to_tocsin(house.url))
        await prometheus(rules=RULES, alertmanager=am, targets=[gauge.address])

        gauge.value = 250
        room = await house.room()
        assert any("INC-1" in call.text for call in await world.direct("amira"))
        await house.later(minutes=5, seconds=1)
        assert any("INC-1" in call.text for call in await world.direct("omar"))

        await world.press("omar", room.pinned[0], "Acknowledge")
        await world.command("omar", "sev 2 customers see timeouts", room)
        await world.command("omar", "assign @omar", room)
        await world.command("omar", "note rolled the gateway back to the last build", room)
        await world.command("omar", "followup in 1h raise the queue alert threshold", room)
        await until(lambda: has_kind(house, "followup_added"))

        gauge.value = 0
        await until(lambda: has_kind(house, "all_quiet"))
        await world.command("omar", "resolve the old build serves again", room)
        interview = Interview(house, "omar", room, await opened_at(house))
        await interview.run()

        await world.command("omar", "export", room)
        await world.command("omar", "export json", room)
        await house.told()
        shared = await world.files(await house.room())
        holds_every_answer(interview, shared["inc-1.md"].decode(), shared["inc-1.json"].decode())

        await house.later(hours=1)
        assert any("raise the queue alert threshold" in told.text for told in await world.direct("omar"))
        await everything_is_there(house)
    exported = [await export(tmp_path, database, world, *words) for words in ((), ("--json",))]
    holds_every_answer(interview, *exported)


async def opened_at(house: House) -> datetime:
    """Return when the incident was opened."""
    return datetime.fromisoformat((await house.get("/incidents/INC-1"))["opened_at"])


def holds_every_answer(interview: Interview, markdown: str, plain: str) -> None:
    """Both exports have each answer at its question; the one for programs has what it was before, too."""
    sections = markdown.split("\n### ")[1:]
    questions = json.loads(plain)["postmortem"]["questions"]
    assert [question["id"] for question in questions] == list(interview.kept)
    for question, section in zip(questions, sections, strict=True):
        assert question["question"] in section
        told = "\n".join(f"{one['text']}\n{one['skipped'] or ''}" for one in question["answers"])
        for line in interview.kept[question["id"]].splitlines():
            assert line in section
            assert line in told
    earlier = {question["id"]: [one["text"] for one in question["earlier"]] for question in questions}
    assert {name: texts for name, texts in earlier.items() if texts} == {"summary": [FIRST_SUMMARY]}
    assert FIRST_SUMMARY not in markdown


async def everything_is_there(house: House) -> None:
    """The API shows all that happened."""
    whole = await house.get("/incidents/INC-1")
    assert (whole["severity"], whole["status"], whole["roles"]) == ("SEV2", "resolved", {"commander": "omar"})
    assert [page["person"] for page in whole["pages"] if page["channel"] == house.world.name] == ["amira", "omar"]
    kinds = [event["kind"] for event in whole["timeline"]]
    for kind in ("opened_by_alert", "paged", "acknowledged", "severity_changed", "role_assigned", "note", "all_quiet"):
        assert kind in kinds
    assert {followup["text"] for followup in whole["followups"]} == {
        "raise the queue alert threshold",
        "Limit the pool",
    }
    assert {answer["question"] for answer in await answered(house)} == {
        prompt.text() for prompt in own_script().prompts
    }
    assert whole["postmortem"]["state"] == "in_review"


async def export(folder: Path, database: str, world: World, *more: str) -> str:
    """What `tocsin export` prints, as somebody at the command line gets it; `more` goes behind it."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "TOCSIN_CONFIG": str(folder / "tocsin.yaml"),
        "TOCSIN_DATABASE_URL": database,
        **world.env,
    }
    words = [sys.executable, "-m", "bot", "export", "INC-1", *more]
    program = await asyncio.create_subprocess_exec(
        *words, cwd=folder, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await program.communicate()
    assert program.returncode == 0, complained.decode()
    return said.decode()


async def has_kind(house: House, kind: str) -> bool:
    """Say whether something of a kind is in the timeline."""
    return kind in await house.kinds()
