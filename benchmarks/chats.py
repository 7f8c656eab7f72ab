"""How long people wait for an answer in Slack and in Telegram, at idle and while alerts pour in."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.load import flood, post
from benchmarks.programs import Program, tocsin
from tests.contracts.chat import slack_world, telegram_world
from tests.contracts.chat.organisation import organisation
from tests.contracts.chat.world import OpenWorld, SeenRoom, World

TIMES = 100
PAUSE_SECONDS = 0.05

Act = Callable[[World, SeenRoom, int], Awaitable[None]]


def measure_chats(folder: Path, seconds: int) -> None:
    """Print what people wait for in either chat."""
    for name in ("slack", "telegram"):
        (folder / name).mkdir()
    asyncio.run(_measure(folder / "slack", slack_world.open_world, _command, "Slack, a slash command", seconds))
    asyncio.run(_measure(folder / "telegram", telegram_world.open_world, _button, "Telegram, a button", seconds))


async def _measure(folder: Path, open_world: OpenWorld, act: Act, title: str, seconds: int) -> None:
    async with open_world(folder) as world:
        with ExitStack() as stack:
            running = tocsin(folder, organisation=organisation(world), more=world.env)
            program = await asyncio.to_thread(stack.enter_context, running)
            await world.connect(program.url)
            room = await _opened(world, program)
            idle = await _times(world, room, act)
            opening = _calls_of_opening(world, room)
            pouring = asyncio.create_task(
                asyncio.to_thread(
                    flood, f"{program.url}/webhooks/alertmanager", "webhook", per_batch=50, seconds=seconds, run="c"
                )
            )
            busy = await _times(world, room, act, until=pouring)
    print(f"{title} answered")
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
    """Let an alert open an incident, and return its room when its card is pinned."""
    body = b'{"title": "The model answers slowly", "status": "firing", "severity": "critical"}'
    await asyncio.to_thread(post, f"{program.url}/webhooks/generic", body)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        rooms = await world.rooms()
        if rooms and rooms[0].pinned:
            return rooms[0]
        await asyncio.sleep(0.05)
    raise TimeoutError("no room with a pinned card within 30 s")


async def _times(world: World, room: SeenRoom, act: Act, *, until: "asyncio.Task[object] | None" = None) -> list[float]:
    taken: list[float] = []
    while (until is None and len(taken) < TIMES) or (until is not None and not until.done()):
        begun_at = time.perf_counter()
        await act(world, room, len(taken))
        taken.append((time.perf_counter() - begun_at) * 1e3)
        await asyncio.sleep(PAUSE_SECONDS)
    return sorted(taken)


async def _command(world: World, room: SeenRoom, number: int) -> None:
    """Write a note, which is stored before it is answered: the answer is in the response itself."""
    assert isinstance(world, slack_world.SlackWorld)
    answered = await world.people.command(slack_world.USERS["amira"], f"note looked at it, {number}", room.id)
    assert answered.status == 200
    assert answered.body


async def _button(world: World, room: SeenRoom, number: int) -> None:  # noqa: ARG001 - each press is the same
    """Press a button and wait for what Telegram shows."""
    await world.press("amira", room.pinned[0], "Acknowledge")


def _at(taken: list[float], share: float) -> float:
    return taken[min(len(taken) - 1, int(len(taken) * share))]
