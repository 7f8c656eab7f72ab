"""Killed in the middle of a postmortem conversation, Tocsin loses no answer and asks nothing twice."""

import asyncio
import json
import random
import re
import subprocess
import sys

import aiohttp
import pytest

from bot.domain.forms import command_line
from tests.counterparts.tocsin import REPOSITORY, Replicas, Tocsin
from tests.handlers.postmortems import LINES

KILLED_AT = frozenset({"facilitator", "conditions", "actions"})
"""The questions in whose answering it is killed."""

ANSWERS = {**LINES, "facilitator": "omar"}


@pytest.fixture(params=["sqlite", "postgresql"])
def tocsin(request: pytest.FixtureRequest, replicas: Replicas) -> Tocsin:
    """Give a replica on each database."""
    if request.param == "sqlite":
        return replicas(TOCSIN_LEASE_SECONDS="2")
    url: str = request.getfixturevalue("postgres_url")
    return replicas(TOCSIN_DATABASE_URL=url, TOCSIN_LEASE_SECONDS="2")


async def say(tocsin: Tocsin, text: str) -> dict[str, object]:
    return await tocsin.command("amira", text)


async def killed_while(tocsin: Tocsin, text: str, seconds: float) -> None:
    """Send a line, kill Tocsin that much later, and start it again."""
    sending = asyncio.create_task(say(tocsin, text))
    await asyncio.sleep(seconds)
    tocsin.kill()
    await asyncio.gather(sending, return_exceptions=True)
    await tocsin.start()


async def asked_in_the_room(tocsin: Tocsin) -> list[int]:
    """The numbers of the questions whose cards stand in the built-in room, in order."""
    [room] = (await tocsin.get("/incidents/INC-1"))["rooms"]
    cookies = {"tocsin_acting": "amira"}
    async with (
        aiohttp.ClientSession(cookies=cookies) as session,
        session.get(f"{tocsin.url}/rooms/{room['id']}") as response,
    ):
        page = await response.text()
    return [int(number) for number in re.findall(r"question (\d+) of 17</h3>", page)]


async def test_a_conversation_that_is_killed_again_and_again_is_whole(tocsin: Tocsin) -> None:
    chance = random.Random(2026)
    await tocsin.start()
    await say(tocsin, "declare Smoke --sev 1 --quiet")
    await killed_while(tocsin, "resolve INC-1", chance.uniform(0.01, 0.1))
    await say(tocsin, "resolve INC-1")
    for question, text in ANSWERS.items():
        # Whoever got no answer sends it again: the line says that nobody had answered when it was written.
        line = command_line(f"answer INC-1 --for {question} --seen 0", {"text": text})
        if question in KILLED_AT:
            await killed_while(tocsin, line, chance.uniform(0.005, 0.08))
        await say(tocsin, line)
        if question == "actions":
            await say(tocsin, "answer INC-1 --for actions --text done")
    assert (await say(tocsin, "postmortem INC-1 finish"))["ok"]
    await tocsin.until(tocsin.drained, seconds=60)

    told = (await tocsin.get("/incidents/INC-1"))["postmortem"]
    assert told["state"] == "in_review"
    assert len(told["answers"]) == 17
    assert len((await tocsin.get("/incidents/INC-1"))["followups"]) == 1
    asked = await asked_in_the_room(tocsin)
    assert asked == sorted(asked)
    assert {number for number in asked if asked.count(number) > 1} <= {14}, "a question was told twice"
    command = [sys.executable, "-m", "bot", "export", "INC-1", "--json"]
    exported = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=tocsin.folder,
        env={"PYTHONPATH": str(REPOSITORY), **tocsin.env},
        capture_output=True,
        check=True,
    )
    questions = json.loads(exported.stdout)["postmortem"]["questions"]
    texts = {one["id"]: [answer["text"] for answer in one["answers"]] for one in questions}
    for question, text in ANSWERS.items():
        assert len(texts[question]) == 1
        assert question in {"times", "actions"} or texts[question] == [text]
