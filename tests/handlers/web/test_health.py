"""Alive is told without looking; ready only when the database answers and every loop turns; figures need the token."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, cast

import pytest
from aiohttp import ClientSession, web

from bot.loops import Loop
from bot.metrics import Metrics
from bot.ports.records import LaneKind
from bot.ports.store import Backlog, DatabaseMoved, Store
from handlers.web.health import add_health
from tests.builders import NOW
from tests.handlers.web.serving import served

TOKEN = "the-api-token"


@dataclass
class Memory:
    """As much of a store as health asks for."""

    error: Exception | None = None
    asked: int = 0
    meanwhile: Callable[[], None] = lambda: None

    async def check(self) -> None:
        if self.error is not None:
            raise self.error

    async def backlog(self, now: datetime) -> Backlog:
        self.asked += 1
        self.meanwhile()
        if self.error is not None:
            raise self.error
        lanes = {LaneKind.PAGE: (3, timedelta(seconds=12))}
        return Backlog(deliveries=7, lanes=lanes, dead_effects=1, timer_lateness=timedelta(seconds=2))


class Clock:
    def now(self) -> datetime:
        return NOW


async def rest() -> bool:
    return False


@dataclass
class House:
    client: ClientSession
    memory: Memory = field(default_factory=Memory)
    loops: list[Loop] = field(default_factory=list)

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.client.get(path, headers=headers) as response:
            return response.status, await response.text()

    async def ready(self) -> tuple[int, Any]:
        async with self.client.get("/readyz") as response:
            return response.status, await response.json()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    app, memory, loops = web.Application(), Memory(), [a_loop("intake"), a_loop("timers")]
    add_health(
        app,
        store=cast(Store, memory),
        clock=Clock(),
        loops=lambda: loops,
        metrics=Metrics(),
        token=TOKEN,
    )
    async with served(app) as client:
        yield House(client, memory, loops)


def a_loop(name: str, silent_for: float = 0) -> Loop:
    return Loop(name, rest, asyncio.Event(), beat_at=monotonic() - silent_for)


async def test_alive_does_not_depend_on_anything(house: House) -> None:
    house.memory.error = ConnectionError("gone")
    assert await house.get("/healthz") == (200, "alive\n")


async def test_ready_when_the_database_answers_and_every_loop_turns(house: House) -> None:
    assert await house.ready() == (200, {"ready": True, "database": True, "loops": {"intake": True, "timers": True}})


async def test_a_loop_that_is_stuck_is_named(house: House) -> None:
    house.loops[1] = a_loop("timers", silent_for=61)
    status, told = await house.ready()
    assert (status, told["loops"]) == (503, {"intake": True, "timers": False})


async def test_before_there_are_loops_tocsin_is_not_ready(house: House) -> None:
    house.loops.clear()
    assert (await house.ready())[0] == 503


@pytest.mark.parametrize("error", [ConnectionError("at postgresql://user:secret@db"), RuntimeError("not migrated")])
async def test_without_its_database_tocsin_is_not_ready_and_says_no_more(house: House, error: Exception) -> None:
    house.memory.error = error
    status, told = await house.ready()
    assert (status, told["database"]) == (503, False)
    assert str(error) not in str(told)


async def test_a_database_whose_file_was_moved_away_is_named_as_the_reason(house: House) -> None:
    house.memory.error = DatabaseMoved("/var/lib/tocsin/var/tocsin.sqlite3 is no longer the file that is open")
    status, told = await house.ready()
    assert (status, told["ready"], told["database"]) == (503, False, False)
    assert told["reason"].startswith("The database's file was moved, removed or replaced")
    assert "/var/lib" not in str(told)


async def test_figures_tell_what_waits_and_how_the_loops_are(house: House) -> None:
    status, text = await house.get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    for line in (
        "tocsin_inbox_waiting 7.0",
        'tocsin_outbox_waiting{lane="page"} 3.0',
        'tocsin_outbox_oldest_seconds{lane="page"} 12.0',
        'tocsin_outbox_waiting{lane="room"} 0.0',
        "tocsin_outbox_dead 1.0",
        "tocsin_timer_lateness_seconds 2.0",
    ):
        assert line in text.splitlines()
    assert 'tocsin_loop_heartbeat_age_seconds{loop="intake"}' in text


async def test_a_loop_that_turned_while_the_database_was_asked_did_not_do_so_in_the_future(house: House) -> None:
    def turned() -> None:
        house.loops[0].beat_at = monotonic()

    house.memory.meanwhile = turned
    _, text = await house.get("/metrics", Authorization=f"Bearer {TOKEN}")
    ages = [line.split()[1] for line in text.splitlines() if line.startswith("tocsin_loop_heartbeat_age_seconds{")]
    assert len(ages) == 2
    assert min(map(float, ages)) >= 0


async def test_figures_need_the_token(house: House) -> None:
    assert (await house.get("/metrics"))[0] == 401
    assert (await house.get("/metrics", Authorization="Bearer wrong"))[0] == 401


async def test_looking_often_asks_the_database_seldom(house: House) -> None:
    for _ in range(5):
        await house.get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert house.memory.asked == 1


async def test_figures_are_told_without_a_database_too(house: House) -> None:
    house.memory.error = ConnectionError("gone")
    status, text = await house.get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    assert "tocsin_deliveries_total" in text or "tocsin_deliveries" in text
