"""A group that takes its twenty messages a minute is enough for an incident: whatever people do there costs one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config.script import own_script
from tests.contracts.chat.house import House, at_work
from tests.contracts.chat.interviewing import answer, asked
from tests.contracts.chat.telegram_world import TelegramWorld
from tests.counterparts.program import until
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.state import BOT, FORUM


@pytest.fixture
async def house(telegram: FakeTelegram, tmp_path: Path) -> AsyncIterator[House]:
    telegram.keeps_limits = True
    world = TelegramWorld(telegram)
    world.section = {"forum": FORUM, "per_minute": 20}
    async with at_work(world, tmp_path, f"sqlite:///{tmp_path}/tocsin.db") as opened:
        yield opened


def written(telegram: FakeTelegram) -> list[str]:
    """What Tocsin wrote into the incident's topic."""
    [topic] = telegram.everything.topics
    return [message.text for message in telegram.everything.in_topic(topic) if message.sender == BOT]


async def test_a_note_and_each_answer_cost_the_group_one_message(house: House, telegram: FakeTelegram) -> None:
    await house.alert("The model answers slowly")
    room = await house.room()
    first, second = own_script().prompts[:2]

    before = written(telegram)
    await house.world.command("amira", "note rolled back", room)
    await until(lambda: is_written(telegram, "rolled back"))
    assert len(written(telegram)) == len(before) + 1

    await house.world.command("amira", "resolve the old build serves again", room)
    await asked(house, first)
    before = written(telegram)
    await answer(house, "amira", first, room)
    await asked(house, second)

    [question] = written(telegram)[len(before) :]
    assert question.splitlines()[0].startswith("🟠")
    assert "✓ Question 1: external Lina" in question
    assert telegram.floods == 0


async def is_written(telegram: FakeTelegram, words: str) -> bool:
    return any(words in text for text in written(telegram))


async def test_the_opening_of_an_incident_costs_the_group_four_messages(house: House, telegram: FakeTelegram) -> None:
    await house.alert("The model answers slowly")
    await house.room()

    group = [given["text"] for given in telegram.made("sendMessage") if given["chat_id"] == FORUM]
    assert len(group) == 4, group
    [card] = [text for text in group if "SEV2 · INC-1" in text]
    assert f'<a href="{house.url}/incidents/INC-1">' in card
    assert any("opened this incident" in text and "Called: amira" in text for text in group)
    assert telegram.floods == 0
