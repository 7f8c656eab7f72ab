"""A line that its chat has on disk is stored together with what comes of it, and carried out once all the same."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from bot.domain.access import Access
from bot.ports.records import CommandReceipt
from handlers.ask import About, Ask, Command, Reply
from handlers.registry import Registry
from handlers.router import Router
from tests.builders import HOUR, NOW
from tests.handlers.talking import Talk, a_line, left_behind, notes, only, talking


async def test_a_line_that_its_chat_keeps_is_stored_together_with_what_comes_of_it(sqlite_url: str) -> None:
    left: list[CommandReceipt] = []

    async def run(ask: Ask) -> Reply:
        async with talk.store.read("default") as unit:
            left.extend(await unit.commands.unanswered(NOW + HOUR))
        return Reply(text="done")

    async with talking(sqlite_url, only(run)) as talk:
        answer = await talk.router.take(a_line("omar", "try", is_kept=True))

        assert answer.text == "done"
        assert left == [], "it was stored by itself, which is a commit more to wait for"
        async with talk.writing() as unit:
            assert await unit.commands.unanswered(NOW + HOUR) == []


@pytest.mark.parametrize("text", ["note INC-1 it smells", "ack INC-1", "list", "hush"])
async def test_a_line_that_its_chat_keeps_is_answered_alike_again_even_if_the_world_changed(
    talk: Talk, text: str
) -> None:
    if "note" in text:
        await talk.done("omar", "declare Smoke --quiet")
    line = a_line("omar", text, is_kept=True)

    first = await talk.router.take(line)
    await talk.done("omar", "declare Smoke again --quiet")

    assert await talk.router.take(line) == first
    assert await talk.router.take(replace(line, is_kept=False)) == first
    if "note" in text:
        assert await notes(talk) == ["it smells"]


async def test_a_line_that_its_chat_keeps_is_done_once_by_several_replicas(either_url: str) -> None:
    async with talking(either_url) as talk:
        await talk.done("omar", "declare Smoke --quiet")
        line = a_line("omar", "note INC-1 it smells", is_kept=True)

        answers = await asyncio.gather(*(Router(talk.desk).take(line) for _ in range(4)))

        assert {answer.text for answer in answers} == {"Noted in INC-1."}
        assert await notes(talk) == ["it smells"]


async def test_a_line_that_its_chat_keeps_and_cannot_be_stored_is_handed_back_to_it(sqlite_url: str) -> None:
    async def run(_: Ask) -> Reply:
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
            database.execute("DROP TABLE commands")
        return Reply(text="read")

    command = Command("try", "", "command.help", Access.VIEWER, About.NOTHING, run, only_reads=True)
    async with talking(sqlite_url, Registry((command,))) as talk:
        with structlog.testing.capture_logs(), pytest.raises(OperationalError):
            await talk.router.take(a_line("omar", "try", is_kept=True))


async def test_a_line_that_was_left_behind_and_that_its_chat_kept_is_done_once(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    await left_behind(talk, "note INC-1 it smells")
    talk.clock.forward(HOUR)

    answer = await talk.router.take(a_line("omar", "note INC-1 it smells", is_kept=True))

    assert answer.text == "Noted in INC-1."
    assert await talk.router.finish_unanswered() == 0
    assert await notes(talk) == ["it smells"]
