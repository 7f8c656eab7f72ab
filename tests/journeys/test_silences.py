"""Silences from end to end: a real Alertmanager's alerts are held back and open at the end; a kill loses none."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import running
from bot.config.settings import Settings
from tests.counterparts.alertmanager import StartAlertmanager
from tests.counterparts.program import free_port, until
from tests.counterparts.tocsin import ORGANISATION, Replicas

INHIBIT = """
inhibit:
  - {name: down, source: 'alertname="Down"', target: 'severity="error"', equal: [cluster], grace: 1s}
"""


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    config = tmp_path / "tocsin.yaml"
    config.write_text(ORGANISATION + INHIBIT)
    env = {
        "TOCSIN_CONFIG": str(config),
        "TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/silences.db",
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
    }
    async with running(Settings.from_environment(env), env=env) as started:
        yield started.url


async def get(url: str, path: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/api/v1{path}") as response:
        return (await response.json())["items"]


async def silenced(url: str, match: str, ends_at: datetime) -> None:
    body = {"actor": "omar", "match": match, "ends_at": ends_at.isoformat(), "reason": "load test"}
    async with aiohttp.ClientSession() as session, session.post(f"{url}/api/v1/silences", json=body) as response:
        assert response.status == 200, await response.text()


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=8)


@pytest.mark.counterpart
async def test_what_alertmanager_sends_once_is_held_back_and_opens_when_its_silence_and_its_inhibitor_end(
    url: str, alertmanager: StartAlertmanager
) -> None:
    route = {"receiver": "tocsin", "group_by": ["alertname"], "group_wait": "0s", "group_interval": "300ms"}
    webhook = {"url": f"{url}/webhooks/alertmanager", "send_resolved": True}
    receivers = [{"name": "tocsin", "webhook_configs": [webhook]}]
    started = await alertmanager(json.dumps({"route": {**route, "repeat_interval": "4h"}, "receivers": receivers}))
    await silenced(url, 'alertname="DriftHigh"', soon())
    down = {"alertname": "Down", "severity": "critical", "cluster": "eu"}
    await started.post_alerts({"labels": {"alertname": "DriftHigh", "severity": "critical"}}, {"labels": down})

    async def is_down() -> bool:
        return [alert["labels"]["alertname"] for alert in await get(url, "/alerts?state=firing")] == ["Down"]

    await until(is_down)
    await started.post_alerts({"labels": {"alertname": "Slow", "severity": "error", "cluster": "eu"}})

    async def both_are_held() -> bool:
        held = {alert["labels"]["alertname"]: alert for alert in await get(url, "/alerts?state=suppressed")}
        return held.keys() == {"DriftHigh", "Slow"}

    await until(both_are_held)
    held = {alert["labels"]["alertname"]: alert for alert in await get(url, "/alerts?state=suppressed")}
    assert held["DriftHigh"]["held_by"] == "S-1"
    assert held["DriftHigh"]["reason"].startswith("silence S-1 by omar until ")
    assert held["Slow"]["reason"].startswith("inhibited (down) by ")

    over = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    await started.post_alerts({"labels": down, "endsAt": over})

    async def all_are_open() -> bool:
        firing = {alert["labels"]["alertname"]: alert for alert in await get(url, "/alerts?state=firing")}
        return firing.keys() == {"DriftHigh", "Slow"} and all(alert["incident"] for alert in firing.values())

    await until(all_are_open, timedelta(seconds=60))
    assert {alert["count"] for alert in await get(url, "/alerts?state=firing")} == {1}
    [silence] = await get(url, "/silences?state=expired")
    assert (silence["hidden"], silence["holds"]) == (1, 0)


async def test_killed_before_a_silence_ends_tocsin_opens_what_it_held_when_it_is_back(replicas: Replicas) -> None:
    tocsin = replicas()
    await tocsin.start()
    ends_at = soon()
    await silenced(tocsin.url, 'alertname="DriftHigh"', ends_at)
    labels = {"alertname": "DriftHigh", "severity": "critical"}
    alert = {"status": "firing", "labels": labels, "annotations": {}, "fingerprint": "f1"}
    body = {"version": "4", "status": "firing", "alerts": [alert]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{tocsin.url}/webhooks/alertmanager", json=body) as response,
    ):
        assert response.status == 202

    async def is_held() -> bool:
        return len(await get(tocsin.url, "/alerts?state=suppressed")) == 1

    await tocsin.until(is_held)
    tocsin.kill()
    await asyncio.sleep(max(0.0, (ends_at - datetime.now(UTC)).total_seconds()))
    await tocsin.start()

    async def is_open() -> bool:
        return len(await get(tocsin.url, "/incidents?status=open")) == 1

    await tocsin.until(is_open)
    await tocsin.until(tocsin.drained)
    incident = await tocsin.get("/incidents/INC-1")
    assert [page["person"] for page in incident["pages"]] == ["amira"]
    tocsin.stop()
