"""Drop-in APIs answer in their vendor's shape whatever goes wrong here, and never before the request is on disk."""

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, cast

import pytest
from aiohttp import ClientSession, web

from bot.config.sources import Source, SourceKey, SourceKeys, hash_key
from bot.metrics import Metrics
from bot.ports.store import Overloaded, Store
from handlers.refusals import Refusals
from handlers.web.admission import Admission
from handlers.web.dropins import LIMIT_BYTES, add_drop_ins
from integrations.sources.discovery import discover
from tests.handlers.web.door import Clock, Shelf
from tests.handlers.web.serving import served

KEY = "the-key-of-the-drop-in"
GENIE = {"Authorization": f"GenieKey {KEY}"}
TRIGGER = {
    "routing_key": KEY,
    "event_action": "trigger",
    "dedup_key": "gw",
    "payload": {"summary": "Slow", "source": "gw-3", "severity": "info"},
}


class Memory:
    """A database that only has an inbox."""

    def __init__(self) -> None:
        self.inbox = Shelf()

    def read(self, tenant: str) -> Any:
        raise ConnectionError("the database is away")


@dataclass
class House:
    client: ClientSession
    shelf: Shelf
    keys: list[SourceKeys]
    metrics: Metrics
    refusals: Refusals

    async def call(
        self, path: str = "/v2/enqueue", body: Any = None, method: str = "POST", headers: Any = None
    ) -> tuple[int, Any, str | None]:
        data = body if isinstance(body, bytes) else json.dumps(TRIGGER if body is None else body).encode()
        sent = data if method == "POST" else None
        async with self.client.request(method, path, data=sent, headers={**GENIE, **(headers or {})}) as response:
            assert response.content_type == "application/json"
            return response.status, await response.json(), response.headers.get("Retry-After")


def keys(**more: Any) -> SourceKeys:
    pager, genie = Source("acme", "pager", "pagerduty", **more), Source("acme", "genie", "opsgenie", **more)
    named_so = Source("acme", "opsgenie-like", "alertmanager")
    each = [SourceKey(source, hash_key(KEY)) for source in (pager, genie)]
    return SourceKeys([pager, genie, named_so], each, None, is_open=False)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    app, memory, clock, metrics, held = web.Application(), Memory(), Clock(), Metrics(), [keys()]
    refusals = Refusals()
    add_drop_ins(
        app,
        keyring=lambda: held[-1],
        sources=discover(),
        store=cast("Store", memory),
        clock=clock,
        metrics=metrics,
        admission=Admission(clock, refusals),
    )
    async with served(app) as client:
        yield House(client, memory.inbox, held, metrics, refusals)


async def test_a_request_is_stored_for_the_source_whose_key_it_shows(house: House) -> None:
    assert (await house.call())[0] == 202
    status, answer, _ = await house.call("/v2/alerts", {"message": "Slow"})
    assert (status, answer["requestId"]) == (202, "id-2")
    async with house.client.post("/v2/alerts", data=b"[]", headers=GENIE) as response:
        assert (response.status, response.headers["X-Request-ID"]) == (400, (await response.json())["requestId"])
    assert [(kept.tenant, kept.source, kept.kind) for kept in house.shelf.kept] == [
        ("acme", "pager", "pagerduty"),
        ("acme", "genie", "opsgenie"),
    ]
    assert KEY.encode() not in b"".join(kept.body for kept in house.shelf.kept)


@pytest.mark.parametrize("error", [Overloaded("full"), ConnectionError("away"), ZeroDivisionError("a bug")])
async def test_what_goes_wrong_here_is_to_be_sent_again(house: House, error: Exception) -> None:
    house.shelf.error = error
    status, answer, wait = await house.call()
    assert (status, answer["status"], wait) == (503, "error", "5")
    status, answer, wait = await house.call("/v2/alerts", {"message": "Slow"})
    assert (status, wait) == (503, "5")
    assert {"message", "took", "requestId"} <= answer.keys()


async def test_a_question_without_the_database_is_to_be_asked_again(house: House) -> None:
    assert (await house.call("/v2/alerts/gw?identifierType=alias", method="GET"))[0] == 503


async def test_one_request_too_many_is_to_be_sent_again_and_never_429(house: House) -> None:
    house.keys.append(keys(per_minute=1))
    assert (await house.call())[0] == 202
    status, answer, wait = await house.call()
    assert (status, answer["status"], wait) == (503, "error", "60")
    assert (await house.call("/v2/alerts", {"message": "Slow"}))[0] == 202


async def test_from_another_network_the_vendors_refusal_is_answered(house: House) -> None:
    house.keys.append(keys(networks=(ip_network("192.0.2.0/24"),)))
    assert (await house.call())[0] == 400
    assert (await house.call("/v2/alerts", {"message": "Slow"}))[0] == 403
    assert not house.shelf.kept


async def test_a_body_may_come_packed_and_not_be_too_large(house: House) -> None:
    packed = gzip.compress(json.dumps(TRIGGER).encode())
    assert (await house.call(body=packed, headers={"Content-Encoding": "gzip"}))[0] == 202
    bomb = gzip.compress(b" " * (LIMIT_BYTES + 1))
    assert (await house.call(body=bomb, headers={"Content-Encoding": "gzip"}))[0] == 413
    assert (await house.call(body=b" " * (LIMIT_BYTES + 1)))[0] == 413
    assert len(house.shelf.kept) == 1


async def test_a_key_may_be_shown_in_pagerdutys_header_only(house: House) -> None:
    without = {name: value for name, value in TRIGGER.items() if name != "routing_key"}
    assert (await house.call(body=without))[0] == 400
    assert (await house.call(body=without, headers={"X-Routing-Key": KEY}))[0] == 202


async def test_outcomes_are_counted_by_kind(house: House) -> None:
    await house.call()
    await house.call(body={**TRIGGER, "routing_key": "wrong"})
    await house.call(body=b"no")
    text = house.metrics.text().decode()
    for outcome in ("accepted", "unauthorised", "refused"):
        assert f'tocsin_deliveries_total{{kind="pagerduty",outcome="{outcome}"}} 1.0' in text


async def test_what_is_refused_is_counted_for_the_kind_until_a_key_says_whose_it_is(house: House) -> None:
    await house.call(body={**TRIGGER, "routing_key": "wrong"})
    await house.call(body={**TRIGGER, "event_action": "poke"})
    await house.call("/v2/alerts/nobody/close", {})
    why = {name: one.last_why for name, one in house.refusals.counted().items()}
    assert why == {
        "pagerduty": "401: The key is missing or wrong; the keys stand under `sources` in tocsin.yaml.",
        "pager": "400: the request is not what this API takes; its answer says why",
    }, "that there is no such alert is an answer"
