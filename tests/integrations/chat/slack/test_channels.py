"""An incident gets one channel, whatever goes wrong, with its topic, its links and its people."""

from bot.domain.organisation import Account
from bot.ports.chat import (
    Archive,
    Done,
    Failed,
    Gone,
    Invite,
    KeepLink,
    OpenRoom,
    Pin,
    Post,
    RetryAfter,
    SetTopic,
    Unknown,
)
from tests.fakes.slack.server import Mood
from tests.fakes.slack.workspace import BOT_USER
from tests.integrations.chat.slack.conftest import AMIRA, CARD, LINK, OMAR, OPEN, Adapter, goes_wrong, room


async def test_an_incident_is_in_its_room_with_six_calls(adapter: Adapter) -> None:
    opened = await adapter.does(OPEN)
    assert opened.room is not None
    await adapter.does(SetTopic(opened.room, "SEV2 · INC-1 · Slow"), "e1:topic")
    await adapter.does(KeepLink(opened.room, LINK), "e1:link")
    await adapter.does(Invite(opened.room, (Account("slack", "", AMIRA),)), "e2")
    posted = await adapter.does(Post(opened.room, CARD), "e3")
    assert posted.message is not None
    await adapter.does(Pin(posted.message), "e4")

    channel = adapter.channel(opened.room)
    assert len(adapter.calls()) == 6
    assert (channel.name, channel.topic, channel.is_private) == ("inc-1-slow", "SEV2 · INC-1 · Slow", False)
    assert channel.bookmarks == [{"title": LINK.title, "link": LINK.url}]
    assert AMIRA in channel.members
    assert channel.pins == [channel.messages[0].ts]


async def test_a_bot_that_was_put_out_of_its_channel_comes_back_and_says_what_it_had_to(adapter: Adapter) -> None:
    opened = await adapter.does(OPEN)
    channel = adapter.channel(opened.room)
    channel.members.discard(BOT_USER)
    assert opened.room is not None

    await adapter.does(Post(opened.room, "the line"), "e2")
    await adapter.does(SetTopic(opened.room, "SEV1"), "e3")

    assert BOT_USER in channel.members
    assert [one.text for one in channel.messages] == ["the line"]
    assert adapter.calls().count("conversations.join") == 1


async def test_a_bot_that_may_not_come_back_says_so_once_and_waits_to_be_invited(adapter: Adapter) -> None:
    opened = await adapter.does(OPEN)
    channel = adapter.channel(opened.room)
    assert opened.room is not None
    channel.members.discard(BOT_USER)
    adapter.server.refusals["conversations.join"] = "missing_scope"

    waits = [await adapter.tries(Post(opened.room, "the line"), "e2") for _ in range(2)]

    announced = adapter.server.workspace.named("incidents")
    assert announced is not None
    [told] = announced.messages
    assert "/invite" in told.text
    assert told.words.endswith(f"#{channel.id}")
    assert all(isinstance(wait, RetryAfter) for wait in waits)
    channel.members.add(BOT_USER)
    await adapter.does(Post(opened.room, "the line"), "e2")
    assert [one.text for one in channel.messages] == ["the line"]


async def test_what_is_in_doubt_or_gone_while_the_bot_comes_back_stays_so(adapter: Adapter) -> None:
    opened = await adapter.does(OPEN)
    goes_wrong(adapter, Mood.FATAL, "conversations.join")
    assert opened.room is not None
    adapter.channel(opened.room).members.discard(BOT_USER)

    assert isinstance(await adapter.tries(Post(opened.room, "the line"), "e2"), Unknown)
    adapter.channel(opened.room).is_archived = True
    assert isinstance(await adapter.tries(Post(opened.room, "the line"), "e2"), Gone)


async def test_a_name_that_somebody_has_is_left_to_them(adapter: Adapter) -> None:
    adapter.server.workspace.add_channel("inc-1-slow")

    opened = await adapter.does(OPEN)

    assert adapter.channel(opened.room).name == "inc-1-slow-2"


