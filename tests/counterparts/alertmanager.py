"""A real Alertmanager on loopback, configured by the test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.counterparts.need import need
from tests.counterparts.program import Program, start_server


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """A running Alertmanager at `url`."""

    url: str
    program: Program

    async def post_alerts(self, *alerts: Mapping[str, object]) -> None:
        """Report alerts by its API v2, each at least `{"labels": {"alertname": ...}}`; a past `endsAt` resolves."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/api/v2/alerts", json=alerts) as response,
        ):
            if response.status != 200:
                raise ValueError(f"Alertmanager refused the alerts: {await response.text()}")

    async def alerts(self) -> Sequence[Mapping[str, object]]:
        """Return the alerts that it holds now, as its API v2 tells them."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/v2/alerts") as response:
            held: Sequence[Mapping[str, object]] = await response.json()
            return held

    def stop(self) -> None:
        """End it as an operator would; what it has not sent yet stays unsent."""
        self.program.stop()


StartAlertmanager = Callable[[str], Awaitable[Alertmanager]]


@pytest.fixture
async def alertmanager(tmp_path: Path) -> AsyncIterator[StartAlertmanager]:
    """Give a function that starts an Alertmanager with the text of a configuration, ready when it returns."""
    executable = need("alertmanager")
    started: list[Alertmanager] = []

    async def start(config: str) -> Alertmanager:
        folder = tmp_path / f"alertmanager-{len(started)}"
        folder.mkdir()
        (folder / "alertmanager.yml").write_text(config)
        url, program = await start_server(
            lambda port: [
                executable,
                "--config.file=alertmanager.yml",
                "--storage.path=data",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",  # the empty value turns gossip off
            ],
            folder,
        )
        started.append(Alertmanager(url, program))
        return started[-1]

    yield start
    for one in started:
        one.stop()
