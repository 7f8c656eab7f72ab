"""The one writer's gate: urgency first, then order of arrival, and nobody starves."""

import asyncio

import pytest

from bot.ports.store import Urgency
from storage.writer import PATIENCE, OpenGate, WriterGate

COMMAND, INTAKE, PROCESSING = Urgency


async def turns(gate: WriterGate, *wanted: Urgency) -> list[Urgency]:
    """Ask for all of these turns while someone else has it, and return the order in which they were given."""
    given: list[Urgency] = []

    async def one(urgency: Urgency) -> None:
        async with gate.turn(urgency):
            given.append(urgency)

    async with gate.turn(COMMAND):
        tasks = [asyncio.create_task(one(urgency)) for urgency in wanted]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return given


async def test_commands_go_before_intake_and_intake_before_processing() -> None:
    given = await turns(WriterGate(), PROCESSING, INTAKE, COMMAND, PROCESSING, INTAKE, COMMAND)
    assert given == [COMMAND, COMMAND, INTAKE, INTAKE, PROCESSING, PROCESSING]


async def test_only_commands_that_had_to_wait_are_counted_as_having_waited() -> None:
    gate = WriterGate()
    async with gate.turn(COMMAND):
        pass
    assert gate.commands_waited == 0
    await turns(gate, COMMAND, INTAKE, PROCESSING, COMMAND)
    assert gate.commands_waited == 2
    assert OpenGate().commands_waited == 0


async def test_within_an_urgency_who_came_first_goes_first() -> None:
    gate, given = WriterGate(), []

    async def one(number: int) -> None:
        async with gate.turn(INTAKE):
            given.append(number)

    async with gate.turn(INTAKE):
        tasks = [asyncio.create_task(one(number)) for number in range(10)]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert given == list(range(10))


async def test_intake_that_never_pauses_lets_processing_through_now_and_then() -> None:
    given = await turns(WriterGate(), *[INTAKE] * 20, PROCESSING, PROCESSING)
    assert [place for place, urgency in enumerate(given) if urgency is PROCESSING] == [PATIENCE, 2 * PATIENCE + 1]


async def test_only_one_has_the_turn() -> None:
    gate, inside, most = WriterGate(), 0, 0

    async def one(urgency: Urgency) -> None:
        nonlocal inside, most
        async with gate.turn(urgency):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(one(urgency) for urgency in [*Urgency] * 10))
    assert most == 1


async def test_who_is_cancelled_while_waiting_keeps_nobody_else_waiting() -> None:
    gate = WriterGate()
    async with gate.turn(COMMAND):
        waiting = asyncio.create_task(_pass(gate, INTAKE))
        behind = asyncio.create_task(_pass(gate, INTAKE))
        await asyncio.sleep(0)
        waiting.cancel()
    await behind
    assert waiting.cancelled() or waiting.cancelling()


async def test_a_turn_given_to_who_was_cancelled_meanwhile_goes_to_the_next() -> None:
    gate = WriterGate()
    async with gate.turn(COMMAND):
        given = asyncio.create_task(_pass(gate, INTAKE))
        behind = asyncio.create_task(_pass(gate, PROCESSING))
        await asyncio.sleep(0)
    given.cancel()  # it has the turn, and has not run since
    await behind
    with pytest.raises(asyncio.CancelledError):
        await given


async def test_what_is_raised_within_a_turn_hands_it_on() -> None:
    gate = WriterGate()
    with pytest.raises(RuntimeError, match="in my turn"):
        await _break(gate)
    await _pass(gate, PROCESSING)


async def test_where_there_are_many_writers_nobody_waits() -> None:
    gate = OpenGate()
    async with gate.turn(PROCESSING), gate.turn(PROCESSING):
        await asyncio.sleep(0)


async def _pass(gate: WriterGate, urgency: Urgency) -> None:
    async with gate.turn(urgency):
        pass


async def _break(gate: WriterGate) -> None:
    async with gate.turn(INTAKE):
        raise RuntimeError("in my turn")
