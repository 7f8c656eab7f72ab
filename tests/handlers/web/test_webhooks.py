"""A delivery is answered with 202 when it is stored, and only then; whatever else happens, nothing is."""

import asyncio
import gzip
import hmac
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession, encode_basic_auth, web

from bot.domain.alert import AlertEvent
from bot.metrics import Metrics
from bot.ports.records import NewDelivery
from bot.ports.sources import GuardedFetch, KeyedSource, Parsed, Route, Unreachable, WebhookRequest
from bot.ports.store import Overloaded
from handlers.web.webhooks import LIMIT_BYTES, add_webhooks
from tests.handlers.web.serving import served

NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
BODY = b'{"alerts": []}'
KEY = "the-key-of-prom"
BEARER = {"Authorization": f"Bearer {KEY}"}


@dataclass(frozen=True)
class Source:
    tenant: str
    name: str
    kind: str
    trusted: Sequence[str] = ()


class Keys:
    """One named source with a key, and two that are known by what they sign; with `is_open`, a kind needs nothing."""

    def __init__(self) -> None:
        self.is_open = False

    def knows(self, name: str) -> bool:
        return name in {"prom", "hub", "plain"}

    def find(self, name: str, presented: str | None) -> KeyedSource | None:
        if self.is_open and name == "signed":
            return Source("acme", "signed", "signed")
        if name == "prom" and hmac.compare_digest(presented or "", KEY):
            return Source("acme", "prom", "signed")
        if name in {"hub", "plain"}:
            return Source("acme", name, "signed" if name == "hub" else "unsigned", ("new", "old"))
        return None


class Signed:
    """A source whose sender signs by a header: one of the secrets, and how long the body is."""

    name = "signed"
    sample = b""
    routes: Sequence[Route] = ()
    trusts = "signing"
    certificate_is_away = False

    async def verify(self, request: WebhookRequest, trusted: Sequence[str], fetch: GuardedFetch) -> bool:
        assert request.received_at == NOW
        if self.certificate_is_away:
            raise Unreachable("no certificate")
        return not trusted or request.headers.get("x-signature") in {f"{one} {len(request.body)}" for one in trusted}

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        return Parsed([AlertEvent("f", True, {}, "t")])


class Unsigned:
    """A source that has no signatures."""

    name = "unsigned"
    sample = b""
    routes: Sequence[Route] = ()

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        return Parsed([])


@dataclass
class Shelf:
    """An inbox that keeps what it takes, or fails as told."""

    kept: list[NewDelivery] = field(default_factory=list)
    error: Exception | None = None
    taken: int = 0

    async def take(self, delivery: NewDelivery) -> str:
        if self.error is not None:
            raise self.error
        self.kept.append(delivery)
        return f"id-{len(self.kept)}"

    async def pending(self, *_: Any, **__: Any) -> Sequence[Any]:
        return ()


class Clock:
    def now(self) -> datetime:
        return NOW


async def no_fetch(url: str, *, hosts: Sequence[str], limit_bytes: int) -> bytes:
    raise PermissionError(url)


@dataclass
class House:
    client: ClientSession
    shelf: Shelf
    keys: Keys
    source: Signed
    metrics: Metrics

    async def post(
        self, path: str = "/webhooks/prom", body: Any = BODY, headers: Mapping[str, str] = BEARER
    ) -> tuple[int, Any]:
        data = BytesIO(body) if isinstance(body, bytes) else body
        async with self.client.post(path, data=data, headers=headers) as response:
            if response.status >= 400:
                assert response.content_type == "application/problem+json"
            return response.status, await response.json(content_type=None)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    app, shelf, keys, source, metrics = web.Application(), Shelf(), Keys(), Signed(), Metrics()
    add_webhooks(
        app,
        keyring=lambda: keys,
        sources={"signed": source, "unsigned": Unsigned()},
        inbox=shelf,
        clock=Clock(),
        fetch=no_fetch,
        metrics=metrics,
    )
    async with served(app) as client:
        yield House(client, shelf, keys, source, metrics)


