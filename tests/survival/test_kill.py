"""Killed at random moments under load, Tocsin loses nothing that it took, on either database."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from bot.domain.effects import Announce, Page, Say
from bot.ports.records import StoredEffect
from bot.ports.store import DEFAULT_TENANT
from tests.contracts.store.another import another
from tests.counterparts.tocsin import Replicas, Tocsin

KILLS = 30
SENDERS = 6
ALERTNAMES = 12


def delivery(number: int) -> dict[str, Any]:
    """Return an Alertmanager body with one alert that no other has, in one of a few groups."""
    labels = {"alertname": f"Group{number % ALERTNAMES}", "severity": "critical", "instance": f"host-{number}"}
    alert = {"status": "firing", "labels": labels, "annotations": {"summary": "down"}, "fingerprint": f"kill-{number}"}
    return {"version": "4", "status": "firing", "alerts": [alert]}


async def messages_by_effect(tocsin: Tocsin) -> dict[str, int]:
    """How many messages the built-in rooms have for each message and call that counts as told, by the effect's key."""
    url = tocsin.env.get("TOCSIN_DATABASE_URL", f"sqlite:///{tocsin.folder}/var/tocsin.sqlite3")
    async with another(url) as store:
        done: list[StoredEffect] = []
        cursor: str | None = None
        async with store.read(DEFAULT_TENANT) as unit:
            while not done or cursor is not None:
                window = await unit.outbox.window("done", cursor=cursor, limit=500)
                done += window.items
                cursor = window.next_cursor
        async with store.database.read(DEFAULT_TENANT) as work:
            keys = (await work.connection.execute(text("SELECT key FROM room_messages"))).scalars()
            written = Counter(keys)
    return {effect.key: written[effect.key] for effect in done if isinstance(effect.effect, Say | Page | Announce)}


class Load:
    """Senders that post one delivery after another and remember which were taken; `body` makes the nth."""

    def __init__(self, body: Callable[[int], dict[str, Any]]) -> None:
        self._body = body
        self.taken: set[str] = set()
        self.tried: Counter[str] = Counter()
        self._next = 0

    async def run(self, url: str) -> None:
        """Send until cancelled."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as senders:
            for _ in range(SENDERS):
                senders.create_task(self._send(session, url))

    async def _send(self, session: aiohttp.ClientSession, url: str) -> None:
        while True:
            number, self._next = self._next, self._next + 1
            fingerprint = f"kill-{number}"
            # Alertmanager tries again after a broken connection, with the same body.
            for _ in range(3):
                self.tried[fingerprint] += 1
                try:
                    async with session.post(f"{url}/webhooks/alertmanager", json=self._body(number)) as response:
                        if response.status == 202:
                            self.taken.add(fingerprint)
                            break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)


@pytest.fixture(params=["sqlite", "postgresql"])
def tocsin(request: pytest.FixtureRequest, replicas: Replicas) -> Tocsin:
    """Give a replica on each database; PostgreSQL writes through to its files, as it must for this."""
    if request.param == "sqlite":
        return replicas(TOCSIN_LEASE_SECONDS="2")
    url: str = request.getfixturevalue("postgres_url")
    return replicas(TOCSIN_DATABASE_URL=url, TOCSIN_LEASE_SECONDS="2")


async def test_thirty_kills_under_load_lose_no_delivery_no_page_and_no_room(tocsin: Tocsin) -> None:
    chance = random.Random(2026)
    load = Load(delivery)
    for _ in range(KILLS):
        await tocsin.start()
        sending = asyncio.create_task(load.run(tocsin.url))
        await asyncio.sleep(chance.uniform(0.05, 0.9))
        tocsin.kill()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    await tocsin.start()
    await tocsin.until(tocsin.drained, seconds=120)

    alerts = {alert["fingerprint"]: alert for alert in await tocsin.everything("/alerts?state=all")}
    incidents = await tocsin.everything("/incidents?status=all")
    assert load.taken, "the load took nothing, so the test proves nothing"
    assert load.taken <= set(alerts), "a delivery that got 202 is not in the state"
    assert all(alerts[fingerprint]["incident"] for fingerprint in load.taken)
    assert len(incidents) == ALERTNAMES, "each group has one incident"
    for incident in incidents:
        whole = await tocsin.get(f"/incidents/{incident['ref']}")
        chats = [room["chat"] for room in whole["rooms"]]
        assert chats == ["room"], f"{incident['ref']} is linked to {whole['rooms']}"
        assert [page["state"] for page in whole["pages"] if page["step"] == 1] == ["sent"], "a page was lost"
    told = await messages_by_effect(tocsin)
    doubled = [key for key, messages in told.items() if messages > 1]
    print(f"{KILLS} kills: {len(told)} messages and calls, {len(doubled)} of them told twice")  # noqa: T201 - pytest -s shows it
    assert not doubled, "a message was written twice"
    assert all(told.values()), "something counts as told, and its message is not there"
    reported_twice = sum(alert["count"] > load.tried[alert["fingerprint"]] for alert in alerts.values())
    assert reported_twice == 0, "a delivery was counted more often than it was sent"
