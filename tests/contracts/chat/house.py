"""Every chat's world, and the whole of Tocsin in it."""

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import pytest

from bot.app import running
from bot.clock import SteeredClock
from bot.config.settings import Settings
from bot.parts import Tocsin
from bot.ports.chat import Ability
from bot.ports.records import LaneKind
from integrations.chat.discovery import declared
from tests.contracts.chat.organisation import organisation
from tests.contracts.chat.world import Gap, OpenWorld, SeenRoom, World
from tests.counterparts.program import free_port, until

WORLDS = sorted(file.stem.removesuffix("_world") for file in Path(__file__).parent.glob("*_world.py"))
KEY = "a-key-of-more-than-32-characters-in-all"
"""Lets programs in where others can reach Tocsin."""


@pytest.fixture(params=WORLDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Give each chat's world."""
    open_world: OpenWorld = importlib.import_module(f"tests.contracts.chat.{request.param}_world").open_world
    async with open_world(tmp_path) as opened:
        yield opened


def unless(gap: Gap, world: World) -> None:
    """Leave the test out where the world declares that what it is about can't happen to its chat."""
    if gap in world.gaps:
        pytest.skip(f"{world.name}: {gap}")


@dataclass
class Outside:
    """Tocsin as somebody sees it who has the world, the webhooks and the API."""

    url: str
    world: World
    is_public: bool = field(default=False, kw_only=True)

    def session(self) -> aiohttp.ClientSession:
        """Give a session that is let in."""
        return aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"} if self.is_public else None)

    def can(self, ability: Ability) -> bool:
        """Say whether the world's chat has an ability."""
        return ability in self.world.abilities

    async def get(self, path: str) -> dict[str, Any]:
        """Fetch from the API."""
        async with self.session() as session, session.get(f"{self.url}/api/v1{path}") as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def says(self, actor: str, text: str) -> str:
        """Give a command that has nothing to do with the chat; it must be carried out."""
        body = {"actor": actor, "room": None, "text": text}
        address = f"{self.url}/api/v1/commands"
        async with self.session() as session, session.post(address, json=body) as response:
            answer = await response.json()
            assert answer["ok"], answer
            return str(answer["reply"])

    async def alert(self, title: str, *, severity: str = "critical", status: str = "firing", **more: Any) -> None:
        """Let a monitoring system report an alert."""
        body = {"title": title, "severity": severity, "status": status, "service": "inference-gateway", **more}
        address = f"{self.url}/webhooks/generic"
        async with self.session() as session, session.post(address, json=body) as response:
            assert response.status == 202, await response.text()

    async def room(self, name: str = "inc-1-", *, settled: bool = True) -> SeenRoom:
        """Return the incident's room once it is there, by default when nothing of it waits to be told."""
        found: list[SeenRoom] = []

        async def is_there() -> bool:
            is_told = not settled or await self.is_told()
            rooms = [room for room in await self.world.rooms() if room.name.startswith(name)]
            found[:] = rooms[-1:]
            return bool(found) and is_told

        await until(is_there)
        return found[0]

    async def untold(self) -> list[dict[str, Any]]:
        """Return the effects that are still ahead."""
        left: list[dict[str, Any]] = (await self.get("/effects?state=pending&limit=500"))["items"]
        return left

    async def is_told(self) -> bool:
        """Say whether every effect is behind us."""
        return not await self.untold()

    async def kinds(self) -> list[str]:
        """Return the kinds of the incident's timeline events, in order."""
        return [event["kind"] for event in (await self.get("/incidents/INC-1"))["timeline"]]

    async def told(self) -> None:
        """Wait until every effect is behind us."""
        await until(self.is_told)


@dataclass
class House(Outside):
    """Tocsin at work in this process, with a clock that the test may move."""

    tocsin: Tocsin
    clock: SteeredClock

    def steady(self) -> float:
        """Count the seconds that have gone by, with those that the clock was moved."""
        return steady_by(self.clock)

    async def is_told(self) -> bool:
        """Say whether every effect is behind us. Where each that is left waits for its time, the next one's comes now."""
        left = await self.untold()
        due_at = min((datetime.fromisoformat(effect["due_at"]) for effect in left), default=self.clock.now())
        if (wait := due_at - self.clock.now()) > timedelta():
            self.clock.forward(wait)
            self.tocsin.bell.ring(("effects",))
        return not left

    async def heard(self) -> None:
        """Wait until all that the chat has reported is behind us."""

        async def is_heard() -> bool:
            return LaneKind.UPDATE not in (await self.tocsin.store.backlog(self.clock.now())).lanes

        await until(is_heard)

    async def later(self, **by: float) -> None:
        """Move the clock, and wait until what was due is done."""
        self.clock.forward(timedelta(**by))
        # One look at the timers has begun and ended since the clock moved once two beats have been heard.
        timers = next(loop for loop in self.tocsin.loops if loop.name == "timers")
        for _ in range(2):
            heard = timers.beat_at
            self.tocsin.bell.ring(("timers",))

            async def has_turned(heard: float = heard) -> bool:
                return timers.beat_at > heard

            await until(has_turned)
        await self.told()

    async def settled_card(self, words: str) -> None:
        """Wait until the pinned card of the first incident says this; a card is redrawn at a bearable pace."""

        async def says_so() -> bool:
            self.clock.forward(timedelta(seconds=1))
            self.tocsin.bell.ring(("effects",))
            return any(words in card.text for card in (await self.room(settled=False)).pinned)

        await until(says_so)
        await self.told()


def steady_by(clock: SteeredClock) -> float:
    """Count seconds that never go back, by a clock that may be moved."""
    return monotonic() + clock.ahead.total_seconds()


@pytest.fixture
async def house(world: World, tmp_path: Path, migrated_sqlite_url: str) -> AsyncIterator[House]:
    """Give Tocsin at work in each world, on SQLite."""
    async with at_work(world, tmp_path, migrated_sqlite_url) as opened:
        yield opened


@asynccontextmanager
async def at_work(world: World, folder: Path, database: str, *, public_url: str | None = None) -> AsyncIterator[House]:
    """Run Tocsin in a world, by default where only this machine can reach its pages."""
    config = folder / "tocsin.yaml"
    config.write_text(organisation(world, with_logins=public_url is not None))
    port = free_port()
    env = {
        "TOCSIN_CONFIG": str(config),
        "TOCSIN_DATABASE_URL": database,
        "TOCSIN_LISTEN": f"127.0.0.1:{port}",
        **world.env,
    }
    if public_url is not None:
        env |= {"TOCSIN_PUBLIC_URL": public_url, "AMIRA_PASSWORD": KEY}
        env |= dict.fromkeys(("TOCSIN_API_TOKEN", "TOCSIN_SECRET_KEY", "TOCSIN_WEBHOOK_KEY"), KEY)
    steered: list[SteeredClock] = []

    def steer(clock: Any) -> SteeredClock:
        steered.append(SteeredClock(clock))
        return steered[0]

    here = f"http://127.0.0.1:{port}"
    await world.connect(here)
    settings = Settings.from_environment(env, declared())
    async with running(settings, env=env, steer=steer, steady=lambda: steady_by(steered[0])) as tocsin:
        yield House(here, world, tocsin, steered[0], is_public=public_url is not None)
