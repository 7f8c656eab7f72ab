"""What people do in a chat is carried out once, by those who may, on the incident they mean."""

from tests.contracts.chat.house import House, unless
from tests.contracts.chat.world import STRANGER, Gap, SeenRoom


async def opened(house: House) -> SeenRoom:
    await house.alert("The model answers slowly")
    return await house.room()


async def test_a_button_is_the_command_behind_it(house: House) -> None:
    room = await opened(house)

    shown = await house.world.press("amira", room.pinned[0], "Acknowledge")

    assert "You have INC-1" in shown.text
    incident = await house.get("/incidents/INC-1")
    assert incident["status"] == "investigating"
    await house.settled_card("Acknowledged by\namira")
    assert "Acknowledge" not in (await house.room()).pinned[0].buttons


async def test_a_call_can_be_answered_where_it_rings(house: House) -> None:
    await opened(house)
    (call,) = await house.world.direct("amira")

    await house.world.press("amira", call, "Acknowledge")

    assert (await house.get("/incidents/INC-1"))["acknowledged_at"] is not None
    await house.later(minutes=5, seconds=1)
    assert list(await house.world.direct("omar")) == []


async def test_a_button_that_is_delivered_again_does_nothing_twice(house: House) -> None:
    room = await opened(house)
    await house.world.press("amira", room.pinned[0], "Acknowledge")

    await house.world.again("amira")
    await house.told()

    assert (await house.kinds()).count("acknowledged") == 1


async def test_a_command_that_is_delivered_again_does_nothing_twice(house: House) -> None:
    room = await opened(house)
    await house.world.command("omar", "note rolled back to the last build", room)

    await house.world.again("omar")
    await house.told()

    assert (await house.kinds()).count("note") == 1


async def test_two_people_who_press_the_same_button_both_learn_how_it_stands(house: House) -> None:
    room = await opened(house)
    await house.world.press("amira", room.pinned[0], "Resolve")

    shown = await house.world.press("omar", room.pinned[0], "Resolve")

    assert "INC-1" in shown.text
    assert "resolved" in shown.text
    assert (await house.kinds()).count("status_changed") == 1


async def test_the_incident_of_the_room_is_meant_and_another_one_where_it_is_named(house: House) -> None:
    room = await opened(house)
    await house.alert("Features are stale", labels={"alertname": "Stale"})
    await house.room("inc-2-")

    await house.world.command("amira", "sev 1", room)
    await house.world.command("amira", "sev INC-2 4", room)

    assert (await house.get("/incidents/INC-1"))["severity"] == "SEV1"
    assert (await house.get("/incidents/INC-2"))["severity"] == "SEV4"


async def test_a_slip_is_answered_with_the_nearest_word_and_changes_nothing(house: House) -> None:
    room = await opened(house)
    before = await house.get("/incidents/INC-1")

    shown = await house.world.command("amira", "resovle", room)

    assert "resolve" in shown.text
    assert (await house.get("/incidents/INC-1"))["version"] == before["version"]


async def test_a_stranger_gets_help_and_how_to_be_known_and_nothing_else(house: House) -> None:
    unless(Gap.STRANGERS, house.world)
    room = await opened(house)
    refused = await house.world.command(STRANGER, "resolve INC-1", room)
    helped = await house.world.command(STRANGER, "help", room)

    assert (await house.get("/incidents/INC-1"))["status"] == "triage"
    for told in (refused.text, helped.text):
        assert [way for way in house.world.ways_to_be_known if way not in told] == []
    assert "ack" in helped.text


async def test_a_form_asks_for_what_is_missing_says_what_is_wrong_and_keeps_what_was_written(house: House) -> None:
    room = await opened(house)
    asked = await house.world.command("amira", "followup", room)
    what, when, _who = asked.form

    wrong = await house.world.fill("amira", {what: "Raise the threshold", when: "when hell freezes"})
    assert wrong.wrong is not None
    assert "when hell freezes" in wrong.wrong[when]
    await house.world.fill("amira", {when: "in 2h"})

    await house.told()
    (followup,) = (await house.get("/incidents/INC-1"))["followups"]
    assert followup["text"] == "Raise the threshold"


async def test_a_form_opened_by_a_button_is_carried_out_when_it_is_filled_in(house: House) -> None:
    room = await opened(house)
    asked = await house.world.press("amira", room.pinned[0], "Severity")
    severity = asked.form[0]

    await house.world.fill("amira", {severity: "SEV1 – critical: everything, or everyone, is affected"})

    assert (await house.get("/incidents/INC-1"))["severity"] == "SEV1"


async def test_help_in_a_chat_tells_every_command(house: House) -> None:
    shown = await house.world.command("omar", "help")

    assert "declare" in shown.text
    assert "update" in shown.text


async def test_talk_is_no_command(house: House) -> None:
    room = await opened(house)
    before = await house.kinds()

    await house.world.talk("amira", "resolve INC-1", room)
    await house.heard()

    assert await house.kinds() == before


async def test_a_press_that_comes_too_late_for_its_answer_is_carried_out_all_the_same(house: House) -> None:
    unless(Gap.LATENESS, house.world)
    room = await opened(house)

    await house.world.press_late("amira", room.pinned[0], "Acknowledge")
    await house.told()

    assert (await house.kinds()).count("acknowledged") == 1
    await house.settled_card("Acknowledged by\namira")


async def test_whoever_is_too_late_for_a_form_learns_so_or_gets_it_all_the_same_and_may_press_again(
    house: House,
) -> None:
    unless(Gap.LATENESS, house.world)
    room = await opened(house)

    late = await house.world.press_late("amira", room.pinned[0], "Severity")
    assert late.form or "three seconds" in late.text
    asked = await house.world.press("amira", room.pinned[0], "Severity")
    await house.world.fill("amira", {asked.form[0]: "SEV1 – critical: everything, or everyone, is affected"})

    assert (await house.get("/incidents/INC-1"))["severity"] == "SEV1"
    assert (await house.kinds()).count("severity_changed") == 1
