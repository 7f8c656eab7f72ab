"""From an alert to a channel in Slack that people can work in: what it costs, and what they meet there."""

from pathlib import Path

from tests.contracts.chat.house import at_work
from tests.contracts.chat.slack_world import SlackWorld
from tests.fakes.slack.server import slack


async def test_six_calls_make_a_channel_in_which_people_meet_the_card_first(tmp_path: Path) -> None:
    async with slack() as server:
        world = SlackWorld(server)
        database = f"sqlite:///{tmp_path}/tocsin.db"
        async with at_work(world, tmp_path, database, public_url="https://tocsin.example") as house:
            await house.alert("The model answers slowly")
            room = await house.room()
        made = server.calls_of_opening(server.workspace.channels[room.id])

    assert sorted(made) == [
        "bookmarks.add",
        "chat.postMessage",
        "conversations.create",
        "conversations.invite",
        "conversations.setTopic",
        "pins.add",
    ]
    assert [message.id for message in room.pinned] == [room.messages[0].id]
    assert len(room.messages) > 1
