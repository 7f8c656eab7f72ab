"""The counterparts themselves: each starts, does what other tests rely on, and ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from tests.counterparts.alertmanager import StartAlertmanager
from tests.counterparts.postgres import PostgresServer
from tests.counterparts.program import DidNotStart, until
from tests.counterparts.prometheus import StartPrometheus

pytestmark = pytest.mark.counterpart


@dataclass(slots=True)
class Receiver:
    """A web server that takes webhooks and shows a gauge which the test sets."""

    address: str = ""
    gauge: int = 0
    bodies: asyncio.Queue[Mapping[str, Any]] = field(default_factory=asyncio.Queue)

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.put_nowait(await request.json())
        return web.Response()

    async def metrics(self, _: web.Request) -> web.Response:
        return web.Response(text=f"queue_depth {self.gauge}\n")

    async def next_body(self) -> Mapping[str, Any]:
        return await asyncio.wait_for(self.bodies.get(), timeout=60)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.add_routes([web.post("/hook", receiver.take), web.get("/metrics", receiver.metrics)])
    server = TestServer(app)
    await server.start_server()
    receiver.address = f"{server.host}:{server.port}"
    yield receiver
    await server.close()


def sending_to(receiver: Receiver) -> str:
    return json.dumps(
        {
            "route": {"receiver": "tocsin", "group_wait": "0s", "group_interval": "200ms", "group_by": ["alertname"]},
            "receivers": [{"name": "tocsin", "webhook_configs": [{"url": f"http://{receiver.address}/hook"}]}],
        }
    )


async def test_each_test_gets_an_empty_database_of_a_real_postgresql(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    version = await connection.fetchval("SHOW server_version_num")
    await connection.close()

    assert tables == 0
    assert int(version) >= 150000


async def test_postgresql_tells_a_waiting_connection_what_another_committed(postgres_url: str) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()
    listener, speaker = await asyncpg.connect(postgres_url), await asyncpg.connect(postgres_url)

    await listener.add_listener("work", lambda _connection, _pid, _channel, payload: heard.put_nowait(payload))
    await speaker.execute("SELECT pg_notify('work', 'outbox')")

    assert await asyncio.wait_for(heard.get(), timeout=60) == "outbox"
    await listener.close()
    await speaker.close()


async def test_what_was_committed_outlives_a_crash_of_postgresql(start_postgres: Callable[[], PostgresServer]) -> None:
    server = start_postgres()
    connection = await asyncpg.connect(server.url())
    await connection.execute("CREATE TABLE pages (person text)")
    await connection.execute("INSERT INTO pages VALUES ('amira')")

    server.crash()
    connection.terminate()
    server.start()

    connection = await asyncpg.connect(server.url())
    assert await connection.fetchval("SELECT person FROM pages") == "amira"
    await connection.close()


async def test_a_wrong_password_does_not_open_the_test_server(postgres_server: PostgresServer) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres_server.url(), password="guessed")


async def test_alertmanager_sends_version_4_bodies_for_what_is_posted(
    alertmanager: StartAlertmanager, receiver: Receiver
) -> None:
    running = await alertmanager(sending_to(receiver))

    await running.post_alerts({"labels": {"alertname": "GatewayDown", "severity": "critical"}})
    firing = await receiver.next_body()
    await running.post_alerts({"labels": {"alertname": "GatewayDown", "severity": "critical"}, "endsAt": now()})
    resolved = await receiver.next_body()

    assert (firing["version"], firing["status"], resolved["status"]) == ("4", "firing", "resolved")
    assert firing["alerts"][0]["endsAt"] == "0001-01-01T00:00:00Z"
    assert firing["alerts"][0]["fingerprint"] == resolved["alerts"][0]["fingerprint"]


async def test_a_broken_configuration_is_told_with_what_alertmanager_said(alertmanager: StartAlertmanager) -> None:
    with pytest.raises(DidNotStart, match="no routes provided"):
        await alertmanager("receivers: []")


async def test_a_prometheus_rule_reaches_the_webhook_and_resolves_there(
    alertmanager: StartAlertmanager, prometheus: StartPrometheus, receiver: Receiver
) -> None:
    rules = {
        "groups": [
            {
                "name": "queues",
                "rules": [{"alert": "QueueDeep", "expr": "queue_depth > 5", "labels": {"team": "ml"}}],
            }
        ]
    }
    running = await prometheus(
        rules=json.dumps(rules), alertmanager=await alertmanager(sending_to(receiver)), targets=[receiver.address]
    )

    async def is_scraped() -> bool:
        return bool(await running.query("queue_depth"))

    await until(is_scraped)
    receiver.gauge = 9
    firing = await receiver.next_body()
    receiver.gauge = 0
    resolved = await receiver.next_body()

    assert firing["commonLabels"]["team"] == "ml"
    assert [firing["status"], resolved["status"]] == ["firing", "resolved"]


async def test_the_browser_shows_a_page_and_presses_its_button(chromium: Page) -> None:
    async def page(_: web.Request) -> web.Response:
        script = "document.querySelector('output').textContent = 'Acknowledged by Amira'"
        html = f'<!doctype html><title>INC-42</title><button onclick="{script}">Acknowledge</button><output></output>'
        return web.Response(text=html, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    async with TestServer(app) as server:
        await chromium.goto(str(server.make_url("/")))
        await chromium.get_by_role("button", name="Acknowledge").click()

        await expect(chromium).to_have_title("INC-42")
        await expect(chromium.get_by_role("status")).to_have_text("Acknowledged by Amira")


def now() -> str:
    return datetime.now(UTC).isoformat()
