"""What Tocsin writes in Slack is written once, within the limits, and every failure is told by what follows from it."""

from datetime import timedelta

import pytest

from bot.domain.organisation import Account
from bot.ports.chat import (
    Announce,
    Archive,
    Direct,
    Done,
    Edit,
    Failed,
    Gone,
    Pin,
    Post,
    RetryAfter,
    SetTopic,
    Unknown,
    Upload,
)
from tests.fakes.slack.server import Mood
from tests.fakes.slack.workspace import BOT, Message
from tests.integrations.chat.slack.conftest import AMIRA, CARD, OPEN, Adapter, goes_wrong


async def test_what_was_done_already_counts_as_done(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    posted = (await adapter.does(Post(opened, CARD), "e2")).message
    assert posted is not None

    for effect in (Pin(posted), Pin(posted), Archive(opened), Archive(opened)):
        await adapter.does(effect, "e3")


async def test_a_message_is_replaced_and_keeps_its_key(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    posted = await adapter.does(Post(opened, "before"), "e2")
    assert posted.message is not None

    await adapter.does(Edit(posted.message, "after"), "e3")

    [message] = adapter.channel(opened).messages
    assert (message.words, message.metadata["event_payload"]) == ("after", {"key": "e2"})
    assert await adapter.chat.find(Post(opened, "before"), key="e2") == posted


async def test_a_card_that_somebody_deleted_is_written_anew_once(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    posted = (await adapter.does(Post(opened, CARD), "e2")).message
    assert posted is not None
    channel = adapter.channel(opened)
    channel.messages.clear()

    first = await adapter.does(Edit(posted, CARD), "e3")
    again = await adapter.does(Edit(posted, CARD), "e3")

    [message] = channel.messages
    assert first == again
    assert first.message is not None
    assert first.message.message == message.ts


async def test_a_deleted_or_archived_channel_is_gone(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    posted = (await adapter.does(Post(opened, CARD), "e2")).message
    assert posted is not None
    effects = (Post(opened, "x"), Edit(posted, "x"), Pin(posted), SetTopic(opened, "x"), Upload(opened, "x", b"x"))
    adapter.channel(opened).is_archived = True
    for effect in effects:
        assert isinstance(await adapter.tries(effect, "e3"), Gone), effect
    del adapter.server.workspace.channels[opened.room]
    for effect in effects:
        assert isinstance(await adapter.tries(effect, "e3"), Gone), effect
    assert isinstance(await adapter.chat.find(Post(opened, "x"), key="e3"), Gone)


@pytest.mark.parametrize("mood", [Mood.DROPPED, Mood.BROKEN, Mood.FATAL])
async def test_a_page_that_may_have_arrived_is_looked_for(adapter: Adapter, mood: Mood) -> None:
    page = Direct(Account("slack", "", AMIRA), CARD, is_page=True)
    goes_wrong(adapter, mood, "chat.postMessage")

    assert isinstance(await adapter.tries(page), Unknown)

    found = await adapter.chat.find(page, key="e1")
    arrived = len(adapter.server.workspace.direct(AMIRA).messages)
    assert (arrived, found is not None) == ((1, True) if mood is Mood.DROPPED else (0, False))


async def test_a_message_of_another_app_with_our_key_is_not_ours(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    metadata = {"event_type": "tocsin_effect", "event_payload": {"key": "e9"}}
    stamp = adapter.server.workspace.stamp()
    forged = Message(stamp, "U0OTHER", "x", metadata=metadata, bot="B0OTHER")
    adapter.channel(opened).messages.append(forged)

    assert await adapter.chat.find(Post(opened, "x"), key="e9") is None
    forged.bot = BOT
    assert await adapter.chat.find(Post(opened, "x"), key="e9") is not None


async def test_what_can_not_be_looked_for_now_stays_unknown(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    goes_wrong(adapter, Mood.LIMITED, "conversations.history")

    assert isinstance(await adapter.chat.find(Post(opened, "x"), key="e2"), Unknown)


async def test_a_throttled_channel_holds_up_no_page(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    goes_wrong(adapter, Mood.LIMITED, "chat.postMessage")

    first = await adapter.tries(Post(opened, "x"), "e2")
    page = await adapter.tries(Direct(Account("slack", "", AMIRA), CARD, is_page=True), "e3")

    assert isinstance(first, RetryAfter)
    assert first.delay == timedelta(seconds=1)
    assert isinstance(page, Done)


async def test_many_posts_in_one_channel_are_put_off_before_slack_has_to_ask_for_it(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None

    receipts = [await adapter.tries(Post(opened, str(number)), f"p{number}") for number in range(6)]

    assert not any(isinstance(receipt, Failed | Unknown) for receipt in receipts)
    posts = [call for call in adapter.server.calls if call.method == "chat.postMessage"]
    assert len(posts) == sum(isinstance(receipt, Done) for receipt in receipts)


async def test_a_page_and_an_announcement_lead_to_the_channel(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None

    announced = await adapter.does(Announce("INC-1 is open", opened), "a1")
    paged = await adapter.does(Direct(Account("slack", "", AMIRA), CARD, is_page=True, about=opened), "p1")

    for done in (announced, paged):
        [message] = adapter.channel(done.room).messages
        assert message.words.endswith(f"#{opened.room}")
        assert not message.rings


async def test_slack_that_is_away_is_asked_again_and_nothing_counts_as_unknown(adapter: Adapter) -> None:
    await adapter.does(Announce("x"))
    adapter.chat._messages._slack.client.base_url = "http://127.0.0.1:1/api/"

    assert isinstance(await adapter.tries(Announce("x")), RetryAfter)


async def test_a_person_who_has_no_such_account_is_told_with_the_remedy(adapter: Adapter) -> None:
    receipt = await adapter.tries(Direct(Account("slack", "", "U0LEFT"), CARD, is_page=True))

    assert isinstance(receipt, Failed)
    assert "correct the channel or the person's `slack` in tocsin.yaml" in receipt.reason


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("missing_scope", "lacks the scope groups:write; add the scope under “OAuth & Permissions”"),
        ("invalid_auth", "copy it anew from “OAuth & Permissions”"),
        ("restricted_action", "ask a workspace administrator"),
        ("something_new", "Slack refused conversations.create (something_new)"),
    ],
)
async def test_what_slack_refuses_is_told_with_its_remedy(adapter: Adapter, code: str, remedy: str) -> None:
    adapter.server.refusals["conversations.create"] = code

    receipt = await adapter.tries(OPEN)

    assert isinstance(receipt, Failed)
    assert remedy in receipt.reason


async def test_an_announcement_is_found_again_though_its_channel_is_known_by_name(adapter: Adapter) -> None:
    goes_wrong(adapter, Mood.DROPPED, "chat.postMessage")
    assert isinstance(await adapter.tries(Announce("INC-1 is open"), "a1"), Unknown)

    assert isinstance(await adapter.chat.find(Announce("INC-1 is open"), key="a1"), Done)
    assert await adapter.chat.find(Announce("INC-1 is open"), key="a2") is None


async def test_a_loud_message_rings_and_what_is_told_never_does(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    await adapter.does(Post(opened, "<!channel> quiet"), "e2")
    await adapter.does(Post(opened, "loud", loud=True), "e3")

    quiet, loud = adapter.channel(opened).messages
    assert (quiet.rings, loud.rings) == (False, True)
    assert "<!channel> quiet" in quiet.words


async def test_a_file_is_put_into_the_channel_once(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    chart = Upload(opened, "latency.png", b"\x89PNG", alt="Latency over the last hour")
    goes_wrong(adapter, Mood.DROPPED, "files.completeUploadExternal")

    assert isinstance(await adapter.tries(chart, "f1"), Unknown)

    assert await adapter.chat.find(chart, key="f1") == Done(opened)
    assert await adapter.chat.find(chart, key="f2") is None
    assert list(adapter.server.workspace.files.values()) == [b"\x89PNG"]
