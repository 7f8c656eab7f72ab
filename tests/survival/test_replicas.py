"""Two replicas on one PostgreSQL: each thing once, in order, and one goes on where the other froze."""

import asyncio
from itertools import count
from typing import Any

import aiohttp
import asyncpg

from tests.counterparts.tocsin import ORGANISATION, Replicas, Tocsin

SENDERS = 8
ROUNDS = 3
FROZEN_SECONDS = 4.0


def report(fingerprint: str, status: str) -> dict[str, Any]:
    """Return an Alertmanager body that says one thing of one alert."""
    labels = {"alertname": "Flips", "severity": "critical", "instance": fingerprint}
    alert = {"status": status, "labels": labels, "fingerprint": fingerprint}
    return {"version": "4", "status": status, "alerts": [alert]}


def two(replicas: Replicas, database_url: str) -> list[Tocsin]:
    """Return two replicas on one database, whose leases are short, and to whom no alert flaps."""
    shared = {"TOCSIN_DATABASE_URL": database_url, "TOCSIN_SECRET_KEY": "x" * 32, "TOCSIN_LEASE_SECONDS": "1"}
    pair = [replicas(**shared) for _ in range(2)]
    for one in pair:
        (one.folder / "tocsin.yaml").write_text(f"{ORGANISATION}incidents: {{flapping: {{turns: 0}}}}\n")
    return pair


class Senders:
    """Each sends firing, resolved, firing ... of one alert of its own, one at a time, to whoever is awake."""

    def __init__(self, awake: list[Tocsin]) -> None:
        self.awake = awake
        self.sent = {f"flip-{number}": 0 for number in range(SENDERS)}
        self.gate = asyncio.Lock()

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for fingerprint in self.sent:
                group.create_task(self._send(session, fingerprint))

    async def _send(self, session: aiohttp.ClientSession, fingerprint: str) -> None:
        for turn in count():
            async with self.gate:
                replica = self.awake[turn % len(self.awake)]
                status = "firing" if self.sent[fingerprint] % 2 == 0 else "resolved"
                body = report(fingerprint, status)
                async with session.post(f"{replica.url}/webhooks/alertmanager", json=body) as response:
                    assert response.status == 202
                self.sent[fingerprint] += 1


async def frozen_in_turn(senders: Senders, replicas: list[Tocsin]) -> None:
    """Freeze each replica past its lease while the other goes on."""
    for sleeper in [*replicas, *replicas]:
        async with senders.gate:
            sleeper.freeze()
            senders.awake[:] = [replica for replica in replicas if replica is not sleeper]
        await asyncio.sleep(FROZEN_SECONDS)
        sleeper.thaw()
        async with senders.gate:
            senders.awake[:] = replicas
        await asyncio.sleep(0.5)


async def test_replicas_that_freeze_in_turn_process_each_report_once_and_in_order(
    replicas: Replicas, postgres_url: str
) -> None:
    pair = two(replicas, postgres_url)
    for replica in pair:
        await replica.start()
    senders = Senders(list(pair))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        sending = asyncio.create_task(senders.run(session))
        await frozen_in_turn(senders, pair)
        async with senders.gate:
            sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    await pair[0].until(pair[0].drained, seconds=120)
    episodes: dict[str, list[dict[str, Any]]] = {fingerprint: [] for fingerprint in senders.sent}
    for alert in await pair[0].everything("/alerts?state=all"):
        episodes[alert["fingerprint"]].append(alert)
    for fingerprint, sent in senders.sent.items():
        reports = sum(alert["count"] for alert in episodes[fingerprint])
        assert reports == sent, f"{fingerprint}: {sent} reports sent, {reports} counted"
        assert len(episodes[fingerprint]) == (sent + 1) // 2, "each firing after a resolve is an alert of its own"
        last = max(episodes[fingerprint], key=lambda alert: str(alert["first_at"]))
        assert last["state"] == ("firing" if sent % 2 else "resolved"), "the last word is not the last one sent"


async def test_what_is_said_by_two_replicas_stands_in_the_room_once_and_in_order(
    replicas: Replicas, postgres_url: str
) -> None:
    pair = two(replicas, postgres_url)
    for replica in pair:
        await replica.start()
    declared = await pair[0].command("amira", 'declare "Two heads" --sev 3')
    assert declared["ok"], declared
    for number in range(40):
        if number in {10, 25}:
            pair[number % 2].freeze()
        if number in {20, 35}:
            pair[0].thaw()
            pair[1].thaw()
        awake = pair[1] if 10 <= number < 20 else pair[0]
        said = await awake.command("amira", f"note {declared['incident']} thing {number:02}")
        assert said["ok"], said
    for replica in pair:
        replica.thaw()
    await pair[0].until(pair[0].drained, seconds=60)

    connection = await asyncpg.connect(postgres_url)
    rows = await connection.fetch("SELECT content::text AS content FROM room_messages ORDER BY seq")
    await connection.close()
    heard = [number for row in rows for number in range(40) if f"thing {number:02}" in row["content"]]
    assert heard == list(range(40))
