"""Killed in the moment in which a built-in room, its card or a call stands in the database, Tocsin neither loses nor
doubles it: the receipt may be there by then or not.
"""

import asyncio

import aiohttp
import pytest
from sqlalchemy import text

from bot.ports.store import DEFAULT_TENANT
from storage.store import SqlStore
from tests.contracts.store.another import another
from tests.counterparts.tocsin import Replicas, Tocsin

WRITTEN = {
    "room": "SELECT count(*) FROM rooms WHERE kind = 'incident'",
    "card": "SELECT count(*) FROM room_messages WHERE key LIKE '%\\:card'",
    "call": "SELECT count(*) FROM room_messages AS m JOIN rooms AS r ON r.id = m.room WHERE r.kind = 'direct'",
}
"""Tells how many of each there are."""

ROUNDS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def tocsin(request: pytest.FixtureRequest, replicas: Replicas) -> Tocsin:
    """Give a replica on each database."""
    made = replicas(TOCSIN_LEASE_SECONDS="2")
    made.env["TOCSIN_DATABASE_URL"] = f"sqlite:///{made.folder}/killed.db"
    if request.param == "postgresql":
        made.env["TOCSIN_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return made


async def counted(store: SqlStore, what: str) -> int:
    async with store.database.read(DEFAULT_TENANT) as work:
        return int((await work.connection.execute(text(WRITTEN[what]))).scalar_one())


@pytest.mark.parametrize("what", list(WRITTEN))
async def test_killed_when_it_has_just_been_written_it_is_there_once(tocsin: Tocsin, what: str) -> None:
    await tocsin.start()
    async with another(tocsin.env["TOCSIN_DATABASE_URL"]) as store:
        for number in range(1, ROUNDS + 1):
            body = {"title": f"Fault {number}", "severity": "critical", "labels": {"alertname": f"Fault{number}"}}
            async with aiohttp.ClientSession() as session:
                await session.post(f"{tocsin.url}/webhooks/generic", json=body)
            async with asyncio.timeout(30):
                while await counted(store, what) < number:
                    pass
            tocsin.kill()
            await tocsin.start()
            await tocsin.until(tocsin.drained)
        found = {kind: await counted(store, kind) for kind in WRITTEN}

    assert found == dict.fromkeys(WRITTEN, ROUNDS)
    for number in range(1, ROUNDS + 1):
        incident = await tocsin.get(f"/incidents/INC-{number}")
        assert [room["chat"] for room in incident["rooms"]] == ["room"]
        assert [page["state"] for page in incident["pages"] if page["step"] == 1] == ["sent"]
    assert not (await tocsin.get("/effects?state=dead"))["items"]
