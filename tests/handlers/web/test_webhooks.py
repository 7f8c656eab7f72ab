"""A delivery is answered with 202 when it is stored, and only then; whatever else happens, nothing is."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from aiohttp import encode_basic_auth

from bot.ports.records import NewDelivery
from bot.ports.store import Overloaded
from handlers.web.webhooks import LIMIT_BYTES
from tests.handlers.web.door import BEARER, BODY, KEY, NOW, House, opened


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as open_house:
        yield open_house


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
    assert house.refused() == {path.split("/")[2]: (1, "401: The key of this source is missing or wrong.")}


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


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip", "GZIP"])
async def test_a_packed_body_is_stored_unpacked(house: House, encoding: str) -> None:
    packed = zlib.compress(BODY) if encoding == "deflate" else gzip.compress(BODY, mtime=0)
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
        (gzip.compress(BODY, mtime=0)[:-9], "gzip", 400),
        (zlib.compress(BODY)[:-5], "deflate", 400),
        (gzip.compress(BODY, mtime=0) + b"more", "gzip", 400),
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


async def test_what_is_refused_is_counted_for_the_source_that_it_names(house: House) -> None:
    await house.post("/webhooks/nobody")
    await house.post("/webhooks/hub", headers={"X-Signature": "forged"})
    house.keys.per_minute = 1
    await house.post()
    await house.post()
    house.keys.networks = [ip_network("192.0.2.0/24")]
    await house.post("/webhooks/signed/no-key")
    await house.post()
    house.shelf.error = Overloaded("too much")
    await house.post("/webhooks/hub", headers={"X-Signature": f"new {len(BODY)}"})

    assert house.refused() == {
        "hub": (1, "401: The sender's signature is missing or wrong."),
        "prom": (
            2,
            "403: This source may not send from this address; its `networks` in tocsin.yaml say from where.",
        ),
        "signed": (1, "401: The key of this source is missing or wrong."),
    }, "neither what nobody here is called nor what was our own trouble"
