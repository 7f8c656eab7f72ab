"""What a sender's message points at is fetched from the hosts that were named, and from nobody else."""

import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from bot.ports.sources import Unreachable
from integrations.guarded_fetch import HttpsFetch, is_public
from tests.fakes.certificates import Issued, issue

HOST = "sns.eu-west-1.amazonaws.com"
URL = f"https://{HOST}/cert.pem"


class Names(AbstractResolver):
    """Answers every name with these addresses, at one port."""

    def __init__(self, *addresses: str, port: int = 1) -> None:
        self._addresses = addresses
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class Internet:
    """A server on this machine in the place of the host, and a fetch that finds it."""

    fetch: HttpsFetch
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def issued() -> Issued:
    return issue(HOST)


@pytest.fixture
async def internet(issued: Issued, tmp_path: Path) -> AsyncIterator[Internet]:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        match request.path:
            case "/moved":
                raise web.HTTPFound("https://169.254.169.254/latest/meta-data")
            case "/large":
                return web.Response(body=b"x" * 10_001)
            case "/answers/404" | "/answers/403" | "/answers/429" | "/answers/503":
                return web.Response(status=int(request.path[-3:]))
            case _:
                return web.Response(body=b"a certificate")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=issued.server(tmp_path))
    await site.start()
    port = runner.addresses[0][1]
    trust = ssl.create_default_context(cadata=issued.pem.decode())
    fetch = HttpsFetch(resolver=Names("127.0.0.1", port=port), allows=lambda address: True, trust=trust)
    yield Internet(fetch, asked)
    await runner.cleanup()


async def test_a_named_host_is_fetched_from(internet: Internet) -> None:
    assert await internet.fetch(f"{URL}?a=b", hosts=[HOST], limit_bytes=10_000) == b"a certificate"
    assert internet.asked == ["/cert.pem?a=b"]


async def test_a_redirect_is_not_followed(internet: Internet) -> None:
    with pytest.raises(Unreachable, match="answered 302"):
        await internet.fetch(f"https://{HOST}/moved", hosts=[HOST], limit_bytes=10_000)
    assert internet.asked == ["/moved"]


async def test_an_answer_that_is_too_large_is_not_read_to_its_end(internet: Internet) -> None:
    with pytest.raises(PermissionError, match="larger than 10000 bytes"):
        await internet.fetch(f"https://{HOST}/large", hosts=[HOST], limit_bytes=10_000)


@pytest.mark.parametrize("status", [403, 404])
async def test_what_its_host_refuses_is_refused_for_good(internet: Internet, status: int) -> None:
    with pytest.raises(PermissionError, match=f"answered {status}"):
        await internet.fetch(f"https://{HOST}/answers/{status}", hosts=[HOST], limit_bytes=10_000)


@pytest.mark.parametrize("status", [429, 503])
async def test_what_its_host_cannot_give_now_may_be_tried_again(internet: Internet, status: int) -> None:
    with pytest.raises(Unreachable, match=f"answered {status}"):
        await internet.fetch(f"https://{HOST}/answers/{status}", hosts=[HOST], limit_bytes=10_000)


async def test_a_host_that_cannot_prove_its_name_is_not_believed(internet: Internet) -> None:
    with pytest.raises(Unreachable):
        await internet.fetch(
            "https://sns.us-east-1.amazonaws.com/", hosts=["sns.us-east-1.amazonaws.com"], limit_bytes=9
        )
    assert internet.asked == []


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/",
        f"https://{HOST}:8443/",
        f"https://me@{HOST}/",
        f"https://{HOST}.attacker.example/",
        f"https://attacker.example/{HOST}",
        f"https://{HOST}@attacker.example/",
        f"https://attacker.example#{HOST}",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        f"file://{HOST}/etc/passwd",
        f"//{HOST}/",
        "https:///",
        "https://[",
        "",
    ],
)
async def test_nothing_else_is_fetched(internet: Internet, url: str) -> None:
    with pytest.raises(PermissionError):
        await internet.fetch(url, hosts=[HOST], limit_bytes=10_000)
    assert internet.asked == []


async def test_an_address_is_no_host_even_if_it_is_named(internet: Internet) -> None:
    with pytest.raises(PermissionError):
        await internet.fetch("https://127.0.0.1/", hosts=["127.0.0.1"], limit_bytes=10_000)


@pytest.mark.parametrize("addresses", [("10.0.0.8",), ("127.0.0.1",), ("1.1.1.1", "192.168.0.1"), ("169.254.169.254",)])
async def test_a_name_that_leads_into_a_private_network_is_not_followed(addresses: tuple[str, ...]) -> None:
    with pytest.raises(PermissionError, match="not public"):
        await HttpsFetch(resolver=Names(*addresses))(URL, hosts=[HOST], limit_bytes=10_000)


async def test_a_name_that_nobody_has_may_be_tried_again() -> None:
    with pytest.raises(Unreachable):
        await HttpsFetch(resolver=Names())(URL, hosts=[HOST], limit_bytes=10_000)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "somewhere",
        "",
    ],
)
def test_all_others_are_not(address: str) -> None:
    assert not is_public(address)


@given(st.text())
async def test_no_text_is_fetched_where_nobody_is_named(url: str) -> None:
    with pytest.raises(PermissionError):
        await HttpsFetch(resolver=Names("127.0.0.1"))(url, hosts=[], limit_bytes=1)
