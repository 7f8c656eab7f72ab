"""Tocsin itself as a process of its own: started, asked over HTTP, frozen and killed as a machine would."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.counterparts.forked import Forked
from tests.counterparts.program import DidNotStart, Program, becomes_ready, free_port

REPOSITORY = Path(__file__).resolve().parents[2]

ORGANISATION = """\
organisation: {name: Acme AI, timezone: Asia/Dubai}
people:
  - {name: amira, email: amira@acme.example, timezone: Asia/Dubai, access: admin}
  - {name: omar, email: omar@acme.example, timezone: Asia/Dubai, access: responder}
teams:
  - {name: ml-platform, members: [amira, omar], lead: amira}
services:
  - {name: inference-gateway, team: ml-platform, policy: ml-oncall, runbook: "https://runbooks.example/gateway"}
schedules:
  - name: ml-primary
    timezone: Asia/Dubai
    layers:
      - {name: always, people: [amira], every: 7d, handoff: 2026-01-05T09:00}
policies:
  - name: ml-oncall
    repeat: 1
    steps:
      - {page: ["schedule:ml-primary"]}
      - {after: 5m, page: ["person:omar"]}
routes:
  - {policy: ml-oncall}
"""


@dataclass(slots=True)
class Tocsin:
    """One replica. `folder` holds its configuration and, on SQLite, its database; `env` adds to its environment."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    url: str = ""
    program: Program | Forked | None = None

    async def start(self) -> None:
        """Start it and return when it is ready."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        env = {"TOCSIN_LISTEN": f"127.0.0.1:{port}", **self.env}
        self.program = Forked(self.folder, self.folder / "tocsin.log", env)
        self.program.start()
        if not await becomes_ready(self.program, f"{self.url}/readyz"):
            said = self.program.says()
            self.program.stop(signal.SIGKILL)
            raise DidNotStart(f"Tocsin did not become ready:\n{said}")

    def kill(self) -> None:
        """End it without a warning."""
        self.stop(signal.SIGKILL)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; twice is harmless."""
        if self.program is not None:
            self.program.stop(how)

    def freeze(self) -> None:
        """Stop its clock: it holds what it has and does nothing."""
        assert self.program is not None
        self.program.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it was."""
        assert self.program is not None
        self.program.signal(signal.SIGCONT)

    async def get(self, path: str) -> dict[str, Any]:
        """Fetch from its API."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/v1{path}") as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer

    async def everything(self, path: str) -> list[dict[str, Any]]:
        """Fetch a whole list, window by window."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            window = await self.get(f"{path}&limit=500{cursor}")
            items.extend(window["items"])
            if window["next"] is None:
                return items
            cursor = f"&cursor={window['next']}"

    async def command(self, actor: str, text: str, room: str | None = None) -> dict[str, Any]:
        """Type a line, in an incident's room or nowhere."""
        body = {"actor": actor, "room": room, "text": text}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/api/v1/commands", json=body) as response,
        ):
            answer: dict[str, Any] = await response.json()
            return answer

    async def until(self, holds: Callable[[], Any], seconds: float = 60) -> None:
        """Wait until an asynchronous claim holds."""
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(0.05)

    async def drained(self) -> bool:
        """Say whether nothing waits any more: no delivery, no effect."""
        deliveries = await self.get("/deliveries?state=pending&limit=1")
        effects = await self.get("/effects?state=pending&limit=1")
        return not deliveries["items"] and not effects["items"]


Replicas = Callable[..., Tocsin]


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    """Give a function that makes a replica (not yet started) in a folder with the usual organisation."""
    made: list[Tocsin] = []

    def make(**env: str) -> Tocsin:
        folder = tmp_path / f"replica-{len(made)}"
        folder.mkdir()
        (folder / "tocsin.yaml").write_text(ORGANISATION)
        made.append(Tocsin(folder, dict(env)))
        return made[-1]

    yield make
    for one in made:
        one.stop(signal.SIGKILL)
