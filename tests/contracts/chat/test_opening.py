"""An alert opens a room in every chat, and calls who is on call there."""

from bot.ports.chat import Ability
from tests.contracts.chat.house import House

BELL_FIRES = "The model answers slowly"


async def test_an_alert_opens_one_room_with_a_pinned_card_and_the_people_on_call(house: House) -> None:
    await house.alert(BELL_FIRES)

    room = await house.room()

    assert len(await house.world.rooms()) == 1
    assert room.name.startswith("inc-1-the-model-answers-slowly")
    assert not room.is_archived
    (card,) = room.pinned
    assert "SEV2 · INC-1 · The model answers slowly" in card.text
    assert "inference-gateway" in card.text
    assert "Acknowledge" in card.buttons
    assert len([message for message in room.messages if "Acknowledge" in message.buttons]) == 1
    if house.can(Ability.TOPIC):
        assert "SEV2" in room.topic
    if house.can(Ability.INVITE):
        assert "amira" in room.members
    [linked] = [one for one in (await house.get("/incidents/INC-1"))["rooms"] if one["chat"] == house.world.name]
    assert linked["id"] == room.id


async def test_who_is_on_call_is_called_alone_and_the_next_one_when_nobody_answers(house: House) -> None:
    await house.alert(BELL_FIRES)
    await house.room()

    (call,) = await house.world.direct("amira")
    assert "INC-1" in call.text
    assert BELL_FIRES in call.text
    assert "Acknowledge" in call.buttons
    assert list(await house.world.direct("omar")) == []

    await house.later(minutes=5, seconds=1)

    (call,) = await house.world.direct("omar")
    assert "INC-1" in call.text


async def test_an_opened_incident_is_announced_where_everyone_hears_it(house: House) -> None:
    await house.alert(BELL_FIRES)
    await house.room()

    assert any(BELL_FIRES in message.text for message in await house.world.announced())


async def test_the_card_is_redrawn_and_never_posted_anew(house: House) -> None:
    await house.alert(BELL_FIRES)
    before = await house.room()

    await house.says("amira", "sev INC-1 1 everyone waits")
    await house.says("amira", "assign INC-1 @omar")
    await house.settled_card("SEV1 · INC-1")

    after = await house.room()
    if house.can(Ability.TOPIC):
        assert "SEV1" in after.topic
    (card,) = after.pinned
    assert card.id == before.pinned[0].id
    assert "omar" in card.text


async def test_the_room_is_archived_after_the_end_and_comes_back_when_it_was_not_the_end(house: House) -> None:
    await house.alert(BELL_FIRES)
    await house.room()
    await house.says("amira", "ack INC-1")
    await house.says("amira", "resolve INC-1 the old build serves again")
    await house.says("amira", "close INC-1")
    await house.told()
    if house.can(Ability.ARCHIVE):
        assert (await house.room()).is_archived

    await house.says("amira", "reopen INC-1 it hangs again")
    await house.told()

    assert not (await house.room()).is_archived
    assert any("it hangs again" in message.text for message in (await house.room()).messages)
    [linked] = [one for one in (await house.get("/incidents/INC-1"))["rooms"] if one["chat"] == house.world.name]
    assert linked["id"] == (await house.room()).id


async def test_two_incidents_have_two_rooms_and_know_nothing_of_one_another(house: House) -> None:
    await house.alert(BELL_FIRES)
    await house.alert("Features are stale", labels={"alertname": "Stale"})
    first, second = await house.room("inc-1-"), await house.room("inc-2-")

    assert first.id != second.id
    assert not any("Features are stale" in message.text for message in first.messages)


async def test_a_private_incident_has_a_room_only_where_a_few_can_be_alone(house: House) -> None:
    await house.says("amira", "declare Somebody reads the feature store --private --sev 2 --service inference-gateway")
    await house.told()

    rooms = [room.name for room in await house.world.rooms()]
    assert rooms == (["inc-1-private"] if house.can(Ability.PRIVATE) else [])
    assert not any("feature store" in message.text for message in await house.world.announced())
    assert any("INC-1" in call.text for call in await house.world.direct("amira"))
    assert not (await house.get("/effects?state=dead"))["items"]
