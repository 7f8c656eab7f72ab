"""What people do in Slack reaches Tocsin once, in the words of commands, and is answered to them alone."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.cards import Button, Card
from bot.domain.forms import Form, Option, Question, QuestionKind, command_line
from bot.ports.chat import Answer, Incoming, RoomRef
from tests.fakes.slack import kit
from tests.fakes.slack.people import button
from tests.fakes.slack.server import Mood, Trouble
from tests.fakes.slack.workspace import BOT_USER, TEAM, User, View
from tests.integrations.chat.slack.conftest import AMIRA, OMAR, SOCKET, STRANGER, Adapter

FORM = Form(
    "Change the severity of INC-1, please",
    "sev INC-1",
    (
        Question("severity", "Severity", QuestionKind.CHOICE, options=(Option("SEV1", "SEV1 – worst"),), value="SEV1"),
        Question("reason", "Why", QuestionKind.PARAGRAPH, required=False, hint="In a sentence"),
    ),
    "Change",
)
CARD = Card("INC-1", "INC-1", actions=(Button("Acknowledge", "ack INC-1", version=7, confirm="Sure?"),))

both_ways = pytest.mark.parametrize("adapter", [{}, SOCKET], ids=["http", "socket"], indirect=True)


@pytest.fixture(autouse=True)
async def _listening(adapter: Adapter) -> Any:
    """Let the adapter listen, as Tocsin lets every chat."""
    listening = asyncio.create_task(adapter.chat.listen(adapter.inbox))
    yield
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


def answering(adapter: Adapter, *answers: Answer) -> None:
    """Let the inbox give these answers, the last one for ever."""
    left = list(answers)
    adapter.inbox.answer = lambda _line: left.pop(0) if len(left) > 1 else left[0]


async def form_shown(adapter: Adapter, user: str = AMIRA) -> View:
    shown = await adapter.people.shown(user)
    view = shown["view"]
    assert isinstance(view, View)
    return view


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


@both_ways
async def test_a_form_is_filled_in_and_becomes_a_line(adapter: Adapter) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM), Answer(ok=True, text="INC-1 is SEV1"))
    channel = adapter.server.workspace.add_channel("inc-1-slow")
    channel.members.add(BOT_USER)
    opening = await adapter.people.command(AMIRA, "sev", channel.id)
    view = await form_shown(adapter)

    closing = await adapter.people.submit(AMIRA, view, {"reason": 'they "wait"\nfor long'})
    told = await adapter.people.shown(AMIRA)

    assert (opening.body, closing.body) == ({}, {})
    assert adapter.inbox.carried_out[1].text == 'sev INC-1 --severity "SEV1" --reason "they \\"wait\\"\nfor long"'
    assert adapter.inbox.carried_out[1].room == RoomRef("slack", TEAM, channel.id)
    assert told["text"] == "INC-1 is SEV1"


async def test_errors_stand_beside_the_field_and_the_corrected_form_is_carried_out(adapter: Adapter) -> None:
    answering(
        adapter,
        Answer(ok=True, text="", form=FORM),
        Answer(ok=False, text="Too short", errors=(("reason", "Too short"),)),
        Answer(ok=False, text="Others were quicker"),
        Answer(ok=True, text="Done"),
    )
    await adapter.people.command(AMIRA, "sev")
    view = await form_shown(adapter)

    short = await adapter.people.submit(AMIRA, view, {"reason": "x"})
    busy = await adapter.people.submit(AMIRA, view, {"reason": "everyone waits"})
    done = await adapter.people.submit(AMIRA, view, {"reason": "everyone waits"})

    assert short.body == {"response_action": "errors", "errors": {"reason": "Too short"}}
    assert busy.body == {"response_action": "errors", "errors": {"severity": "Others were quicker"}}
    assert done.body == {}


async def test_an_answer_that_is_longer_than_a_field_survives_a_form_that_is_sent_as_it_is(adapter: Adapter) -> None:
    sentences = [f'{number}. It waited for the pool of GPUs, \\ and "nobody" knew why.' for number in range(150)]
    long = " ".join(sentences[:70]) + "\n\n" + " ".join(sentences[70:])
    why = Question("text", "What happened?", QuestionKind.PARAGRAPH, value=long, hint="In your words")
    form = Form("Question 3", "answer INC-1 --for what", (why, Question("finder", "Who?", value="amira")), "Keep")
    answering(adapter, Answer(ok=True, text="", form=form), Answer(ok=True, text="Kept"))
    await adapter.people.command(AMIRA, "postmortem edit 3")
    view = await form_shown(adapter)

    await adapter.people.submit(AMIRA, view, {})
    await adapter.people.submit(AMIRA, view, {"text.2": "Then it was mended.", "text.4": ""})

    fields = [block for block in view.drawn["blocks"] if block["type"] == "input"]
    assert [field["label"]["text"] for field in fields] == [
        *(f"What happened? ({number} of 4)" for number in range(1, 5)),
        "Who?",
    ]
    assert [field["optional"] for field in fields] == [False, True, True, True, False]
    _, same, edited = (line.text for line in adapter.inbox.carried_out)
    assert same == command_line("answer INC-1 --for what", {"text": long, "finder": "amira"})
    assert " Then it was mended. " in edited
    assert edited.startswith(same[:2500])


async def test_a_form_that_is_delivered_again_is_carried_out_once(adapter: Adapter) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM), Answer(ok=True, text="Done"))
    await adapter.people.command(AMIRA, "sev")
    view = await form_shown(adapter)

    await adapter.people.submit(AMIRA, view, {"reason": "everyone waits"})
    await adapter.people.again(AMIRA)

    assert len(adapter.inbox.carried_out) == 2


async def test_a_form_that_is_closed_or_not_ours_does_nothing(adapter: Adapter) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM))
    await adapter.people.command(AMIRA, "sev")
    view = await form_shown(adapter)
    forged = View(view.id, view.hash, AMIRA, {**view.drawn, "private_metadata": "{}"})

    closed = await adapter.people.close_form(AMIRA, view)
    sent = await adapter.people.submit(AMIRA, forged, {})

    assert (closed.status, sent.status) == (200, 200)
    assert len(adapter.inbox.carried_out) == 1
    assert "does not know this form" in (await adapter.people.shown(AMIRA))["text"]
    assert adapter.audited == ["a form in Slack that Tocsin did not make"]


async def test_unknown_buttons_and_forms_are_audited_once_a_minute(adapter: Adapter) -> None:
    forged = View("V1", "1.a", AMIRA, {"type": "modal", "callback_id": "x", "private_metadata": "{}", "blocks": []})
    for user in (AMIRA, OMAR, AMIRA):
        await adapter.people.press(user, {"type": "button", "action_id": "other", "value": "x"}, "C1", "1.1")
        await adapter.people.submit(user, forged, {})
    adapter.clock.ahead = timedelta(minutes=1)
    await adapter.people.press(AMIRA, {"type": "button", "action_id": "other", "value": "x"}, "C1", "1.1")

    button, form = (f"a {what} in Slack that Tocsin did not make" for what in ("button", "form"))
    assert adapter.audited == [button, form, button]


@pytest.mark.parametrize(
    ("code", "words"), [("expired_trigger_id", "three seconds only"), ("view_too_large", "view_too_large")]
)
async def test_a_form_that_slack_does_not_open_tells_how_to_go_on(adapter: Adapter, code: str, words: str) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM))
    adapter.server.refusals["views.open"] = code

    answered = await adapter.people.command(AMIRA, "sev")

    assert words in answered.body["text"]


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
