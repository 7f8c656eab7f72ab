"""Tocsin is killed in the middle of telling a chat something, and started again: nothing is lost, nothing is doubled
that the chat can find again.
"""

import asyncio
import random
from pathlib import Path

import pytest

from bot.config.script import own_script
from bot.ports.chat import Ability
from tests.contracts.chat.house import Outside, unless
from tests.contracts.chat.interviewing import answer, answer_all, answered, asks
from tests.contracts.chat.organisation import organisation
from tests.contracts.chat.world import Gap, Trouble, World, Write
from tests.counterparts.tocsin import Replicas, Tocsin

ALERT = "The model answers slowly"
KILLS = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/killed.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def replica(replicas: Replicas, world: World, database: str) -> Tocsin:
    """Give Tocsin as a process of its own in a world, not yet started; a dead one's work is taken over soon."""
    made = replicas(TOCSIN_DATABASE_URL=database, TOCSIN_LEASE_SECONDS="2", **world.env)
    (made.folder / "tocsin.yaml").write_text(organisation(world))
    return made


async def begun(replica: Tocsin, world: World) -> Outside:
    """Start it, and tell the world where it is."""
    await replica.start()
    await world.connect(replica.url)
    return Outside(replica.url, world)


async def killed_while(write: Write, replica: Tocsin, world: World) -> Outside:
    """Let an alert in, kill Tocsin when a call of this sort has happened and is not answered, and start it again."""
    unless(Gap.TROUBLE, world)
    outside = await begun(replica, world)
    world.trouble(Trouble.HANGING, write)
    await outside.alert(ALERT)
    await world.reached()
    replica.kill()
    return await begun(replica, world)


async def test_killed_while_it_opens_a_room_it_links_one_room(replica: Tocsin, world: World) -> None:
    outside = await killed_while(Write.OPEN, replica, world)

    room = await outside.room()

    [linked] = [one for one in (await outside.get("/incidents/INC-1"))["rooms"] if one["chat"] == world.name]
    assert linked["id"] == room.id
    assert len(room.pinned) == 1
    assert not outside.can(Ability.FIND) or len(await world.rooms()) == 1


async def test_killed_while_it_calls_somebody_it_calls_them(replica: Tocsin, world: World) -> None:
    outside = await killed_while(Write.DIRECT, replica, world)
    await outside.room()

    calls = await world.direct("amira")

    assert calls
    assert not outside.can(Ability.FIND) or len(calls) == 1
    pages = [page for page in (await outside.get("/incidents/INC-1"))["pages"] if page["channel"] == world.name]
    assert [page["state"] for page in pages] == ["sent"]


async def test_killed_again_and_again_it_says_everything_and_nothing_twice_that_it_can_find(
    replica: Tocsin, world: World
) -> None:
    chance = random.Random(2026)
    outside = await begun(replica, world)
    await outside.alert(ALERT)
    await outside.room()
    for number in range(KILLS):
        await outside.says("amira", f"note INC-1 thing {number:02}")
        await asyncio.sleep(chance.uniform(0, 0.2))
        replica.kill()
        outside = await begun(replica, world)
    await outside.told()

    texts = [message.text for message in (await outside.room()).messages]
    heard = [number for text in texts for number in range(KILLS) if f"thing {number:02}" in text]
    calls = await world.direct("amira")
    doubled = len(heard) - len(set(heard)) + len(calls) - 1
    print(f"{world.name}: {KILLS} kills, {KILLS} messages and a call, {doubled} told twice")  # noqa: T201 - pytest -s shows it
    assert sorted(set(heard)) == list(range(KILLS))
    assert list(dict.fromkeys(heard)) == sorted(set(heard)), "what was said is out of order"
    assert calls
    assert not outside.can(Ability.FIND) or doubled == 0


async def test_killed_in_the_middle_of_the_interview_it_goes_on_where_it_was(replica: Tocsin, world: World) -> None:
    outside = await begun(replica, world)
    await outside.alert(ALERT)
    room = await outside.room()
    for line in ("ack INC-1", "assign INC-1 @omar", "resolve INC-1 the old build serves again"):
        await outside.says("omar", line)
    prompts = own_script().prompts
    for prompt in prompts[:2]:
        await answer(outside, "omar", prompt, room)
    await outside.told()

    is_told_outside = Gap.TROUBLE not in world.gaps
    if is_told_outside:
        world.trouble(Trouble.HANGING, Write.POST)
    await answer(outside, "omar", prompts[2], room)
    if is_told_outside:
        await world.reached()
    replica.kill()
    outside = await begun(replica, world)
    await answer_all(outside, "omar", after=3)
    await outside.told()

    assert {one["question"] for one in await answered(outside)} == {prompt.text() for prompt in prompts}
    asked = [message for message in (await outside.room()).messages if asks(message, prompts[3])]
    assert asked
    assert not outside.can(Ability.FIND) or len(asked) == 1
