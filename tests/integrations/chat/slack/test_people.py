"""What people do in Slack reaches Tocsin once, in the words of commands, and is answered to them alone."""

import asyncio

import pytest

from bot.domain.cards import Button, Card
from bot.ports.chat import Answer, Incoming, RoomRef
from tests.fakes.slack import kit
from tests.fakes.slack.people import button
from tests.fakes.slack.server import Mood, Trouble
from tests.fakes.slack.workspace import BOT_USER, TEAM, User
from tests.integrations.chat.slack.conftest import (
    AMIRA,
    FORM,
    OMAR,
    SOCKET,
    STRANGER,
    Adapter,
    answering,
    both_ways,
    form_shown,
)

pytestmark = pytest.mark.usefixtures("listening")

CARD = Card("INC-1", "INC-1", actions=(Button("Acknowledge", "ack INC-1", version=7, confirm="Sure?"),))


@both_ways
async def test_a_command_is_answered_in_the_very_response(adapter: Adapter) -> None:
    channel = adapter.server.workspace.add_channel("inc-1-slow")

    answered = await adapter.people.command(AMIRA, "ack INC-1 &lt;now&gt;", channel.id)

    [line] = adapter.inbox.carried_out
    assert (line.text, line.account.user, line.room) == ("ack INC-1 <now>", AMIRA, RoomRef("slack", TEAM, channel.id))
    assert answered.body["response_type"] == "ephemeral"
    assert "did ack INC-1" in kit.read(answered.body["text"], answered.body["blocks"])


@both_ways
async def test_a_command_that_is_delivered_again_is_carried_out_once(adapter: Adapter) -> None:
    first = await adapter.people.command(AMIRA, "ack INC-1")

    assert (await adapter.people.again(AMIRA)).body == first.body
    assert len(adapter.inbox.carried_out) == 1


async def test_a_command_that_takes_long_is_answered_afterwards(adapter: Adapter) -> None:
    goes_on = asyncio.Event()
    take = adapter.inbox.take

    async def slowly(incoming: Incoming) -> Answer:
        await goes_on.wait()
        return await take(incoming)

    adapter.inbox.take = slowly  # type: ignore[method-assign]
    answered = await adapter.people.command(AMIRA, "ack INC-1")
    goes_on.set()
    shown = await adapter.people.shown(AMIRA)

    assert "Working on it" in answered.body["text"]
    assert "did ack INC-1" in shown["text"]


async def test_a_command_that_can_not_be_stored_says_so(adapter: Adapter) -> None:
    def broken(_line: Incoming) -> Answer:
        raise ConnectionError("the database is away")

    adapter.inbox.answer = broken
    answered = await adapter.people.command(AMIRA, "ack INC-1")

    assert answered.status == 200
    assert "nothing was done" in answered.body["text"]


@both_ways
async def test_mentions_are_what_commands_understand(adapter: Adapter) -> None:
    text = f"page <@{OMAR}|omar.k> <@{STRANGER}> about <https://x.example/a?b=1&amp;c|x> in <#C1|general> <!here>"

    await adapter.people.command(AMIRA, text)

    [line] = adapter.inbox.carried_out
    assert line.text == f"page @omar @{STRANGER} about https://x.example/a?b=1&c in #general @here"


@both_ways
async def test_a_button_is_its_command_with_the_version_it_was_drawn_from(adapter: Adapter) -> None:
    answering(adapter, Answer(ok=True, text="", card=CARD))
    shown = (await adapter.people.command(AMIRA, "status")).body
    answering(adapter, Answer(ok=True, text="You have it"))

    answered = await adapter.people.press(AMIRA, button(shown, "Acknowledge"), "C1", "1.1")
    told = await adapter.people.shown(AMIRA)
    await adapter.people.again(AMIRA)

    pressed = adapter.inbox.carried_out[1]
    assert answered.status == 200
    assert (pressed.text, pressed.version) == ("ack INC-1", 7)
    assert (told["text"], told["replace_original"]) == ("You have it", False)
    assert len(adapter.inbox.carried_out) == 2


@pytest.mark.parametrize("value", ["", "x", "5", "{}", '{"command": 5}', '{"command": "ack", "version": "x"}'])
async def test_a_button_that_we_never_made_does_nothing(adapter: Adapter, value: str) -> None:
    answered = await adapter.people.press(AMIRA, {"type": "button", "action_id": "other", "value": value}, "C1", "1.1")
    told = await adapter.people.shown(AMIRA)

    assert answered.status == 200
    assert "does not know this button" in told["text"]
    assert adapter.inbox.carried_out == []
    assert adapter.audited == ["a button in Slack that Tocsin did not make"]


async def test_a_mention_in_a_thread_is_a_command_and_is_answered_there(adapter: Adapter) -> None:
    channel = adapter.server.workspace.add_channel("inc-1-slow")
    channel.members |= {BOT_USER, AMIRA}

    await adapter.people.say(AMIRA, f"<@{BOT_USER}> ack", channel, thread="1.1")
    await adapter.people.again(AMIRA)
    await adapter.handled()

    [line] = adapter.inbox.carried_out
    assert (line.text, line.room) == ("ack", RoomRef("slack", TEAM, channel.id))
    assert adapter.inbox.heard == []
    shown = await adapter.people.shown(AMIRA)
    assert (shown["text"], shown["thread"]) == ("did ack", "1.1")