async def test_a_channel_whose_making_was_not_heard_of_is_taken_up_and_not_made_twice(adapter: Adapter) -> None:
    goes_wrong(adapter, Mood.DROPPED, "conversations.create")
    assert isinstance(await adapter.tries(OPEN), Unknown)

    found = await adapter.chat.find(OPEN, key="e1")
    again = await adapter.does(OPEN)

    [channel] = adapter.server.workspace.incident_channels()
    assert found == again == Done(room(channel))


async def test_an_older_channel_of_ours_with_the_same_name_is_not_taken_up(adapter: Adapter) -> None:
    old = adapter.server.workspace.add_channel("inc-1-slow", BOT_USER)
    old.members.add(BOT_USER)
    old.created -= 3600
    goes_wrong(adapter, Mood.BROKEN, "conversations.create")
    await adapter.tries(OPEN)

    assert await adapter.chat.find(OPEN, key="e1") is None
    assert (await adapter.does(OPEN)).room != room(old)


async def test_a_private_incident_has_a_private_channel_or_none(adapter: Adapter) -> None:
    secret = OpenRoom("inc-2-private", private=True)
    goes_wrong(adapter, Mood.FATAL, "conversations.create")
    assert isinstance(await adapter.tries(secret), Unknown)

    opened = await adapter.does(secret)

    assert adapter.channel(opened.room).is_private
    wanted = [call.fields["is_private"] for call in adapter.server.calls if call.method == "conversations.create"]
    assert wanted == ["true", "true"]


async def test_a_channel_is_opened_again_where_slack_allows_it_and_else_followed_by_another(adapter: Adapter) -> None:
    first = (await adapter.does(OPEN)).room
    assert first is not None
    await adapter.does(Archive(first), "e2")
    anew = OpenRoom(OPEN.name, private=False, reopen=first)

    second = (await adapter.does(anew, "e3")).room
    adapter.server.workspace.bots_may_unarchive = True
    third = (await adapter.does(anew, "e4")).room

    assert second is not None
    assert (adapter.channel(second).name, third) == ("inc-1-slow-2", first)


async def test_who_can_be_invited_is_and_those_who_are_there_are_no_error(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    some = (Account("slack", "", AMIRA), Account("slack", "", "U0LEFT"))

    await adapter.does(Invite(opened, some), "e2")
    await adapter.does(Invite(opened, some[:1]), "e3")
    nobody = await adapter.tries(Invite(opened, some[1:]), "e4")

    assert AMIRA in adapter.channel(opened).members
    assert isinstance(nobody, Failed)
    assert "correct the person's `slack` in tocsin.yaml" in nobody.reason


async def test_more_than_a_hundred_are_invited_in_parts(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None

    many = tuple(Account("slack", "", user) for user in (*(f"U{number:05d}" for number in range(120)), OMAR))
    await adapter.does(Invite(opened, many), "e2")

    assert OMAR in adapter.channel(opened).members


async def test_a_link_whose_keeping_was_not_heard_of_is_looked_for(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None
    link = KeepLink(opened, LINK)

    before = await adapter.chat.find(link, key="e2")
    goes_wrong(adapter, Mood.DROPPED, "bookmarks.add")
    assert isinstance(await adapter.tries(link, "e2"), Unknown)

    assert before is None
    assert await adapter.chat.find(link, key="e2") == Done(opened)
    assert len(adapter.channel(opened).bookmarks) == 1


async def test_a_topic_is_one_line_that_fits(adapter: Adapter) -> None:
    opened = (await adapter.does(OPEN)).room
    assert opened is not None

    await adapter.does(SetTopic(opened, "two\nlines " * 100), "e2")

    topic = adapter.channel(opened).topic
    assert "\n" not in topic
    assert len(topic) == 250
