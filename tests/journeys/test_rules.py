"""Rules of tocsin.yaml held against a real Prometheus and a real Alertmanager: dependencies, a silence, flapping."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import running
from bot.clock import SteeredClock
from bot.config.settings import Settings
from bot.parts import Tocsin
from tests.counterparts.alertmanager import StartAlertmanager
from tests.counterparts.program import free_port, until
from tests.counterparts.prometheus import StartPrometheus
from tests.counterparts.tocsin import ORGANISATION
from tests.journeys.gauge import RULES, Gauge, scraped, to_tocsin

SERVICES = """\
services:
  - {name: inference-gateway, team: ml-platform, policy: ml-oncall, depends_on: [feature-store]}
  - {name: feature-store, team: ml-platform, policy: ml-oncall}
incidents: {flapping: {turns: 4, within: 30m}}
"""
STORE_RULES = """\
      - alert: StoreDown
        expr: last_over_time(tested_store_down[1m]) > 0
        labels: {severity: critical, service: feature-store}
      - alert: FeaturesLate
        expr: last_over_time(tested_store_down[1m]) > 1
        labels: {severity: error, service: inference-gateway}
"""


@dataclass
class World:
    """Tocsin, told of a metric by a real Prometheus and a real Alertmanager."""

    tocsin: Tocsin
    clock: SteeredClock
    gauge: Gauge

    async def get(self, path: str) -> Any:
        url = f"{self.tocsin.url}/api/v1{path}"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def incidents(self) -> list[str]:
        return [incident["ref"] for incident in (await self.get("/incidents"))["items"]]

    async def alerts(self, state: str) -> dict[str, Any]:
        found = (await self.get(f"/alerts?state={state}"))["items"]
        return {alert["labels"]["alertname"]: alert for alert in found}

    async def kinds(self) -> list[str]:
        return [event["kind"] for event in (await self.get("/incidents/INC-1"))["timeline"]]

    async def says(self, line: str) -> str:
        body = {"actor": "amira", "room": None, "text": line}
        url = f"{self.tocsin.url}/api/v1/commands"
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return str(answer["reply"])

    async def fire(self, state: str, *names: str) -> None:
        """Wait until exactly these alerts are in a state."""

        async def they_are() -> bool:
            return (await self.alerts(state)).keys() == set(names)

        await until(they_are)


@pytest.fixture
async def world(tmp_path: Path, prometheus: StartPrometheus, alertmanager: StartAlertmanager) -> AsyncIterator[World]:
    config = tmp_path / "tocsin.yaml"
    lines = [line for line in ORGANISATION.splitlines(keepends=True) if "inference-gateway" not in line]
    config.write_text("".join(lines).replace("services:\n", SERVICES))
    env = {
        "TOCSIN_CONFIG": str(config),
        "TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/rules.db",
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
    }
    steered: list[SteeredClock] = []

    def steer(clock: Any) -> SteeredClock:
        steered.append(SteeredClock(clock))
        return steered[0]

    async with running(Settings.from_environment(env), env=env, steer=steer) as tocsin, scraped() as gauge:
        am = await alertmanager(to_tocsin(tocsin.url))
        await prometheus(rules=RULES + STORE_RULES, alertmanager=am, targets=[gauge.address])
        yield World(tocsin, steered[0], gauge)


def paged(world: World, *people: str) -> Callable[[], Any]:
    """Return the claim that these people were called for the first incident, and nobody else."""

    async def they_were() -> bool:
        pages = (await world.get("/incidents/INC-1"))["pages"]
        return [page["person"] for page in pages if page["state"] == "sent"] == list(people)

    return they_were


async def test_a_dead_store_gathers_what_depends_on_it_in_one_incident(world: World) -> None:
    world.gauge.others["tested_store_down"] = 1
    await world.fire("firing", "StoreDown")
    world.gauge.others["tested_store_down"] = 2
    world.gauge.value = 250
    await world.fire("firing", "StoreDown", "FeaturesLate", "InferenceQueueLong")

    assert await world.incidents() == ["INC-1"]
    incident = await world.get("/incidents/INC-1")
    assert (incident["service"], incident["alert_count"]) == ("feature-store", 3)
    assert incident["dependants"] == [{"service": "inference-gateway", "incident": None}]
    await until(paged(world, "amira"))

    world.gauge.others["tested_store_down"], world.gauge.value = 0, 0
    await world.fire("resolved", "StoreDown", "FeaturesLate", "InferenceQueueLong")
    assert "all_quiet" in await world.kinds()


async def test_what_a_command_silences_calls_nobody_until_the_silence_ends(world: World) -> None:
    line = 'silence alertname="InferenceQueueLong" for 2h because load test --yes'
    assert "S-1 holds back alerts" in await world.says(line)
    world.gauge.value = 250
    await world.fire("suppressed", "InferenceQueueLong")
    assert "silence S-1 by amira" in await world.says("suppressed")
    assert await world.incidents() == []

    world.clock.forward(timedelta(hours=2))

    await world.fire("firing", "InferenceQueueLong")
    await until(paged(world, "amira"))
    assert (await world.alerts("firing"))["InferenceQueueLong"]["count"] == 1, "Alertmanager told of it once"


async def test_a_rule_that_flaps_is_held_open_and_said_once(world: World) -> None:
    world.gauge.value = 250
    await world.fire("firing", "InferenceQueueLong")
    await until(paged(world, "amira"))
    await world.says("ack INC-1")
    seen = 0

    async def was_reported() -> bool:
        alerts = (await world.get("/alerts"))["items"]
        return bool(sum(alert["count"] for alert in alerts) > seen)

    for turn in range(8):
        seen = sum(alert["count"] for alert in (await world.get("/alerts"))["items"])
        world.gauge.value = 250 if turn % 2 else 0
        await until(was_reported)

    held = (await world.alerts("firing"))["InferenceQueueLong"]
    assert (held["reason"], held["incident"]) == ("flapping", "INC-1")
    assert held["flaps"] >= 2
    assert await world.incidents() == ["INC-1"]
    kinds = await world.kinds()
    assert kinds.count("flapping") == 1
    after = kinds[kinds.index("flapping") :]
    assert after.count("paged") <= 1, "but for the return by which it was found to flap, none rings any more"
    assert "all_quiet" not in after
