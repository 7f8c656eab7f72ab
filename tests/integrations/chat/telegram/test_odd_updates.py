"""Whatever an update holds, Telegram is answered, nothing breaks, and those who wrote after it are heard."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import structlog

from bot.domain.forms import Form, Question, QuestionKind
from bot.ports import chat as ask
from bot.ports.chat import Answer
from handlers.updates import TRIES
from integrations.chat.telegram.webhook import PATH, to_update
from tests.contracts.chat.house import House, at_work
from tests.contracts.chat.telegram_world import SECRET, TelegramWorld
from tests.counterparts.program import until
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.state import FORUM, Message
from tests.integrations.chat.telegram.conftest import Desk, answering
from tests.integrations.chat.telegram.mutations import UPDATES, WRONG, mutated
from tests.integrations.chat.telegram.test_pressing import CARD

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
FORM = Form(
    "Follow-up", "followup INC-1", (Question("text", "What?", QuestionKind.PARAGRAPH, value="a"),), "Remember it"
)


async def handle_all(desk: Desk, body: dict[str, Any]) -> int:
    """Let the adapter handle every mutation of an update as it would be read again from the database."""
    numbers = count(1)
    for odd in mutated(body):
        update = to_update({"update_id": next(numbers), **odd}, desk.clock.now())
        if update is not None:
            await desk.chat.handle(update, desk.inbox)
    return next(numbers)


@pytest.mark.parametrize("name", UPDATES)
async def test_no_part_of_an_update_that_is_not_as_it_should_be_stops_the_adapter(desk: Desk, name: str) -> None:
    assert await handle_all(desk, UPDATES[name]) > len(WRONG)


@pytest.fixture
async def pressed(desk: Desk) -> list[dict[str, Any]]:
    """Give presses as Telegram reports them: of a card's buttons, of what asks first, and of a form's."""
    desk.inbox = answering({"followup": Answer(ok=True, text=FORM.title, form=FORM)})
    await desk.perform(ask.OpenRoom("inc-1-gpu", private=False), "open")
    [topic] = desk.fake.everything.topics
    await desk.perform(ask.Post(ask.RoomRef("telegram", "", str(FORUM), str(topic)), CARD), "1:card")
    drawn = desk.last()
    await desk.hears("amira", "/inc followup", topic=topic)
    buttons = [(drawn, "Acknowledge"), (drawn, "Resolve"), (desk.last(), "Keep it")]
    return [await press_of(desk, message, label) for message, label in buttons]


async def press_of(desk: Desk, message: Message, label: str) -> dict[str, Any]:
    """Return how Telegram reports a press, which nobody answers."""
    pressing = asyncio.create_task(desk.fake.people.press("amira", message, message.buttons[label]))
    await asyncio.sleep(0)
    pressing.cancel()
    return {"callback_query": desk.fake.people.last["callback_query"]}


async def test_no_part_of_a_press_that_is_not_as_it_should_be_stops_the_adapter(
    desk: Desk, pressed: list[dict[str, Any]]
) -> None:
    for body in pressed:
        assert await handle_all(desk, body) > len(WRONG)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tocsin.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def house(telegram: FakeTelegram, tmp_path: Path, database: str) -> AsyncIterator[House]:
    """Give the whole of Tocsin with a Telegram."""
    async with at_work(TelegramWorld(telegram), tmp_path, database) as opened:
        yield opened


async def counted(database: str, asked: str) -> Counter[str]:
    """Return what a query counts, by what."""
    if database.startswith("sqlite"):
        with sqlite3.connect(database.removeprefix("sqlite:///")) as file:
            return Counter(dict(file.execute(asked).fetchall()))
    connection = await asyncpg.connect(database)
    try:
        return Counter(dict(await connection.fetch(asked)))
    finally:
        await connection.close()


async def states(database: str) -> Counter[str]:
    """Count the stored updates by their state."""
    return await counted(database, "SELECT state, count(*) FROM chat_updates GROUP BY state")


async def lets_time_pass(house: House, database: str) -> None:
    """Move the clock on while nobody handles an update: it would outlive its lease, and be handled twice."""
    if not await counted(database, "SELECT kind, count(*) FROM leases WHERE kind = 'update' GROUP BY kind"):
        house.clock.forward(timedelta(seconds=10))


async def test_every_odd_update_is_answered_stored_and_left_behind(house: House, database: str) -> None:
    wrong = iter([*WRONG] * 1_000)
    numbers, answers = count(10_000), Counter[int]()
    async with aiohttp.ClientSession(house.tocsin.url, headers=HEADERS) as session:
        for body in UPDATES.values():
            # One wrong value for each part, another one every time; the adapter alone is given all of them.
            for odd in mutated({"update_id": 0, **body}, lambda: [next(wrong)]):
                if odd.get("update_id") == 0:
                    odd["update_id"] = next(numbers)
                async with session.post(PATH, json=odd) as response:
                    answers[response.status] += 1

    assert max(answers) < 500, answers
    assert answers[200] > 100

    async def is_over() -> bool:
        await lets_time_pass(house, database)
        return (await states(database))["pending"] == 0

    await until(is_over)
    assert (await states(database)).keys() == {"done"}
    assert (await house.world.command("amira", "list")).text == "No incident is open."


async def test_an_update_that_fails_each_time_is_set_aside_and_the_next_one_is_handled(
    house: House, telegram: FakeTelegram, database: str
) -> None:
    telegram.trouble("broken", lambda method, given: method == "sendMessage" and given["chat_id"] == 1111, TRIES)
    telegram.people.write("amira", "oncall")
    telegram.people.write("amira", "list")

    async def is_over() -> bool:
        await lets_time_pass(house, database)
        return await states(database) == {"failed": 1, "done": 1}

    await until(is_over)
    [answer] = await house.world.direct("amira")
    assert answer.text == "No incident is open."


async def test_an_update_whose_answer_has_to_wait_is_no_failure_and_is_answered_however_often_it_waits(
    house: House, telegram: FakeTelegram, database: str
) -> None:
    telegram.trouble("limited", lambda method, given: method == "sendMessage" and given["chat_id"] == 1111, TRIES + 1)
    with structlog.testing.capture_logs() as logged:
        telegram.people.write("amira", "list")

        async def is_over() -> bool:
            await lets_time_pass(house, database)
            return (await states(database)).keys() == {"done"}

        await until(is_over)

    [answer] = await house.world.direct("amira")
    assert answer.text == "No incident is open."
    assert [line["event"] for line in logged if line["log_level"] == "error"] == []
