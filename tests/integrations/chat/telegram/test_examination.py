"""The doctor's look at Telegram finds what is wrong with its set-up and says what to do."""

from collections.abc import Callable
from dataclasses import replace
from time import time

import pytest

from bot.config.file import File
from bot.config.finding import Health
from integrations.chat.telegram import CHAT
from tests.config.files import SHAPE
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.state import FORUM
from tests.integrations.chat.telegram.conftest import SECRET, Desk

PEOPLE = ({"name": "amira", "telegram": "1111"},)
WEBHOOK = "https://tocsin.example/telegram/webhook"
ALLOWED = ["message", "callback_query"]


def file(forum: int | None = FORUM, people: tuple[dict[str, str], ...] = PEOPLE) -> File:
    said = {} if forum is None else {"forum": str(forum)}
    return SHAPE.model_validate({"chat": {"telegram": said}, "people": list(people)})


async def examined(desk: Desk, given: File, *, webhook: bool = False) -> dict[str, tuple[Health, str]]:
    if webhook:
        desk.secret = SECRET
    settings = replace(desk.settings, public_url=WEBHOOK.removesuffix("/telegram/webhook"))
    return {
        finding.subject: (finding.health, f"{finding.what}; {finding.remedy}")
        for finding in await CHAT.examine(settings, given)
    }


async def test_all_is_well_where_all_is_set_up(desk: Desk) -> None:
    found = await examined(desk, file())

    assert {health for health, _ in found.values()} == {Health.WELL}
    assert len(found) == 6


def no_token(fake: FakeTelegram) -> None:
    fake.trouble("broken", lambda *_: True)


def no_topics(fake: FakeTelegram) -> None:
    fake.everything.is_forum = False


def no_admin(fake: FakeTelegram) -> None:
    fake.everything.is_admin = False


def no_right(fake: FakeTelegram) -> None:
    fake.everything.rights.remove("can_pin_messages")


def webhook_left(fake: FakeTelegram) -> None:
    fake.news.url = "https://elsewhere.example"


@pytest.mark.parametrize(
    ("spoil", "subject", "words"),
    [
        (no_token, "telegram token", "TOCSIN_TELEGRAM_BOT_TOKEN"),
        (no_topics, "telegram group", "turn Topics on"),
        (no_admin, "telegram rights", "no administrator"),
        (no_admin, "telegram privacy mode", "/setprivacy"),
        (no_right, "telegram rights", "Pin Messages"),
        (webhook_left, "telegram news", "a webhook is set"),
    ],
)
async def test_what_is_wrong_is_found_with_its_remedy(
    desk: Desk, spoil: Callable[[FakeTelegram], None], subject: str, words: str
) -> None:
    spoil(desk.fake)

    health, told = (await examined(desk, file()))[subject]

    assert health is not Health.WELL
    assert words in told


async def test_a_group_that_is_not_named_or_not_seen_is_a_problem(desk: Desk) -> None:
    assert "such as -100" in (await examined(desk, file(None)))["telegram group"][1]
    assert "add @tocsin_bot" in (await examined(desk, file(-5)))["telegram group"][1]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"url": ""}, "is not set"),
        ({"url": "https://elsewhere.example"}, "leads elsewhere"),
        ({"url": WEBHOOK, "allowed": ["message"]}, "other kinds"),
        (
            {"url": WEBHOOK, "last_error": {"last_error_date": int(time()), "last_error_message": "bad cert"}},
            "bad cert",
        ),
    ],
)
async def test_a_webhook_that_does_not_work_is_found(desk: Desk, state: dict[str, object], words: str) -> None:
    desk.fake.news.allowed = ALLOWED
    for name, value in state.items():
        setattr(desk.fake.news, name, value)

    health, told = (await examined(desk, file(), webhook=True))["telegram news"]

    assert health is Health.WARNING
    assert words in told


async def test_a_webhook_that_works_is_well(desk: Desk) -> None:
    desk.fake.news.allowed, desk.fake.news.url = ALLOWED, WEBHOOK

    assert (await examined(desk, file(), webhook=True))["telegram news"][0] is Health.WELL


async def test_people_without_an_account_are_named(desk: Desk) -> None:
    health, told = (await examined(desk, file(people=(*PEOPLE, {"name": "lena"}))))["telegram people"]

    assert health is Health.WARNING
    assert "lena" in told
    assert "link telegram" in told