async def test_a_mention_whose_command_needs_a_form_is_given_a_button_that_opens_it(adapter: Adapter) -> None:
    channel = adapter.server.workspace.add_channel("inc-1-slow")
    channel.members |= {BOT_USER, AMIRA}
    answering(adapter, Answer(ok=True, text="", form=FORM))

    await adapter.people.say(AMIRA, f"<@{BOT_USER}> sev", channel)
    await adapter.handled()
    shown = await adapter.people.shown(AMIRA)
    await adapter.people.press(AMIRA, button(shown, "Open the form"), channel.id)

    view = await form_shown(adapter)
    assert adapter.inbox.carried_out[1].text == "sev INC-1"
    assert [block["block_id"] for block in view.drawn["blocks"] if block["type"] == "input"] == ["severity", "reason"]


async def test_talk_is_overheard_and_what_nobody_said_is_not(adapter: Adapter) -> None:
    channel = adapter.server.workspace.add_channel("inc-1-slow")
    channel.members |= {BOT_USER, AMIRA}

    await adapter.people.say(AMIRA, "two GPUs left the pool", channel)
    await adapter.people.say(AMIRA, "of a bot", channel, bot_id="B1")
    await adapter.people.say(AMIRA, "an edit", channel, subtype="message_changed")
    await adapter.people.say(BOT_USER, "our own", channel)
    await adapter.people.say(AMIRA, f"<@{BOT_USER}> help", channel)
    await adapter.handled()

    assert [line.text for line in adapter.inbox.heard] == ["two GPUs left the pool"]
    assert [line.text for line in adapter.inbox.carried_out] == ["help"]


async def test_what_is_made_of_talk_is_told_alone_unless_the_channel_is_told_of_it(adapter: Adapter) -> None:
    channel = adapter.server.workspace.add_channel("inc-1-slow")
    channel.members |= {BOT_USER, AMIRA}

    for is_told in (True, False):
        adapter.inbox.made_of_talk = Answer(ok=True, text=f"told in the channel: {is_told}", is_told=is_told)
        await adapter.people.say(AMIRA, "two GPUs left the pool", channel)
        await adapter.chat.handle(adapter.updates.stored[-1], adapter.inbox)

    assert (await adapter.people.shown(AMIRA))["text"] == "told in the channel: False"


async def test_talk_in_a_thread_is_not_overheard(adapter: Adapter) -> None:
    channel = adapter.server.workspace.add_channel("inc-1-slow")
    channel.members |= {BOT_USER, AMIRA}

    await adapter.people.say(AMIRA, "is this the pool of last week?", channel, thread="1.1")
    await adapter.people.say(AMIRA, "yes, told to all", channel, thread="1.1", subtype="thread_broadcast")
    await adapter.people.say(AMIRA, "two GPUs left the pool", channel)
    await adapter.handled()

    assert [line.text for line in adapter.inbox.heard] == ["two GPUs left the pool"]


async def test_what_is_written_to_the_bot_alone_is_a_command(adapter: Adapter) -> None:
    await adapter.people.say(AMIRA, "list", adapter.server.workspace.direct(AMIRA))
    await adapter.handled()

    assert [line.text for line in adapter.inbox.carried_out] == ["list"]
    assert (await adapter.people.shown(AMIRA))["text"] == "did list"


async def test_a_full_member_is_known_by_a_verified_address_and_slack_is_asked_once(adapter: Adapter) -> None:
    adapter.server.workspace.add_user(User("U0LINA", "lina", "lina@acme.example"))

    await adapter.people.command("U0LINA", "help")
    await adapter.people.command("U0LINA", "help")
    await adapter.people.command(STRANGER, "help")
    await adapter.people.command(STRANGER, "help")

    assert [person.name for person in adapter.linking.linked.values()] == ["lina"]
    assert adapter.server.names().count("users.info") == 2


@pytest.mark.parametrize(
    "user",
    [
        User("U0LINA", "lina", "lina@acme.example", is_confirmed=False),
        User("U0LINA", "lina", "lina@acme.example", team="T0OTHER"),
        *(
            User("U0LINA", "lina", "lina@acme.example", signs={sign: True})
            for sign in ("is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
        ),
    ],
    ids=["unverified", "other workspace", "bot", "guest", "single-channel guest", "stranger", "deleted"],
)
async def test_whoever_is_not_a_full_member_with_a_verified_address_stays_unknown(adapter: Adapter, user: User) -> None:
    adapter.server.workspace.add_user(user)

    await adapter.people.command(user.id, "help")

    assert adapter.linking.linked == {}


async def test_a_stranger_is_served_when_slack_does_not_say_who_they_are(adapter: Adapter) -> None:
    adapter.server.troubles.append(Trouble(Mood.BROKEN, frozenset({"users.info"})))

    answered = await adapter.people.command(STRANGER, "help")

    assert answered.body["text"] == "did help"


@pytest.mark.parametrize("adapter", [SOCKET], indirect=True)
async def test_a_socket_that_is_lost_is_opened_anew(adapter: Adapter) -> None:
    await adapter.people.command(AMIRA, "help")

    await adapter.server.drop_sockets()
    answered = await adapter.people.command(AMIRA, "list")

    assert answered.body["text"] == "did list"
    assert adapter.server.names().count("apps.connections.open") == 2
