"""A button is a command; it is asked about first where it says so, and every press is answered."""

from bot.domain.cards import Button, Card
from bot.ports import chat as ask
from bot.ports.chat import Answer, Done
from tests.fakes.telegram.state import FORUM, Message
from tests.integrations.chat.telegram.conftest import AMIRA, Desk, answering

CARD = Card(
    title="INC-1",
    fallback="INC-1",
    actions=(
        Button("Acknowledge", "ack INC-1", version=7),
        Button("Resolve", "resolve INC-1", confirm="Really resolve INC-1?", version=7),
        Button("Status", "status INC-1", version=7),
    ),
)


async def card(desk: Desk, key: str = "1:card") -> Message:
    if not desk.fake.everything.topics:
        await desk.perform(ask.OpenRoom("inc-1-gpu", private=False), "open")
    topic = next(iter(desk.fake.everything.topics))
    room = ask.RoomRef("telegram", "", str(FORUM), str(topic))
    await desk.perform(ask.Post(room, CARD), key)
    return desk.last()


async def test_a_press_is_its_command_with_the_version_that_was_drawn(desk: Desk) -> None:
    drawn = await card(desk)

    toast = await desk.feels("amira", drawn, "Acknowledge")

    (line,) = desk.inbox.carried_out
    assert (line.text, line.version) == ("ack INC-1", 7)
    assert line.room is not None
    assert toast == "did ack INC-1"
    assert desk.last() is drawn


async def test_in_private_what_came_of_a_press_stays_to_be_read(desk: Desk) -> None:
    await desk.perform(ask.Direct(AMIRA, CARD, is_page=True))

    await desk.feels("amira", desk.last(1111), "Acknowledge")

    assert desk.last(1111).text == "did ack INC-1"


async def test_a_mistake_is_an_alert_and_more_than_fits_is_written_too(desk: Desk) -> None:
    desk.inbox = answering({"ack": Answer(ok=False, text="no " * 100), "status": Answer(ok=True, text="", card=CARD)})
    drawn = await card(desk)

    toast = await desk.feels("amira", drawn, "Acknowledge")
    assert len(toast) <= 200
    assert desk.last().text == ("no " * 100).strip()
    await desk.feels("amira", drawn, "Status")

    assert "Resolve" in desk.last().buttons


async def test_what_asks_first_is_done_at_the_second_press_only(desk: Desk) -> None:
    drawn = await card(desk)
    before = drawn.keyboard

    assert await desk.feels("amira", drawn, "Resolve") == "Really resolve INC-1?"
    assert desk.inbox.carried_out == []
    assert list(drawn.buttons) == ["Yes: Resolve", "Back"]
    await desk.feels("amira", drawn, "Back")
    assert drawn.keyboard == before
    await desk.feels("amira", drawn, "Resolve")
    await desk.feels("amira", drawn, "Yes: Resolve")

    assert [line.text for line in desk.inbox.carried_out] == ["resolve INC-1"]
    assert drawn.keyboard == before


async def test_a_press_that_is_handled_again_is_not_done_again(desk: Desk) -> None:
    drawn = await card(desk)
    await desk.feels("amira", drawn, "Acknowledge")
    await desk.start()
    await desk.handle()

    assert len(desk.inbox.carried_out) == 1


async def test_a_button_that_nobody_remembers_says_what_to_do_instead(desk: Desk) -> None:
    drawn = await card(desk)
    desk.clock.forward(days=91)

    toast = await desk.feels("amira", drawn, "Acknowledge")

    assert "/help" in toast
    assert desk.inbox.carried_out == []


async def test_made_up_buttons_are_harmless(desk: Desk) -> None:
    drawn = await card(desk)
    for data in ("", "b", "b.x.y.z", "b..-1.", "c.nope.1.", "w.a.b", "w.....", "x.1.2.3.4", "b." + "9" * 20 + ".1."):
        drawn.keyboard = {"inline_keyboard": [[{"text": "made up", "callback_data": data}]]}
        await desk.feels("amira", drawn, "made up")

    assert desk.inbox.carried_out == []


async def test_a_button_in_another_group_does_nothing(desk: Desk) -> None:
    drawn = await card(desk)
    desk.forum = -5
    await desk.start()

    assert "only in its own group" in await desk.feels("amira", drawn, "Acknowledge")
    assert desk.inbox.carried_out == []


async def test_a_twin_of_a_card_is_deleted_when_somebody_presses_it(desk: Desk) -> None:
    first = await card(desk)
    desk.fake.trouble("dropped", lambda method, _: method == "sendMessage")
    topic = ask.RoomRef("telegram", "", str(FORUM), str(first.topic))
    lost = await desk.perform(ask.Post(topic, CARD), "2:card")
    assert not isinstance(lost, Done)
    twin = desk.last()
    kept = await card(desk, "2:card")

    await desk.feels("amira", kept, "Acknowledge")
    assert twin in desk.fake.everything.messages
    await desk.feels("amira", twin, "Acknowledge")

    assert twin not in desk.fake.everything.messages
    assert kept in desk.fake.everything.messages
    assert [line.text for line in desk.inbox.carried_out] == ["ack INC-1", "ack INC-1"]