async def test_a_delivery_is_stored_as_it_came_and_answered_with_its_id(house: House) -> None:
    assert await house.post(body=b"\x00 anything") == (202, {"id": "id-1"})
    assert house.shelf.kept == [NewDelivery("acme", "prom", "signed", b"\x00 anything", NOW)]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/webhooks/prom", {"Authorization": f"bearer  {KEY}"}),
        ("/webhooks/prom", {"Authorization": encode_basic_auth("anyone", KEY)}),
        ("/webhooks/prom", {"X-Tocsin-Key": KEY}),
        (f"/webhooks/prom/{KEY}", {}),
        (f"/webhooks/prom/{KEY}", {"Authorization": "Bearer of-a-proxy"}),
    ],
)
async def test_the_key_may_come_in_four_ways(house: House, path: str, headers: dict[str, str]) -> None:
    assert (await house.post(path, headers=headers))[0] == 202


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/webhooks/prom", {}),
        ("/webhooks/prom", {"Authorization": "Bearer wrong"}),
        ("/webhooks/prom", {"Authorization": "Basic !!!"}),
        ("/webhooks/prom", {"Authorization": "Bearer"}),
        ("/webhooks/prom", {"X-Tocsin-Key": "schlüssel"}),
        ("/webhooks/prom/wrong", {}),
        ("/webhooks/prom/%ED%A0%80", {}),
        ("/webhooks/signed", {}),
    ],
)
async def test_without_the_right_key_nothing_is_stored(house: House, path: str, headers: dict[str, str]) -> None:
    status, problem = await house.post(path, headers=headers)
    assert status == 401
    assert problem["status"] == 401
    assert not house.shelf.kept


async def test_a_refusal_says_how_to_show_a_key(house: House) -> None:
    async with house.client.post("/webhooks/prom") as response:
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_unknown_source_is_not_found(house: House) -> None:
    assert (await house.post("/webhooks/promm"))[0] == 404


async def test_where_no_key_is_needed_a_kind_is_a_source(house: House) -> None:
    house.keys.is_open = True
    assert (await house.post("/webhooks/signed", headers={}))[0] == 202
    assert house.shelf.kept[0].source == "signed"


async def test_other_methods_and_addresses_get_problem_documents(house: House) -> None:
    for path, status in (("/webhooks/prom", 405), ("/webhooks/prom/a/b", 404)):
        async with house.client.get(path) as response:
            assert response.status == status
            assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("signature", [None, "", "new", "lost 14", f"new {len(BODY) + 1}", "schlüssel"])
async def test_without_the_right_signature_nothing_is_stored(house: House, signature: str | None) -> None:
    headers = {} if signature is None else {"X-Signature": signature}
    assert (await house.post("/webhooks/hub", headers=headers))[0] == 401
    assert (await house.post("/webhooks/hub", headers={**headers, **BEARER}))[0] == 401
    assert not house.shelf.kept


@pytest.mark.parametrize("secret", ["new", "old"])
async def test_a_signature_with_any_of_the_secrets_stands_for_the_key(house: House, secret: str) -> None:
    status, _ = await house.post("/webhooks/hub", headers={"X-Signature": f"{secret} {len(BODY)}"})
    assert status == 202
    assert house.shelf.kept == [NewDelivery("acme", "hub", "signed", BODY, NOW)]


async def test_a_source_with_secrets_but_without_signatures_lets_nobody_in(house: House) -> None:
    assert (await house.post("/webhooks/plain", headers={"X-Signature": f"new {len(BODY)}", **BEARER}))[0] == 401
    assert not house.shelf.kept


async def test_a_signature_that_cannot_be_checked_now_is_to_be_sent_again(house: House) -> None:
    house.source.certificate_is_away = True
    async with house.client.post("/webhooks/hub", data=BODY) as response:
        assert response.status == 503
        assert response.headers["Retry-After"]
    assert not house.shelf.kept


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip", "GZIP"])
async def test_a_packed_body_is_stored_unpacked(house: House, encoding: str) -> None:
    packed = zlib.compress(BODY) if encoding == "deflate" else gzip.compress(BODY)
    assert (await house.post(body=packed, headers={**BEARER, "Content-Encoding": encoding}))[0] == 202
    assert house.shelf.kept[0].body == BODY


