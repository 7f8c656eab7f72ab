"""What goes wrong outside loses nothing and says nothing twice that can be found again."""

from pathlib import Path

import pytest

from bot.ports.chat import Ability
from tests.contracts.chat.house import House, at_work, unless
from tests.contracts.chat.world import Gap, Trouble, World, Write

ALERT = "The model answers slowly"


def trouble(house: House, what: Trouble, write: Write, *, times: int = 1) -> None:
    unless(Gap.TROUBLE, house.world)
    house.world.trouble(what, write, times=times)


async def test_a_connection_that_drops_after_the_room_was_made_leaves_one_room_linked(house: House) -> None:
    trouble(house, Trouble.DROPPED, Write.OPEN)
    await house.alert(ALERT)
    room = await house.room()

    [linked] = [one for one in (await house.get("/incidents/INC-1"))["rooms"] if one["chat"] == house.world.name]
    assert linked["id"] == room.id
    if house.can(Ability.FIND):
        assert len(await house.world.rooms()) == 1
    assert len(room.pinned) == 1


async def test_a_connection_that_drops_after_a_message_was_written_leaves_one_message(house: House) -> None:
    unless(Gap.TROUBLE, house.world)
    await house.alert(ALERT)
    await house.room()

    trouble(house, Trouble.DROPPED, Write.POST)
    await house.says("amira", "update INC-1 we roll back")
    await house.told()

    said = [message for message in (await house.room()).messages if "we roll back" in message.text]
    assert said
    if house.can(Ability.FIND):
        assert len(said) == 1


async def test_a_call_whose_answer_was_lost_is_not_lost(house: House) -> None:
    trouble(house, Trouble.DROPPED, Write.DIRECT)
    await house.alert(ALERT)
    await house.room()

    calls = await house.world.direct("amira")
    assert calls
    if house.can(Ability.FIND):
        assert len(calls) == 1
    else:
        assert "twice" in calls[-1].text
    pages = [page for page in (await house.get("/incidents/INC-1"))["pages"] if page["channel"] == house.world.name]
    assert [page["state"] for page in pages] == ["sent"]


async def opens_once(house: House) -> None:
    """Let an alert come, and look that its incident is told whole, and nothing of it twice."""
    await house.alert(ALERT)
    room = await house.room()

    assert len(await house.world.rooms()) == 1
    assert len(room.pinned) == 1
    assert len(await house.world.direct("amira")) == 1
    assert not (await house.get("/effects?state=dead"))["items"]


@pytest.mark.parametrize("write", [Write.OPEN, Write.POST, Write.DIRECT])
@pytest.mark.parametrize("what", [Trouble.BROKEN, Trouble.LIMITED])
async def test_a_platform_that_is_broken_or_busy_is_asked_again(house: House, what: Trouble, write: Write) -> None:
    trouble(house, what, write, times=2)

    await opens_once(house)


@pytest.mark.parametrize("write", [Write.PIN, Write.TOPIC])
@pytest.mark.parametrize("what", [Trouble.BROKEN, Trouble.LIMITED, Trouble.DROPPED, Trouble.SLOW])
async def test_what_a_room_is_furnished_with_comes_late_rather_than_never(
    house: House, what: Trouble, write: Write
) -> None:
    trouble(house, what, write, times=2)

    await house.alert(ALERT)
    room = await house.room()

    assert len(room.pinned) == 1
    assert not house.can(Ability.TOPIC) or "INC-1" in room.topic
    assert not (await house.get("/effects?state=dead"))["items"]


@pytest.mark.parametrize("what", [Trouble.BROKEN, Trouble.LIMITED, Trouble.DROPPED, Trouble.SLOW])
async def test_the_link_to_an_incident_comes_late_rather_than_never(
    world: World, what: Trouble, tmp_path: Path, migrated_sqlite_url: str
) -> None:
    async with at_work(world, tmp_path, migrated_sqlite_url, public_url="https://tocsin.example") as house:
        trouble(house, what, Write.LINK, times=2)
        await house.alert(ALERT)
        room = await house.room()

        assert "https://tocsin.example/incidents/INC-1" in room.links
        assert not house.can(Ability.FIND) or len(room.links) == 1
        assert not (await house.get("/effects?state=dead"))["items"]


async def test_a_room_has_no_link_that_its_people_could_not_open(house: House) -> None:
    await house.alert(ALERT)

    assert not any("127.0.0.1" in link for link in (await house.room()).links)


async def test_a_platform_that_answers_late_but_well_is_told_everything_once(house: House) -> None:
    trouble(house, Trouble.SLOW, Write.ANY, times=3)

    await opens_once(house)


async def test_a_room_that_somebody_deleted_is_opened_anew_and_what_was_to_be_said_is_said_there(house: House) -> None:
    unless(Gap.DELETION, house.world)
    await house.alert(ALERT)
    before = await house.room()
    await house.world.delete_room(before)

    await house.says("amira", "update INC-1 we roll back")
    await house.told()

    after = await house.room()
    assert after.id != before.id
    assert any("we roll back" in message.text for message in after.messages)
    assert len(after.pinned) == 1
    [linked] = [one for one in (await house.get("/incidents/INC-1"))["rooms"] if one["chat"] == house.world.name]
    assert linked["id"] == after.id
