"""What Telegram reports is on disk before it is told so, whether it calls us or we ask."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from integrations.chat.telegram.calls import Undone
from integrations.chat.telegram.reading import ALLOWED_UPDATES, read
from tests.counterparts.program import until
from tests.fakes.telegram.server import TOKEN, FakeTelegram
from tests.integrations.chat.telegram.conftest import SECRET, Desk
from tests.integrations.chat.telegram.mutations import UPDATES

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def door(telegram: FakeTelegram) -> AsyncIterator[tuple[Desk, str]]:
    """Give the adapter with its webhook, and the webhook's address."""
    desk = Desk(telegram, secret=SECRET)
    await desk.start()
    runner = web.AppRunner(desk.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield desk, f"http://127.0.0.1:{runner.addresses[0][1]}/telegram/webhook"
    await runner.cleanup()
    await desk.stop()


async def send(url: str, body: bytes, secret: str = SECRET) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers={HEADER: secret}) as response:
        return response.status


async def test_an_update_is_stored_once_in_the_lane_of_its_person(door: tuple[Desk, str]) -> None:
    desk, url = door
    body = b'{"update_id": 7, "message": {"message_id": 1, "chat": {"id": -5}, "from": {"id": 6}, "text": "x"}}'

    assert await send(url, body) == 200
    assert await send(url, body) == 200

    (update,) = desk.updates.stored
    assert (update.chat, update.key, update.lane) == ("telegram", "7", "-5:6")
    assert desk.inbox.carried_out == []


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "ünïcode"])
async def test_who_does_not_know_the_secret_is_refused_and_that_is_written_down(
    door: tuple[Desk, str], secret: str
) -> None:
    desk, url = door

    assert await send(url, b'{"update_id": 7}', secret) == 401
    assert await send(url, b'{"update_id": 7}', secret) == 401

    assert len(desk.denials) == 1
    assert desk.updates.stored == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b'{"update_id": "7"}', 400),
        (b'{"update_id": true}', 400),
        (b'{"update_id": 99999999999999999999}', 400),
        (b"[" * 100_000, 400),
        (b'{"update_id": 1, "x": "' + b"x" * 1_000_001 + b'"}', 413),
    ],
)
async def test_what_is_no_update_is_refused_and_changes_nothing(
    door: tuple[Desk, str], body: bytes, status: int
) -> None:
    desk, url = door

    assert await send(url, body) == status
    assert await send(url, body) == status

    assert desk.updates.stored == []
    what = {400: "that is no update", 413: "that is too large"}[status]
    assert desk.denials == [f"a request to the webhook {what}, from 127.0.0.1"]


async def test_of_each_kind_of_refusal_one_a_minute_is_audited(door: tuple[Desk, str]) -> None:
    desk, url = door

    for _ in range(2):
        assert await send(url, b"{", "wrong") == 401
        assert await send(url, b"{") == 400
    assert await send(url, b"{", "") == 401
    assert len(desk.denials) == 3
    desk.clock.forward(minutes=1)
    assert await send(url, b"[]") == 400

    assert desk.denials[3:] == [
        "a caller of the webhook with a wrong secret: 1 more",
        "a request to the webhook that is no update: 1 more",
        "a request to the webhook that is no update, from 127.0.0.1",
    ]


@pytest.mark.parametrize("body", [b'{"update_id": 1}', b'{"update_id": 1, "callback_query": {"message": 5}}'])
async def test_a_kind_that_nobody_knows_is_taken_so_that_telegram_does_not_stop_at_it(
    door: tuple[Desk, str], body: bytes
) -> None:
    desk, url = door

    assert await send(url, body) == 200
    assert [update.lane for update in desk.updates.stored] == ["0:0"]


async def test_what_cannot_be_stored_now_is_brought_again(door: tuple[Desk, str]) -> None:
    desk, url = door
    desk.updates.is_broken = True
    desk.fake.news.set_webhook({"url": url, "secret_token": SECRET})
    desk.fake.people.write("amira", "list")

    async def was_refused() -> bool:
        return 503 in desk.fake.news.refused

    await until(was_refused)
    desk.updates.is_broken = False
    await desk.fake.news.told()

    assert len(desk.updates.stored) == 1


async def test_the_webhook_and_the_menu_are_set_as_the_settings_say(door: tuple[Desk, str]) -> None:
    desk, _ = door
    listening = asyncio.create_task(desk.chat.listen(desk.inbox))

    async def is_set() -> bool:
        return desk.fake.news.url != ""

    await until(is_set)
    listening.cancel()

    assert desk.fake.news.url == "https://tocsin.example/telegram/webhook"
    assert desk.fake.news.secret == SECRET
    assert desk.fake.news.allowed == ["message", "callback_query"]
    scopes = {"all_group_chats", "all_chat_administrators", "all_private_chats"}
    assert desk.fake.methods.commands.keys() == scopes
    assert desk.fake.methods.commands["all_private_chats"][0]["command"] == "ack"


def test_telegram_is_asked_for_what_is_handled_and_for_nothing_else() -> None:
    handled = {kind for body in UPDATES.values() for kind in body if read(body, lambda _: None) is not None}

    assert set(ALLOWED_UPDATES) == handled == {"message", "callback_query"}


async def test_without_a_secret_telegram_is_asked_and_nothing_is_forgotten(desk: Desk) -> None:
    desk.fake.news.set_webhook({"url": "http://127.0.0.1:9/old"})
    desk.updates.is_broken = True
    desk.fake.people.write("amira", "list")
    listening = asyncio.create_task(desk.chat.listen(desk.inbox))
    with pytest.raises(OSError, match="away"):
        await listening
    desk.updates.is_broken = False

    listening = asyncio.create_task(desk.chat.listen(desk.inbox))
    desk.fake.people.write("amira", "help")
    await desk.fake.news.told()
    listening.cancel()

    assert desk.fake.news.url == ""
    assert [update.body["message"]["text"] for update in desk.updates.stored] == ["list", "help"]
    assert desk.chat.routes(desk.inbox) == ()
    await desk.handle()
    assert desk.last(1111).text == "did help"


async def test_a_bot_that_telegram_does_not_know_is_told_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.fake.token = "1:another"

    with pytest.raises(Undone):
        await desk.chat.listen(desk.inbox)

    said = capsys.readouterr().out + caplog.text
    assert "TOCSIN_TELEGRAM_BOT_TOKEN" in said
    assert TOKEN not in said
