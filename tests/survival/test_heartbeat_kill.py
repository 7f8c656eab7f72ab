"""Killed while it hears heartbeats or tells of one that it misses, Tocsin forgets no beat and calls once for a miss."""

import asyncio
import random
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select, update

from bot.domain.incident import TimerKind
from bot.ports.store import DEFAULT_TENANT, Urgency
from storage.store import SqlStore
from storage.tables import HeartbeatRow, PulseRow, TimerRow
from tests.contracts.store.another import another
from tests.counterparts.tocsin import ORGANISATION, Replicas, Tocsin

KEY = "the-key-of-every-heartbeat"
NAMES = [f"beat-{number}" for number in range(20)]
KILLS = 6
TIME = timedelta(minutes=2)
"""So long after a beat the next one is missed: `every` and `grace` are a minute each."""

LATE = timedelta(minutes=3)

_HEARTS, _TIMERS, _PULSE = HeartbeatRow.__table__, TimerRow.__table__, PulseRow.__table__


@pytest.fixture(params=["sqlite", "postgresql"])
def tocsin(request: pytest.FixtureRequest, replicas: Replicas) -> Tocsin:
    """Give a replica on each database that waits for twenty heartbeats."""
    env = {"TOCSIN_LEASE_SECONDS": "2", "BEAT_KEY": KEY}
    if request.param == "postgresql":
        env["TOCSIN_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    replica = replicas(**env)
    listed = "\n".join(f'  - {{name: {name}, every: 1m, grace: 1m, key: "env:BEAT_KEY"}}' for name in NAMES)
    (replica.folder / "tocsin.yaml").write_text(f"{ORGANISATION}heartbeats:\n{listed}\n")
    return replica


def memory(tocsin: Tocsin) -> AbstractAsyncContextManager[SqlStore]:
    """Open a replica's database."""
    return another(tocsin.env.get("TOCSIN_DATABASE_URL", f"sqlite:///{tocsin.folder}/var/tocsin.sqlite3"))


async def passes(tocsin: Tocsin, by: timedelta, *, is_up: bool) -> None:
    """Move everything that is known of heartbeats back by a time, while Tocsin is dead.

    That is as if so much time had passed since it was killed: with Tocsin up and nobody beating, or with it down.
    """
    async with memory(tocsin) as store, store.database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
        for heart in await work.rows(select(_HEARTS)):
            moved = {name: heart[name] and heart[name] - by for name in ("watched_since", "beat_at", "missed_at")}
            await work.change(update(_HEARTS).where(_HEARTS.c.name == heart["name"]).values(**moved))
        for timer in await work.rows(select(_TIMERS).where(_TIMERS.c.kind == TimerKind.HEARTBEAT.value)):
            is_meant = (_TIMERS.c.kind == timer["kind"], _TIMERS.c.subject == timer["subject"])
            await work.change(update(_TIMERS).where(*is_meant).values(due_at=timer["due_at"] - by))
        [pulse] = await work.rows(select(_PULSE))
        # However slowly this machine starts a process, that is no downtime of Tocsin's.
        seen_at = pulse["seen_at"] + timedelta(minutes=1) if is_up else pulse["seen_at"] - by
        await work.change(update(_PULSE).values(up_since=pulse["up_since"] - by, seen_at=seen_at))


async def beats(tocsin: Tocsin, name: str) -> datetime:
    """Beat once, and return when that was."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{tocsin.url}/heartbeats/{name}/{KEY}") as response,
    ):
        assert response.status == 200
        return datetime.fromisoformat((await response.json())["missed_from"]) - TIME


async def alerts(tocsin: Tocsin) -> list[dict[str, Any]]:
    return await tocsin.everything("/alerts?state=all")


async def killed_after(tocsin: Tocsin, seconds: float) -> None:
    """Start it and kill it so much later, ready or not."""
    starting = asyncio.create_task(tocsin.start())
    await asyncio.sleep(seconds)
    starting.cancel()
    with suppress(asyncio.CancelledError):
        await starting
    tocsin.kill()


async def test_a_beat_that_was_answered_is_kept(tocsin: Tocsin) -> None:
    chance = random.Random(2026)
    answered: dict[str, datetime] = {}

    async def beat_on(has_begun: asyncio.Event) -> None:
        while True:
            for name in NAMES:
                answered[name] = await beats(tocsin, name)
                has_begun.set()

    for _ in range(KILLS):
        await tocsin.start()
        has_begun = asyncio.Event()
        beating = asyncio.create_task(beat_on(has_begun))
        async with asyncio.timeout(60):
            await has_begun.wait()
        await asyncio.sleep(chance.uniform(0, 0.4))
        tocsin.kill()
        with pytest.raises(aiohttp.ClientError):
            await beating

    await tocsin.start()
    kept = {heart["name"]: heart["beat_at"] for heart in (await tocsin.get("/heartbeats"))["items"]}
    for name, at in answered.items():
        assert datetime.fromisoformat(kept[name]) >= at
    assert await alerts(tocsin) == []


async def test_killed_while_it_tells_of_a_miss_it_tells_once_and_of_each(tocsin: Tocsin) -> None:
    chance = random.Random(2026)
    await tocsin.start()
    await beats(tocsin, NAMES[0])
    tocsin.kill()
    await passes(tocsin, LATE, is_up=True)
    for _ in range(KILLS):
        await killed_after(tocsin, chance.uniform(0.3, 3.0))

    await tocsin.start()

    async def all_are_missed() -> bool:
        return len(await alerts(tocsin)) == len(NAMES) and await tocsin.drained()

    await tocsin.until(all_are_missed)
    found = await alerts(tocsin)
    assert sorted(alert["labels"]["heartbeat"] for alert in found) == sorted(NAMES)
    # Each start reports anew what is still missed; that is a repetition, and calls nobody.
    assert {alert["state"] for alert in found} == {"firing"}
    [incident] = await tocsin.everything("/incidents?status=all")
    assert [page["state"] for page in (await tocsin.get(f"/incidents/{incident['ref']}"))["pages"]] == ["sent"]

    for name in NAMES:
        await beats(tocsin, name)
    tocsin.kill()
    await tocsin.start()
    await tocsin.until(tocsin.drained)
    assert [alert["state"] for alert in await alerts(tocsin)] == ["resolved"] * len(NAMES)


async def test_a_downtime_of_tocsin_is_no_silence_and_a_silence_after_it_is_one(tocsin: Tocsin) -> None:
    await tocsin.start()
    await beats(tocsin, NAMES[0])
    tocsin.kill()
    await passes(tocsin, timedelta(hours=7), is_up=False)
    for seconds in (0.5, 1.0, 2.0):
        await killed_after(tocsin, seconds)

    await tocsin.start()

    async def have_their_whole_time() -> bool:
        async with memory(tocsin) as store, store.database.read(DEFAULT_TENANT) as work:
            due = await work.rows(select(_TIMERS.c.due_at).where(_TIMERS.c.kind == TimerKind.HEARTBEAT.value))
        return all(timer["due_at"] > datetime.now(UTC) + TIME / 2 for timer in due)

    await tocsin.until(have_their_whole_time)
    assert await alerts(tocsin) == []
    tocsin.kill()

    await passes(tocsin, LATE, is_up=True)
    await tocsin.start()

    async def all_are_missed() -> bool:
        return len(await alerts(tocsin)) == len(NAMES) and await tocsin.drained()

    await tocsin.until(all_are_missed)
    assert [alert["state"] for alert in await alerts(tocsin)] == ["firing"] * len(NAMES)
