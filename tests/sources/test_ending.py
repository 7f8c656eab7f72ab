"""Every source fires and resolves the same alert, and a request that nobody vouches for is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.app import running
from bot.config.settings import Settings
from bot.ports.sources import USUAL_ROUTES, AlertSource
from integrations.sources.discovery import discover
from tests.counterparts.program import free_port, until
from tests.counterparts.tocsin import ORGANISATION
from tests.sources.endings import ending

NOW = datetime(2026, 11, 22, 22, 5, tzinfo=UTC)
# Drop-in sources have routes of their own, and a journey too.
SOURCES = {name: source for name, source in discover().items() if source.routes == USUAL_ROUTES}
KEY = "the-key-of-every-source"

SAMPLES = Path(__file__).parent.parent / "samples"
# What comes through the door of another vendor's source, in that source's shape.
CARRIED = {"cloudwatch": SAMPLES / "sagemaker" / "alarm.json", "gcp": SAMPLES / "vertex" / "incident.json"}

every_body = pytest.mark.parametrize(
    ("source", "body"),
    [pytest.param(source, source.sample, id=source.name) for source in SOURCES.values()]
    + [pytest.param(SOURCES[name], path.read_bytes(), id=path.parent.name) for name, path in CARRIED.items()],
)


@every_body
def test_what_fired_is_resolved_by_its_fingerprint(source: AlertSource, body: bytes) -> None:
    fired = source.parse(body, NOW).events[0]
    ended = source.parse(ending(source.name, body), NOW).events[0]
    assert fired.is_firing
    assert not ended.is_firing
    assert ended.fingerprint == fired.fingerprint


@every_body
def test_a_firing_alert_can_be_routed_grouped_and_read(source: AlertSource, body: bytes) -> None:
    fired = source.parse(body, NOW).events[0]
    assert fired.labels["alertname"]
    assert fired.labels.get("severity") == fired.severity
    assert fired.title
    assert fired.summary
    assert fired.ends_at is None


@dataclass(frozen=True)
class House:
    """A running Tocsin whose every source has one key."""

    session: aiohttp.ClientSession

    async def send(self, name: str, body: bytes, key: str | None) -> int:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        async with self.session.post(f"/webhooks/{name}", data=body, headers=headers) as response:
            return response.status

    async def get(self, path: str) -> list[dict[str, Any]]:
        async with self.session.get(f"/api/v1{path}") as response:
            items: list[dict[str, Any]] = (await response.json())["items"]
            return items

    async def settled(self) -> None:
        await until(self._is_settled)

    async def _is_settled(self) -> bool:
        return not await self.get("/deliveries?state=pending")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("sources")
    (folder / "tocsin.yaml").write_text(ORGANISATION)
    env = {
        "TOCSIN_CONFIG": str(folder / "tocsin.yaml"),
        "TOCSIN_DATABASE_URL": f"sqlite:///{folder}/sources.db",
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
        "TOCSIN_WEBHOOK_KEY": KEY,
    }
    async with running(Settings.from_environment(env), env=env) as tocsin, aiohttp.ClientSession(tocsin.url) as session:
        yield House(session)


@every_body
@pytest.mark.asyncio(loop_scope="module")
async def test_it_opens_an_incident_and_ends_it(house: House, source: AlertSource, body: bytes) -> None:
    (first, *_) = source.parse(body, NOW).events
    assert await house.send(source.name, body, KEY) == 202
    await house.settled()
    alerts = [alert for alert in await house.get("/alerts?state=all") if alert["source"] == source.name]
    assert {alert["fingerprint"]: alert["state"] for alert in alerts}[first.fingerprint] == "firing"
    assert all(alert["incident"] for alert in alerts if alert["fingerprint"] == first.fingerprint)

    assert await house.send(source.name, ending(source.name, body), KEY) == 202
    await house.settled()
    alerts = [alert for alert in await house.get("/alerts?state=all") if alert["source"] == source.name]
    assert {alert["fingerprint"]: alert["state"] for alert in alerts}[first.fingerprint] == "resolved"


@every_body
@pytest.mark.parametrize("key", [None, "another-key-of-nobody"])
@pytest.mark.asyncio(loop_scope="module")
async def test_whoever_has_no_key_is_refused(house: House, source: AlertSource, body: bytes, key: str | None) -> None:
    before = await house.get("/deliveries?state=all&limit=500")
    assert await house.send(source.name, body, key) == 401
    assert await house.send(source.name, json.dumps({}).encode(), key) == 401
    assert await house.get("/deliveries?state=all&limit=500") == before
