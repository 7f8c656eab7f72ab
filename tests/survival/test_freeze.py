"""A replica freezes in the middle of telling a chat something: another takes the lane over, and the sleeper, once it
wakes, writes nothing of what it held.
"""

import json
from typing import Any

import asyncpg
import pytest

from bot.ports.chat import Ability
from tests.contracts.chat.house import Outside, unless
from tests.contracts.chat.organisation import organisation
from tests.contracts.chat.world import Gap, Trouble, World, Write
from tests.counterparts.tocsin import Replicas, Tocsin

ALERT = "The model answers slowly"


@pytest.fixture
def pair(replicas: Replicas, world: World, postgres_url: str) -> list[Tocsin]:
    """Give two replicas on one database in a world, neither started; their leases are short."""
    shared = {"TOCSIN_DATABASE_URL": postgres_url, "TOCSIN_SECRET_KEY": "x" * 32, "TOCSIN_LEASE_SECONDS": "2"}
    made = [replicas(**shared, **world.env) for _ in range(2)]
    for replica in made:
        (replica.folder / "tocsin.yaml").write_text(organisation(world))
    return made


def refused(replica: Tocsin) -> list[dict[str, Any]]:
    """What a replica says that it had to leave to another."""
    lines = [line for line in (replica.folder / "tocsin.log").read_text().splitlines() if line.startswith("{")]
    return [line for line in map(json.loads, lines) if line["event"] == "lease_lost"]


async def leases(database: str, kind: str, chat: str) -> dict[str, str]:
    """Who holds the lanes of a kind in a chat."""
    connection = await asyncpg.connect(database)
    try:
        asking = "SELECT lane, owner FROM leases WHERE kind = $1 AND lane LIKE $2"
        rows = await connection.fetch(asking, kind, f"%:{chat}")
    finally:
        await connection.close()
    return {row["lane"]: row["owner"] for row in rows}


@pytest.mark.parametrize(("write", "kind"), [(Write.DIRECT, "page"), (Write.POST, "room")])
async def test_what_a_frozen_replica_was_telling_is_told_by_another_and_its_late_write_is_refused(
    pair: list[Tocsin], world: World, postgres_url: str, write: Write, kind: str
) -> None:
    unless(Gap.TROUBLE, world)
    sleeper, other = pair
    await sleeper.start()
    await world.connect(sleeper.url)
    outside = Outside(sleeper.url, world)
    if write is Write.POST:
        await outside.alert(ALERT)
        await outside.room()
    world.trouble(Trouble.HANGING, write)
    if write is Write.POST:
        await outside.says("amira", "note INC-1 the cache is cold")
    else:
        await outside.alert(ALERT)
    await world.reached()
    held = await leases(postgres_url, kind, world.name)
    sleeper.freeze()
    assert held, "the sleeper held no lane, so the test proves nothing"

    await other.start()
    await world.connect(other.url)
    awake = Outside(other.url, world)
    await awake.room()
    now = await leases(postgres_url, kind, world.name)
    assert not now.items() & held.items(), "the other replica did not take the lane over"
    sleeper.thaw()

    async def is_refused() -> bool:
        return {line.get("lane") for line in refused(sleeper)} >= set(held)

    await sleeper.until(is_refused)
    assert not [line for line in refused(other) if line.get("lane") in held]
    if write is Write.POST:
        told = [message for message in (await awake.room()).messages if "the cache is cold" in message.text]
    else:
        told = list(await world.direct("amira"))
        pages = [page for page in (await awake.get("/incidents/INC-1"))["pages"] if page["channel"] == world.name]
        assert [page["state"] for page in pages] == ["sent"]
    assert told
    assert not awake.can(Ability.FIND) or len(told) == 1
