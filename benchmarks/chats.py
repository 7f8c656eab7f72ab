"""How long people wait for an answer in Slack and in Telegram, at idle and while alerts pour in."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.load import flood, post
from benchmarks.programs import Program, tocsin
from tests.contracts.chat import slack_world, telegram_world
from tests.contracts.chat.organisation import organisation
from tests.contracts.chat.world import OpenWorld, SeenRoom, World

TIMES = 100
PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does again and again in a world, timed by `do`; `undo` takes it back in between, untimed."""

    title: str
    open_world: OpenWorld
    do: Callable[[World, SeenRoom, int], Awaitable[None]]
    undo: Callable[[Program], Awaitable[None]]


def measure_chats(folder: Path, seconds: int) -> None:
    """Print what people wait for in either chat."""
    for name, act in (("slack", COMMAND), ("telegram", BUTTON)):
        (folder / name).mkdir()
        asyncio.run(_measure(folder / name, act, seconds))


async def _measure(folder: Path, act: Act, seconds: int) -> None:
    async with act.open_world(folder) as world:
        with ExitStack() as stack:
            running = tocsin(folder, organisation=organisation(world), more=world.env)
            program = await asyncio.to_thread(stack.enter_context, running)
            await world.connect(program.url)
            room = await _opened(world, program)

            async def times(until: "asyncio.Task[object] | None" = None) -> list[float]:
                taken: list[float] = []
                while (until is None and len(taken) < TIMES) or (until is not None and not until.done()):
                    begun_at = time.perf_counter()
                    await act.do(world, room, len(taken))
                    taken.append((time.perf_counter() - begun_at) * 1e3)
                    await act.undo(program)
                    await asyncio.sleep(PAUSE_SECONDS)
                return sorted(taken)

            idle = await times()
            opening = _calls_of_opening(world, room)
            pouring = asyncio.create_task(
                asyncio.to_thread(
                    flood, f"{program.url}/webhooks/alertmanager", "webhook", per_batch=50, seconds=seconds, run="c"
                )
            )
            busy = await times(pouring)
    print(f"{act.title} answered")
    print(f"  p50, p99 at idle                  {_at(idle, 0.5):9.0f} {_at(idle, 0.99):6.0f} ms wanted: p99 under 150")
    print(f"  p50, p99 while alerts pour in     {_at(busy, 0.5):9.0f} {_at(busy, 0.99):6.0f} ms wanted: p99 under 500")
    if opening:
        print(f"  calls for channel, card, people   {opening:9d}    wanted: 6 or fewer")


def _calls_of_opening(world: World, room: SeenRoom) -> int:
    """Return how many calls there were about a channel in Slack until its card was pinned and people were invited."""
    if not isinstance(world, slack_world.SlackWorld):
        return 0
    return len(world.server.calls_of_opening(world.server.workspace.channels[room.id]))


async def _opened(world: World, program: Program) -> SeenRoom:
    """Let an alert open an incident and somebody take it; returns its room when its pinned card has all its buttons."""
    body = b'{"title": "The model answers slowly", "status": "firing", "severity": "critical"}'
    await asyncio.to_thread(post, f"{program.url}/webhooks/generic", body)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        rooms = await world.rooms()
        if rooms and rooms[0].pinned:
            if "Mitigated" in rooms[0].pinned[0].buttons:
                return rooms[0]
            await _say(program, "amira", "ack INC-1")
        await asyncio.sleep(0.05)
    raise TimeoutError("no room with a pinned card within 30 s")


async def _command(world: World, room: SeenRoom, number: int) -> None:
    """Write a note, which is stored before it is answered: the answer is in the response itself."""
    assert isinstance(world, slack_world.SlackWorld)
    answered = await world.people.command(slack_world.USERS["amira"], f"note looked at it, {number}", room.id)
    assert answered.status == 200
    assert answered.body


async def _button(world: World, room: SeenRoom, number: int) -> None:  # noqa: ARG001 - each press is the same
    """Press a button that changes the incident, and wait for what Telegram shows.

    `press` would wait, by another press behind this one, until everything after the answer is done, too.
    """
    assert isinstance(world, telegram_world.TelegramWorld)
    shown = await world.tap("amira", room.pinned[0], "Mitigated")
    assert "mitigated" in shown, shown


async def _reopen(program: Program) -> None:
    """Take back what the button did, so that the next press changes something again."""
    await _say(program, "omar", "reopen INC-1 once more")


async def _nothing(_: Program) -> None:
    """Every note is another one: there is nothing to take back."""


async def _say(program: Program, actor: str, text: str) -> None:
    line = {"actor": actor, "room": None, "text": text}
    status = await asyncio.to_thread(post, f"{program.url}/api/v1/commands", json.dumps(line).encode())
    assert status == 200


COMMAND: Final = Act("Slack, a slash command", slack_world.open_world, _command, _nothing)
BUTTON: Final = Act("Telegram, a button", telegram_world.open_world, _button, _reopen)


def _at(taken: list[float], share: float) -> float:
    return taken[min(len(taken) - 1, int(len(taken) * share))]
