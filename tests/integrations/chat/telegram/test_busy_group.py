"""A group that takes its twenty messages a minute is enough for an incident: whatever people do there costs one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config.script import own_script
from tests.contracts.chat.house import House, at_work
from tests.contracts.chat.interviewing import answer, asked
from tests.contracts.chat.telegram_world import TelegramWorld
from tests.counterparts.program import until
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.state import BOT, FORUM

PUBLIC_URL = "https://tocsin.example"


@asynccontextmanager
async def in_a_full_group(
    telegram: FakeTelegram, folder: Path, *, public_url: str | None = None
) -> AsyncIterator[House]:
    telegram.keeps_limits = True
    world = TelegramWorld(telegram)
    world.section = {"forum": FORUM, "per_minute": 20}
    async with at_work(world, folder, f"sqlite:///{folder}/tocsin.db", public_url=public_url) as opened:
        telegram.now = opened.steady
        yield opened


@pytest.fixture
async def house(telegram: FakeTelegram, tmp_path: Path) -> AsyncIterator[House]:
    async with in_a_full_group(telegram, tmp_path) as opened:
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


async def test_the_opening_of_an_incident_costs_the_group_four_messages(telegram: FakeTelegram, tmp_path: Path) -> None:
    async with in_a_full_group(telegram, tmp_path, public_url=PUBLIC_URL) as house:
        await house.alert("The model answers slowly")
        await house.room()

    group = [given["text"] for given in telegram.made("sendMessage") if given["chat_id"] == FORUM]
    assert len(group) == 4, group
    [card] = [text for text in group if "SEV2 · INC-1" in text]
    assert f'<a href="{PUBLIC_URL}/incidents/INC-1">' in card
    assert any("opened this incident" in text and "Called: amira" in text for text in group)
    assert telegram.floods == 0


async def test_a_whole_incident_is_told_to_a_group_that_takes_twenty_messages_a_minute(
    house: House, telegram: FakeTelegram
) -> None:
    world = house.world
    await house.alert("The model answers slowly")
    room = await house.room()
    await house.later(minutes=5, seconds=1)
    await world.press("omar", room.pinned[0], "Acknowledge")
    for line in (
        "sev 1 customers see timeouts",
        "assign @omar",
        "note rolled the gateway back",
        "followup in 1h raise the threshold",
        "resolve the old build serves again",
    ):
        await world.command("omar", line, room)
    for prompt in own_script().prompts:
        await house.told()
        await answer(house, "omar", prompt, room)
    await house.told()
    last = [message for message in (await house.room()).messages if "Finish" in message.buttons][-1]
    await world.press("omar", last, "Finish")
    await house.told()

    said = "\n".join(written(telegram))
    for words in (
        "Called: amira (step 1)",
        "Called: omar (step 2)",
        "omar has it",
        "customers see timeouts",
        "omar is commander",
        "rolled the gateway back",
        "raise the threshold",
        "the old build serves again",
        *(f"✓ Question {prompt.place}" for prompt in own_script().prompts),
    ):
        assert words in said
    assert any("INC-1" in call.text for call in await world.direct("amira"))
    assert any("INC-1" in call.text for call in await world.direct("omar"))
    assert (await house.get("/incidents/INC-1"))["postmortem"]["state"] == "in_review"
    assert not (await house.get("/effects?state=dead"))["items"]
    assert telegram.floods == 0


async def test_who_is_on_call_is_called_for_every_incident_while_the_group_can_take_no_more(
    house: House, telegram: FakeTelegram
) -> None:
    titles = [f"Gateway {number} is down" for number in range(6)]
    for title in titles:
        await house.alert(title, labels={"alertname": title})

    async def all_rang() -> bool:
        return len(await house.world.direct("amira")) == len(titles)

    await until(all_rang)
    assert await house.untold(), "the group took everything, so this proves nothing"
    for number in range(1, len(titles) + 1):
        await house.says("amira", f"ack INC-{number}")
    await until(lambda: is_told_in_time(house))

    for number, title in enumerate(titles, start=1):
        room = await house.room(f"inc-{number}-")
        (card,) = room.pinned
        assert title in card.text
        assert any("Called: amira" in message.text for message in room.messages)
        assert any("amira has it" in message.text for message in room.messages)
    assert telegram.floods == 0


async def is_told_in_time(house: House) -> bool:
    """Let some seconds go by, and say whether every effect is behind us."""
    house.clock.forward(timedelta(seconds=2))
    house.tocsin.bell.ring(("effects",))
    return not await house.untold()
