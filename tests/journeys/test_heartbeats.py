"""Heartbeats over HTTP: by a plain request, and by a real Alertmanager's Watchdog."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import running
from bot.config.settings import Settings
from tests.counterparts.alertmanager import StartAlertmanager
from tests.counterparts.program import free_port, until
from tests.counterparts.tocsin import ORGANISATION

KEY = "the-key-of-the-watchdog"
HEARTBEATS = """
heartbeats:
  - {name: watchdog, every: 1m, severity: SEV1, key: "env:WATCHDOG_KEY"}
"""


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    config = tmp_path / "tocsin.yaml"
    config.write_text(ORGANISATION + HEARTBEATS)
    env = {
        "TOCSIN_CONFIG": str(config),
        "TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/beats.db",
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
        "WATCHDOG_KEY": KEY,
    }
    async with running(Settings.from_environment(env), env=env) as started:
        yield started.url


async def call(method: str, url: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.request(method, url) as response:
        return response.status, await response.json(content_type=None)


async def watched(url: str) -> Any:
    _, answer = await call("GET", f"{url}/api/v1/heartbeats")
    [heartbeat] = answer["items"]
    return heartbeat


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_beat_is_written_down_before_it_is_answered(url: str, method: str) -> None:
    assert (await watched(url))["beat_at"] is None
    status, answer = await call(method, f"{url}/heartbeats/watchdog/{KEY}")
    assert (status, answer["name"]) == (200, "watchdog")
    assert (await watched(url))["beat_at"] is not None


@pytest.mark.parametrize("path", ["watchdog/wrong", f"other/{KEY}", "watchdog/%ED%A0%80", "%00/%00"])
async def test_a_wrong_key_and_an_unknown_name_are_one_answer_and_no_beat(url: str, path: str) -> None:
    status, answer = await call("POST", f"{url}/heartbeats/{path}")
    assert status == 404
    assert (await watched(url))["beat_at"] is None
    assert KEY not in json.dumps(answer)


@pytest.mark.counterpart
async def test_alertmanagers_watchdog_beats_as_long_as_it_fires(url: str, alertmanager: StartAlertmanager) -> None:
    route = {"receiver": "beat", "group_wait": "0s", "group_interval": "300ms", "repeat_interval": "300ms"}
    webhook = {"url": f"{url}/heartbeats/watchdog/{KEY}", "send_resolved": False}
    config = {"route": route, "receivers": [{"name": "beat", "webhook_configs": [webhook]}]}
    started = await alertmanager(json.dumps(config))
    await started.post_alerts({"labels": {"alertname": "Watchdog"}})

    async def has_beaten() -> bool:
        return (await watched(url))["beat_at"] is not None

    await until(has_beaten)
    first = (await watched(url))["beat_at"]

    async def has_beaten_again() -> bool:
        return bool((await watched(url))["beat_at"] > first)

    await until(has_beaten_again)
