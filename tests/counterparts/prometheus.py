"""A real Prometheus on loopback, with rules of the test's own and short intervals."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest

from tests.counterparts.alertmanager import Alertmanager
from tests.counterparts.need import need
from tests.counterparts.program import Program, start_server


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus at `url`."""

    url: str
    program: Program

    async def query(self, expression: str) -> Sequence[Mapping[str, Any]]:
        """Return the result of an instant query, as its HTTP API tells it."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/api/v1/query", params={"query": expression}) as response,
        ):
            answer = await response.json()
        if answer["status"] != "success":
            raise ValueError(f"Prometheus refused the query: {answer['error']}")
        result: Sequence[Mapping[str, Any]] = answer["data"]["result"]
        return result

    def stop(self) -> None:
        """End it as an operator would."""
        self.program.stop()


class StartPrometheus(Protocol):
    """Starts a Prometheus that is ready when it returns."""

    async def __call__(
        self, *, rules: str = "", alertmanager: Alertmanager | None = None, targets: Sequence[str] = ()
    ) -> Prometheus:
        """`rules` is the text of a rule file; `targets` are `host:port` addresses whose `/metrics` are scraped."""
        ...


@pytest.fixture
async def prometheus(tmp_path: Path) -> AsyncIterator[StartPrometheus]:
    """Give a function that starts a Prometheus; it evaluates and scrapes five times a second."""
    executable = need("prometheus")
    started: list[Prometheus] = []

    async def start(
        *, rules: str = "", alertmanager: Alertmanager | None = None, targets: Sequence[str] = ()
    ) -> Prometheus:
        folder = tmp_path / f"prometheus-{len(started)}"
        folder.mkdir()
        (folder / "rules.yml").write_text(rules)
        receivers = [alertmanager.url.removeprefix("http://")] if alertmanager else []
        config = {
            "global": {"evaluation_interval": "200ms", "scrape_interval": "200ms", "scrape_timeout": "200ms"},
            "rule_files": ["rules.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": receivers}]}]},
            "scrape_configs": [{"job_name": "tested", "static_configs": [{"targets": list(targets)}]}],
        }
        (folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        url, program = await start_server(
            lambda port: [
                executable,
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                f"--web.listen-address=127.0.0.1:{port}",
                "--rules.alert.resend-delay=1s",  # a minute by default
            ],
            folder,
        )
        started.append(Prometheus(url, program))
        return started[-1]

    yield start
    for one in started:
        one.stop()
