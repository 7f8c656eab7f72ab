"""Other pages in a reader's browser can make it do nothing here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from handlers.web.callers import CALLER, Caller, Network
from handlers.web.guards import Gate, install_guards

FORM = "application/x-www-form-urlencoded"


class Door:
    """A server behind the guards, and what they let through."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session
        self.callers: list[Caller] = []

    async def ask(self, method: str, path: str, body: str = "a=1", **headers: str) -> aiohttp.ClientResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if method == "GET" else body
        async with self.session.request(method, f"{self.url}{path}", data=data, headers=sent) as response:
            await response.read()
            return response

    async def post(self, path: str = "/lines", **headers: str) -> int:
        """Post as our own page would, with what a test changes; the status. An empty header is left out."""
        whole = {"Origin": self.url, "Content_Type": FORM, **headers}
        return (await self.ask("POST", path, **{name: value for name, value in whole.items() if value})).status

    async def get(self, path: str = "/", **headers: str) -> int:
        return (await self.ask("GET", path, **headers)).status


@asynccontextmanager
async def door(
    public_url: str = "http://127.0.0.1:8080", *, is_exposed: bool = False, proxies: tuple[Network, ...] = ()
) -> AsyncIterator[Door]:
    app = web.Application()
    install_guards(app, Gate(public_url, is_exposed=is_exposed, trusted_proxies=proxies, doors=["/some-chat"]))
    async with aiohttp.ClientSession() as session:

        async def welcome(request: web.Request) -> web.Response:
            opened.callers.append(request[CALLER])
            return web.Response(text="in")

        app.router.add_route("*", "/{rest:.*}", welcome)
        server = TestServer(app)
        await server.start_server()
        opened = Door(str(server.make_url("")).rstrip("/"), session)
        try:
            yield opened
        finally:
            await server.close()


async def test_our_own_pages_may_post() -> None:
    async with door() as ours:
        assert await ours.post() == 200
        assert await ours.post(Sec_Fetch_Site="same-origin") == 200
        assert await ours.post(Origin="", Referer=f"{ours.url}/rooms/1") == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": "http://evil.example@127.0.0.1"},
        {"Origin": ""},
        {"Origin": "", "Referer": "https://evil.example/127.0.0.1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "http://["},
    ],
)
async def test_a_form_of_another_page_is_refused(headers: dict[str, str]) -> None:
    async with door() as ours:
        assert await ours.post(**headers) == 403
        assert ours.callers == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1", "["])
async def test_a_name_that_was_turned_to_this_machine_leads_nowhere(host: str) -> None:
    async with door() as ours:
        for path in ("/", "/api/v1/incidents", "/webhooks/prom", "/healthz"):
            assert await ours.get(path, Host=host) == 421
        assert await ours.post("/api/v1/commands", Host=host, Origin=f"http://{host}") == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1", "127.9.9.9:80", "[::1]:8080"])
async def test_every_loopback_name_is_ours(host: str) -> None:
    async with door() as ours:
        assert await ours.get(Host=host) == 200
        assert await ours.post(Host=host, Origin=f"http://{host}") == 200


async def test_the_public_name_is_ours_behind_whichever_scheme_it_has() -> None:
    async with door("https://tocsin.example", is_exposed=True) as ours:
        assert await ours.post(Host="tocsin.example", Origin="https://tocsin.example") == 200
        assert await ours.post(Host="tocsin.example", Origin="https://tocsin.example:443") == 200
        assert await ours.post(Host="tocsin.example", Origin="https://tocsin.example:444") == 403
        assert await ours.get(Host="other.example") == 421


async def test_programs_may_call_an_exposed_tocsin_by_any_name() -> None:
    async with door("https://tocsin.example", is_exposed=True) as ours:
        for path in ("/webhooks/prom", "/v2/enqueue", "/api/v1/commands", "/some-chat/events", "/heartbeats/a/b"):
            assert await ours.post(path, Host="tocsin.internal", Origin="", Content_Type="application/json") == 200
        assert await ours.post("/webhooksx", Host="tocsin.internal") == 421


async def test_on_loopback_programs_may_call_but_no_foreign_page_in_their_place() -> None:
    async with door() as ours:
        assert await ours.post("/webhooks/prom", Origin="", Content_Type="application/json") == 200
        assert await ours.post("/webhooks/prom", Origin="https://evil.example", Content_Type="text/plain") == 403
        assert await ours.post("/api/v1/commands", Sec_Fetch_Site="cross-site", Content_Type="text/plain") == 403


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
async def test_a_form_is_sent_as_our_pages_send_it_or_not_at_all(kind: str) -> None:
    async with door() as ours:
        assert await ours.post(Content_Type=kind) == 415


async def test_a_refusal_says_what_to_do_and_is_a_problem_document_for_programs() -> None:
    async with door("https://tocsin.example", is_exposed=True) as ours, ours.session.get(ours.url) as fine:
        assert fine.status == 200
        async with ours.session.get(ours.url, headers={"Host": "<b>x"}) as page:
            assert "TOCSIN_PUBLIC_URL" in await page.text()
            assert page.content_type == "text/plain"
    async with door() as ours, ours.session.get(f"{ours.url}/api/v1/x", headers={"Host": "evil.example"}) as problem:
        assert problem.content_type == "application/problem+json"
        assert (await problem.json(content_type=None))["status"] == 421


async def test_every_response_forbids_frames_foreign_scripts_and_guessing() -> None:
    async with door() as ours:
        for headers in ({}, {"Host": "evil.example"}):
            response = await ours.ask("GET", "/", **headers)
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Frame-Options"] == "DENY"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert response.headers["Cache-Control"] == "no-store"
            assert "aiohttp" not in response.headers["Server"]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        ((), "203.0.113.9", "127.0.0.1"),
        (("127.0.0.0/8",), "203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8",), "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8", "10.0.0.0/8"), "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (("127.0.0.0/8",), "", "127.0.0.1"),
        (("127.0.0.0/8",), "garbage", "garbage"),
        (("10.0.0.0/8",), "203.0.113.9", "127.0.0.1"),
    ],
)
async def test_the_caller_is_who_a_trusted_proxy_says(proxies: tuple[str, ...], forwarded: str, address: str) -> None:
    networks = tuple(ip_network(proxy) for proxy in proxies)
    async with door(proxies=networks) as ours:
        await ours.get(X_Forwarded_For=forwarded, X_Forwarded_Proto="https")
        (caller,) = ours.callers
    assert caller.address == address
    assert caller.scheme == ("https" if "127.0.0.0/8" in proxies else "http")


def test_an_address_of_ip_6_counts_with_its_neighbours() -> None:
    assert Caller("2001:db8::1", "http").neighbourhood == Caller("2001:db8::ffff", "http").neighbourhood
    assert Caller("2001:db8:0:1::1", "http").neighbourhood != Caller("2001:db8::1", "http").neighbourhood
    assert Caller("192.0.2.1", "http").neighbourhood == "192.0.2.1"
    assert Caller("", "http").neighbourhood == ""
