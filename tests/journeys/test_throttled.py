"""A real Alertmanager that is told to slow down sends again, by each of its three ways, until everything has come."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import running
from bot.config.settings import Settings
from tests.counterparts.alertmanager import StartAlertmanager
from tests.counterparts.program import free_port, until
from tests.counterparts.tocsin import ORGANISATION

KEY = "the-key-of-every-source"
# A token comes back every two seconds.
SOURCES = """
sources:
  - {name: prom, kind: alertmanager, keys: ["env:SENDER_KEY"], per_minute: 30}
  - {name: pager, kind: pagerduty, keys: ["env:SENDER_KEY"], per_minute: 30}
  - {name: genie, kind: opsgenie, keys: ["env:SENDER_KEY"], per_minute: 30}
"""
KINDS = ("alertmanager", "pagerduty", "opsgenie")
NAMES = [f"Down{number}" for number in range(4)]


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    (tmp_path / "tocsin.yaml").write_text(ORGANISATION + SOURCES)
    env = {
        "TOCSIN_CONFIG": str(tmp_path / "tocsin.yaml"),
        "TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/throttled.db",
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
        "SENDER_KEY": KEY,
    }
    async with running(Settings.from_environment(env), env=env) as tocsin:
        yield tocsin.url


@pytest.fixture
async def session(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url) as made:
        yield made


def to_all_three(url: str) -> str:
    receivers: Mapping[str, Any] = {
        "webhook": {"webhook_configs": [{"url": f"{url}/webhooks/prom/{KEY}"}]},
        "pagerduty": {"pagerduty_configs": [{"url": f"{url}/v2/enqueue", "routing_key": KEY, "severity": "critical"}]},
        "opsgenie": {"opsgenie_configs": [{"api_url": f"{url}/", "api_key": KEY, "priority": "P1"}]},
    }
    times = {"group_by": ["alertname"], "group_wait": "100ms", "group_interval": "500ms"}
    routes = [{"receiver": name, "continue": True} for name in receivers]
    return json.dumps(
        {
            "route": {"receiver": "webhook", **times, "routes": routes},
            "receivers": [{"name": name, **receiver} for name, receiver in receivers.items()],
        }
    )


async def use_up(session: aiohttp.ClientSession, path: str, body: bytes) -> None:
    """Make requests of no meaning with the key of a source until one is too many."""
    headers = {"Authorization": f"GenieKey {KEY}"} if path == "/v2/alerts" else {"Authorization": f"Bearer {KEY}"}
    while True:
        async with session.post(path, data=body, headers=headers) as response:
            if response.status == 503:
                assert int(response.headers["Retry-After"]) > 0
                return


async def refused(session: aiohttp.ClientSession) -> Mapping[str, float]:
    """How many requests of each kind were refused by now."""
    async with session.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    found = dict.fromkeys(KINDS, 0.0)
    for line in lines:
        for kind in KINDS:
            if line.startswith(f'tocsin_deliveries_total{{kind="{kind}",outcome="refused"}}'):
                found[kind] = float(line.split()[-1])
    return found


async def states(session: aiohttp.ClientSession) -> list[tuple[str, str]]:
    async with session.get("/api/v1/alerts?state=all&limit=500") as response:
        return sorted((alert["source"], alert["state"]) for alert in (await response.json())["items"])


@pytest.mark.counterpart
async def test_what_was_refused_for_its_rate_is_sent_again_and_nothing_is_lost(
    url: str, session: aiohttp.ClientSession, alertmanager: StartAlertmanager
) -> None:
    sender = await alertmanager(to_all_three(url))
    await use_up(session, "/webhooks/prom", b'{"version": "4", "status": "firing", "alerts": []}')
    await use_up(session, "/v2/enqueue", json.dumps({"routing_key": KEY}).encode())
    await use_up(session, "/v2/alerts", b"{}")
    before = await refused(session)

    labels = [{"alertname": name, "severity": "critical", "service": "inference-gateway"} for name in NAMES]
    await sender.post_alerts(*({"labels": each} for each in labels))

    async def all_fire() -> bool:
        return await states(session) == sorted(
            (source, "firing") for source in ("prom", "pager", "genie") for _ in NAMES
        )

    await until(all_fire, within=timedelta(minutes=1))
    after = await refused(session)
    assert all(after[kind] > before[kind] for kind in KINDS), "nothing was refused, so this proves nothing"

    ended_at = datetime.now(UTC).isoformat()
    await sender.post_alerts(*({"labels": each, "endsAt": ended_at} for each in labels))

    async def all_are_over() -> bool:
        return all(state == "resolved" for _, state in await states(session))

    await until(all_are_over, within=timedelta(minutes=1))
