"""A line is carried out once, whatever is delivered twice, done at once, breaks, or stops in the middle."""

import asyncio
from dataclasses import replace

import pytest
import structlog

from bot.domain.access import Access
from bot.domain.actions import AddNote
from bot.domain.effects import Tell
from bot.domain.incident import EscalationState
from bot.domain.organisation import Account
from bot.ports.records import CommandReceipt
from bot.ports.store import Conflict
from bot.startup import StartupError
from handlers.ask import About, Ask, Command, Reply
from handlers.receipts import line_to_json
from handlers.registry import Registry, registry
from handlers.router import AT_ONCE, GRACE, RESUMES, TRIES, Router
from tests.builders import HOUR, NOW, SECOND
from tests.handlers.talking import Talk, a_line, left_behind, notes, only, talking


async def test_a_line_that_is_delivered_again_is_answered_alike_and_done_once(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")

    first = await talk.says("omar", "note INC-1 it smells", key="again")
    second = await talk.says("omar", "note INC-1 it smells", key="again")

    assert first == second
    assert await notes(talk) == ["it smells"]


async def test_a_refusal_and_a_list_are_answered_alike_again_even_if_the_world_changed(talk: Talk) -> None:
    refused = await talk.says("omar", "ack INC-1", key="early")
    listed = await talk.says("omar", "list", key="look")
    await talk.done("omar", "declare Smoke --quiet")

    assert await talk.says("omar", "ack INC-1", key="early") == refused
    assert await talk.says("omar", "list", key="look") == listed


async def test_a_key_counts_within_its_chat(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")

    line = a_line("omar", "note INC-1 it smells", key="1", actor="p-omar")
    await talk.router.take(line)
    await talk.router.take(replace(line, account=Account("telegram", "", "1")))

    assert await notes(talk) == ["it smells", "it smells"]


async def test_a_line_delivered_twice_at_once_is_done_once(either_url: str) -> None:
    async with talking(either_url) as talk:
        await talk.done("omar", "declare Smoke --quiet")

        answers = await asyncio.gather(*(talk.says("omar", "note INC-1 it smells", key="twice") for _ in range(4)))

        assert {answer.text for answer in answers} == {"Noted in INC-1."}
        assert await notes(talk) == ["it smells"]


async def test_a_line_delivered_to_several_replicas_at_once_is_done_once(either_url: str) -> None:
    async with talking(either_url) as talk:
        await talk.done("omar", "declare Smoke --quiet")
        line = a_line("omar", "note INC-1 it smells")

        answers = await asyncio.gather(*(Router(talk.desk).take(line) for _ in range(4)))

        assert {answer.text for answer in answers} == {"Noted in INC-1."}
        assert await notes(talk) == ["it smells"]


async def test_two_people_may_acknowledge_at_once(either_url: str) -> None:
    async with talking(either_url) as talk:
        await talk.done("amira", "declare Smoke")

        answers = await asyncio.gather(talk.says("omar", "ack INC-1"), talk.says("lina", "ack INC-1"))

        incident = await talk.incident()
        assert incident.escalation.state is EscalationState.ACKNOWLEDGED
        assert incident.acknowledged_by in {"p-omar", "p-lina"}
        holder = str(incident.acknowledged_by).removeprefix("p-")
        assert sorted(answer.text for answer in answers) == [
            "You have INC-1. Nobody else is called.",
            f"{holder} has INC-1 already.",
        ]


async def test_people_who_write_at_once_lose_nothing(either_url: str) -> None:
    async with talking(either_url) as talk:
        await talk.done("omar", "declare Smoke --quiet")

        answers = await asyncio.gather(*(talk.says("omar", f"note INC-1 note {number}") for number in range(TRIES)))

        assert all(answer.ok for answer in answers)
        assert sorted(await notes(talk)) == [f"note {number}" for number in range(TRIES)]


async def test_who_stops_waiting_stops_nothing(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")

    waiting = asyncio.create_task(talk.says("omar", "note INC-1 it smells", key="hasty"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await talk.router.drain()

    assert await notes(talk) == ["it smells"]
    assert (await talk.says("omar", "note INC-1 it smells", key="hasty")).text == "Noted in INC-1."


async def test_a_command_that_always_meets_others_is_given_up(sqlite_url: str) -> None:
    tries = []

    async def run(ask: Ask) -> Reply:
        tries.append(ask)
        raise Conflict

    async with talking(sqlite_url, only(run)) as talk:
        told = await talk.refused("omar", "try")

    assert told.startswith("Others changed the incident at the same time, again and again")
    assert len(tries) == TRIES


async def test_a_bug_is_logged_once_and_answered_with_a_reference(sqlite_url: str) -> None:
    async def run(ask: Ask) -> Reply:
        await ask.unit.incidents.next_number()
        raise RuntimeError("boom")

    async with talking(sqlite_url, only(run)) as talk:
        with structlog.testing.capture_logs() as logged:
            answer = await talk.says("omar", "try hush hush", key="bug")
        again = await talk.says("omar", "try hush hush", key="bug")
        async with talk.writing() as unit:
            number = await unit.incidents.next_number()

    [entry] = logged
    assert (entry["event"], entry["verb"], entry["exc_info"]) == ("command_failed", "try", True)
    assert not answer.ok
    assert f"the reference {entry['reference']};" in answer.text
    assert "hush" not in str(logged)
    assert again == answer
    assert number == 1


async def test_what_keeps_tocsin_from_starting_is_answered_in_its_own_words(sqlite_url: str) -> None:
    async def run(ask: Ask) -> Reply:
        raise StartupError("tocsin.yaml has no people; add one.")

    async with talking(sqlite_url, only(run)) as talk:
        assert await talk.refused("omar", "try") == "tocsin.yaml has no people; add one."


async def test_a_command_that_only_reads_holds_no_writer(sqlite_url: str) -> None:
    async def run(ask: Ask) -> Reply:
        async with talk.writing() as unit:
            await unit.incidents.next_number()
        return Reply(text="read")

    command = Command("try", "", "command.help", Access.VIEWER, About.NOTHING, run, only_reads=True)
    async with talking(sqlite_url, Registry((command,))) as talk:
        assert await talk.done("omar", "try") == "read"


async def test_a_line_that_was_left_behind_is_carried_out_later_and_its_writer_told(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    await left_behind(talk, "note INC-1 it smells")

    assert await talk.router.finish_unanswered() == 0
    talk.clock.forward(GRACE + SECOND)
    assert await talk.router.finish_unanswered() == 1
    assert await talk.router.finish_unanswered() == 0

    assert await notes(talk) == ["it smells"]
    [told] = [stored for stored in await talk.effects() if isinstance(stored.effect, Tell)]
    assert isinstance(told.effect, Tell)
    assert (told.effect.person, told.chat) == ("p-omar", "slack")
    assert talk.desk.speech().say(told.effect.message) == (
        "Tocsin was interrupted and carried out a line of yours only now (“note INC-1 it smells”): Noted in INC-1."
    )


async def test_a_line_that_was_left_behind_and_comes_again_is_done_once(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    await left_behind(talk, "note INC-1 it smells")
    talk.clock.forward(HOUR)

    again = a_line("omar", "note INC-1 it smells")
    answer, _ = await asyncio.gather(talk.router.take(again), talk.router.finish_unanswered())

    assert answer.text == "Noted in INC-1."
    assert await notes(talk) == ["it smells"]


async def test_a_line_that_keeps_stopping_tocsin_is_given_up(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    await left_behind(talk, "note INC-1 it smells", attempts=RESUMES)
    talk.clock.forward(HOUR)

    with structlog.testing.capture_logs() as logged:
        assert await talk.router.finish_unanswered() == 1

    assert [entry["event"] for entry in logged] == ["line_given_up"]
    assert await notes(talk) == []
    assert await talk.router.finish_unanswered() == 0


async def test_a_line_that_another_release_wrote_otherwise_is_given_up(talk: Talk) -> None:
    receipt = CommandReceipt("r-1", "default", "slack", "k", {"words": ["note"]}, NOW)
    async with talk.writing() as unit:
        await unit.commands.take(receipt)
    talk.clock.forward(HOUR)

    with structlog.testing.capture_logs() as logged:
        assert await talk.router.finish_unanswered() == 1

    assert [entry["event"] for entry in logged] == ["line_given_up"]
    assert await talk.router.finish_unanswered() == 0


async def test_a_line_that_cannot_even_be_given_up_keeps_no_other_from_being_carried_out(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    broken = {**line_to_json(a_line("omar", "note INC-1 it burns")), "account": ["slack", "T1", {"not": "an id"}]}
    async with talk.writing() as unit:
        for number in range(AT_ONCE):
            key = f"broken-{number}"
            await unit.commands.take(
                CommandReceipt(key, "default", "slack", key, broken, talk.clock.now() - HOUR, attempts=RESUMES)
            )
    await left_behind(talk, "note INC-1 it smells")
    talk.clock.forward(GRACE + SECOND)

    await talk.router.finish_unanswered()
    assert f'tocsin_put_off{{loop="commands"}} {AT_ONCE}.0' in talk.desk.metrics.text().decode()
    assert await talk.router.finish_unanswered() == 1

    assert await notes(talk) == ["it smells"]
    assert await talk.router.finish_unanswered() == 0, "what fails is tried again without a pause"


async def test_a_line_of_somebody_who_is_gone_is_answered_without_a_word_to_anyone(talk: Talk) -> None:
    line = a_line("mallory", "declare Nothing")
    receipt = CommandReceipt("r-1", "default", "slack", line.key, line_to_json(line), NOW)
    async with talk.writing() as unit:
        await unit.commands.take(receipt)
    talk.clock.forward(HOUR)

    assert await talk.router.finish_unanswered() == 1

    assert await talk.effects() == []


async def test_what_a_command_did_is_undone_when_it_is_refused_half_way(sqlite_url: str) -> None:
    async def run(ask: Ask) -> Reply:
        await ask.act(AddNote("half"))
        await ask.act(AddNote(" "))
        raise AssertionError

    commands = Registry((*registry().commands, *only(run, About.INCIDENT).commands))
    async with talking(sqlite_url, commands) as talk:
        await talk.done("omar", "declare Smoke --quiet")
        assert "A note needs words" in await talk.refused("omar", "try INC-1")
        assert await notes(talk) == []
