"""Killed in a storm, and while silences, other alerts and flapping hold alerts, Tocsin counts each once and calls for each."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot.domain.storm import STORM_GROUP, Storm
from bot.ports.store import DEFAULT_TENANT
from bot.ports.storms import Extent
from tests.contracts.store.another import another
from tests.counterparts.tocsin import ORGANISATION, Replicas, Tocsin
from tests.survival.test_kill import Load

KILLS = 8
TURNING = ["turn-0", "turn-1", "turn-2"]
STORM = """
storm: {groups: 3, within: 1m, quiet: 1h}
"""
HOLDING = """
incidents: {flapping: {turns: 4, within: 6h}}
inhibit:
  - {name: down, source: 'alertname="Down"', target: 'alertname="Inhibited"', grace: 1s}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def tocsin(request: pytest.FixtureRequest, replicas: Replicas) -> Tocsin:
    """Give a replica on each database, with short leases."""
    env = {"TOCSIN_LEASE_SECONDS": "2"}
    if request.param == "postgresql":
        env["TOCSIN_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return replicas(**env)


def configured(tocsin: Tocsin, more: str) -> None:
    (tocsin.folder / "tocsin.yaml").write_text(ORGANISATION + more)


def report(fingerprint: str, alertname: str, severity: str, status: str = "firing") -> dict[str, Any]:
    labels = {"alertname": alertname, "severity": severity, "instance": fingerprint}
    alert = {"status": status, "labels": labels, "annotations": {}, "fingerprint": fingerprint}
    return {"version": "4", "status": status, "alerts": [alert]}


def poured(number: int) -> dict[str, Any]:
    """Return an alert of a group of its own; few are critical."""
    return report(f"kill-{number}", f"Group{number}", "critical" if number % 25 == 0 else "warning")


def held(number: int) -> dict[str, Any]:
    """Return a critical alert that is silenced, or that another alert holds back, or that nothing holds."""
    name = ("Silenced", "Inhibited", "Free")[min(number % 12, 2)]
    return report(f"kill-{number}", name, "critical")


async def killed_in_turn(tocsin: Tocsin, *work: Callable[[], Any]) -> None:
    """Let work go on at Tocsin's door, and kill it again and again; in the end it runs and has nothing left to do."""
    chance = random.Random(2026)
    for _ in range(KILLS):
        await tocsin.start()
        working = [asyncio.create_task(one()) for one in work]
        await asyncio.sleep(chance.uniform(0.05, 0.6))
        tocsin.kill()
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    await tocsin.start()
    await tocsin.until(tocsin.drained, seconds=120)


async def storms(tocsin: Tocsin) -> list[tuple[Storm, Extent]]:
    """Return what is remembered of each storm."""
    found = []
    url = tocsin.env.get("TOCSIN_DATABASE_URL", f"sqlite:///{tocsin.folder}/var/tocsin.sqlite3")
    async with another(url) as store, store.read(DEFAULT_TENANT) as unit:
        for incident in (await unit.incidents.many(await unit.incidents.open_ids())).values():
            storm = await unit.storms.get(incident.id)
            if incident.group_key == STORM_GROUP or storm is not None:
                assert storm is not None
                found.append((storm, await unit.storms.extent(incident.id)))
    return found


async def everything(
    tocsin: Tocsin, *, besides: Sequence[str] = ()
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return alerts by fingerprint, of which none may be there twice, and all incidents by name, whole."""
    alerts = [one for one in await tocsin.everything("/alerts?state=all") if one["fingerprint"] not in besides]
    by_fingerprint = {alert["fingerprint"]: alert for alert in alerts}
    assert len(by_fingerprint) == len(alerts), "an alert is there twice"
    refs = [incident["ref"] for incident in await tocsin.everything("/incidents?status=all")]
    return by_fingerprint, {ref: await tocsin.get(f"/incidents/{ref}") for ref in refs}


def nothing_is_lost(load: Load, alerts: dict[str, dict[str, Any]]) -> None:
    assert load.taken, "the load took nothing, so the test proves nothing"
    assert load.taken <= alerts.keys(), "a delivery that got 202 is not in the state"
    doubled = [name for name in load.taken if alerts[name]["count"] > load.tried[name]]
    assert not doubled, "a delivery was counted more often than it was sent"


def everyone_is_called(alerts: list[dict[str, Any]], incidents: dict[str, dict[str, Any]]) -> None:
    for alert in alerts:
        pages = incidents[alert["incident"]]["pages"]
        assert [page["state"] for page in pages if page["step"] == 1] == ["sent"], "a page was lost, or told twice"


async def test_killed_in_a_storm_it_counts_each_alert_once_in_one_storm_and_tells_every_critical_s_page(
    tocsin: Tocsin,
) -> None:
    configured(tocsin, STORM)
    load = Load(poured)
    await killed_in_turn(tocsin, lambda: load.run(tocsin.url))

    alerts, incidents = await everything(tocsin)
    nothing_is_lost(load, alerts)
    [(storm, extent)] = await storms(tocsin)
    [whole] = [one for one in incidents.values() if one["title"] == "Alert storm"]
    critical = [alert for alert in alerts.values() if alert["severity"] == "SEV2"]
    folded = [alert for alert in alerts.values() if alert["incident"] == whole["ref"]]
    assert critical
    apart = len(alerts) - len(folded) - len(critical)
    assert 0 <= apart <= 3, "all but the criticals and the first three fold"
    assert whole["alert_count"] == extent.groups == len(folded)
    assert storm.values["severity"] == {"warning": len(folded)}
    kinds = Counter(event["kind"] for event in whole["timeline"])
    assert kinds["storm_began"] == 1
    everyone_is_called([*critical, folded[0]], incidents)
    assert sum(incident["alert_count"] for incident in incidents.values()) == len(alerts)


class Turning:
    """A sender whose alerts come and go; each report goes again until it is taken."""

    def __init__(self) -> None:
        self.taken = Counter[str]()
        self.tried = Counter[str]()

    async def run(self, url: str) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                for name in TURNING:
                    status = "resolved" if self.taken[name] % 2 else "firing"
                    self.tried[name] += 1
                    with suppress(aiohttp.ClientError):
                        body = report(name, name, "critical", status)
                        async with session.post(f"{url}/webhooks/alertmanager", json=body) as response:
                            self.taken[name] += response.status == 202
                await asyncio.sleep(0.02)


async def sent(tocsin: Tocsin, body: dict[str, Any]) -> None:
    url = f"{tocsin.url}/webhooks/alertmanager"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        assert response.status == 202


async def test_killed_while_alerts_are_held_and_let_go_it_counts_and_calls_for_each_once(tocsin: Tocsin) -> None:
    configured(tocsin, HOLDING)
    load, turning = Load(held), Turning()
    await tocsin.start()
    ends_at = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    body = {"actor": "omar", "match": 'alertname="Silenced"', "ends_at": ends_at, "reason": "test"}
    async with aiohttp.ClientSession() as session, session.post(f"{tocsin.url}/api/v1/silences", json=body) as answer:
        assert answer.status == 200
    await sent(tocsin, report("down", "Down", "critical"))
    await tocsin.until(tocsin.drained)
    tocsin.kill()
    await killed_in_turn(tocsin, lambda: load.run(tocsin.url), lambda: turning.run(tocsin.url))

    by_name: dict[str, list[dict[str, Any]]] = {}
    for alert in await tocsin.everything("/alerts?state=suppressed"):
        by_name.setdefault(alert["labels"]["alertname"], []).append(alert)
    assert by_name.keys() == {"Silenced", "Inhibited"}
    [silence] = (await tocsin.get("/silences?state=active"))["items"]
    assert silence["hidden"] == silence["holds"] == len(by_name["Silenced"])

    # It ends for both, and Tocsin is killed while it lets go.
    assert (await tocsin.command("omar", "unsilence S-1"))["ok"]
    await sent(tocsin, report("down", "Down", "critical", "resolved"))
    tocsin.kill()
    await killed_in_turn(tocsin)

    async def all_are_let_go() -> bool:
        return not (await tocsin.get("/alerts?state=suppressed&limit=1"))["items"] and await tocsin.drained()

    await tocsin.until(all_are_let_go)
    alerts, incidents = await everything(tocsin, besides=TURNING)
    nothing_is_lost(load, alerts)
    for name in ("Silenced", "Inhibited", "Free"):
        mine = [alert for alert in alerts.values() if alert["labels"]["alertname"] == name]
        assert {alert["state"] for alert in mine} == {"firing"}
        [ref] = {alert["incident"] for alert in mine}
        assert incidents[ref]["alert_count"] == len(mine), "an alert was counted twice, or not at all"
        everyone_is_called(mine[:1], incidents)
    await they_turned_and_that_is_said_once(tocsin, turning, incidents)


async def they_turned_and_that_is_said_once(
    tocsin: Tocsin, turning: Turning, incidents: dict[str, dict[str, Any]]
) -> None:
    alerts = await tocsin.everything("/alerts?state=all")
    for name in TURNING:
        mine = [alert for alert in alerts if alert["fingerprint"] == name]
        assert turning.taken[name] <= sum(alert["count"] for alert in mine) <= turning.tried[name]
        [held] = [alert for alert in mine if alert["state"] == "firing"]
        assert held["reason"] == "flapping"
        assert [event["kind"] for event in incidents[held["incident"]]["timeline"]].count("flapping") == 1