async def test_deflate_without_its_header_is_understood(house: House) -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(BODY) + packer.flush()
    assert (await house.post(body=packed, headers={**BEARER, "Content-Encoding": "deflate"}))[0] == 202


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"x" * (LIMIT_BYTES + 1), "", 413),
        (gzip.compress(b"\0" * (LIMIT_BYTES + 1)), "gzip", 413),
        (zlib.compress(b"\0" * 100_000_000), "deflate", 413),
        (b"no gzip at all", "gzip", 400),
        (gzip.compress(BODY)[:-9], "gzip", 400),
        (zlib.compress(BODY)[:-5], "deflate", 400),
        (gzip.compress(BODY) + b"more", "gzip", 400),
        (b"", "gzip", 400),
        (BODY, "br", 415),
        (BODY, "gzip, gzip", 415),
    ],
)
async def test_a_body_that_cannot_be_taken_stores_nothing(
    house: House, body: bytes, encoding: str, status: int
) -> None:
    assert (await house.post(body=body, headers={**BEARER, "Content-Encoding": encoding}))[0] == status
    assert not house.shelf.kept


async def test_a_body_of_the_largest_size_is_taken(house: House) -> None:
    assert (await house.post(body=b"x" * LIMIT_BYTES))[0] == 202
    assert len(house.shelf.kept[0].body) == LIMIT_BYTES


async def test_a_body_that_comes_in_chunks_is_bounded_too(house: House) -> None:
    async def parts(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 100_000

    assert (await house.post(body=parts(3)))[0] == 202
    assert (await house.post(body=parts(51)))[0] == 413
    assert [len(delivery.body) for delivery in house.shelf.kept] == [300_000]


async def test_a_transfer_that_breaks_off_stores_nothing(house: House) -> None:
    address = house.client._base_url
    assert address is not None
    reader, writer = await asyncio.open_connection(address.host, address.port)
    head = f"POST /webhooks/prom HTTP/1.1\r\nHost: x\r\nX-Tocsin-Key: {KEY}\r\nContent-Length: 100\r\n\r\n"
    writer.write(head.encode() + b"half")
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await house.post(body=b"whole")
    assert [delivery.body for delivery in house.shelf.kept] == [b"whole"]


async def test_under_overload_the_sender_is_asked_to_come_again(house: House) -> None:
    house.shelf.error = Overloaded("too much")
    async with house.client.post("/webhooks/prom", data=BODY, headers=BEARER) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0


async def test_without_a_database_the_sender_is_asked_to_come_again(house: House) -> None:
    house.shelf.error = ConnectionError("the database can't be reached")
    async with house.client.post("/webhooks/prom", data=BODY, headers=BEARER) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0


async def test_when_storing_fails_the_sender_is_asked_to_come_again_and_told_nothing_more(house: House) -> None:
    house.shelf.error = OSError("disk full at /var/secret")
    status, problem = await house.post()
    assert status == 503
    assert "disk" not in str(problem)


async def test_what_becomes_of_deliveries_is_counted(house: House) -> None:
    await house.post()
    await house.post(headers={})
    house.shelf.error = Overloaded("too much")
    await house.post()
    house.shelf.error = OSError("disk full")
    await house.post()
    house.shelf.error = None
    await house.post(body=b"x" * (LIMIT_BYTES + 1))
    text = house.metrics.text().decode()
    assert 'tocsin_deliveries_total{kind="signed",outcome="accepted"} 1.0' in text
    assert 'tocsin_deliveries_total{kind="signed",outcome="failed"} 1.0' in text
    assert 'tocsin_deliveries_total{kind="signed",outcome="refused"} 1.0' in text
    assert 'tocsin_deliveries_total{kind="signed",outcome="overloaded"} 1.0' in text
    assert 'tocsin_deliveries_total{kind="",outcome="unauthorised"} 1.0' in text
