"""Where more than this machine can reach Tocsin, people log in, and nobody else gets anywhere."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
import pytest_asyncio

from handlers.web.room.entrance import local_path
from tests.handlers.web.room.visiting import Page, Place, Visitor, visiting

PUBLIC = "http://tocsin.example:8080"
LOGINS = {"amira": "correct horse", "omar": "battery staple"}


@pytest_asyncio.fixture
async def exposed(folder: Path) -> AsyncIterator[Place]:
    """The pages under a public name, behind a proxy on loopback; lina has no password."""
    proxies = (ip_network("127.0.0.0/8"),)
    async with visiting(folder, logins=LOGINS, public_url=PUBLIC, trusted_proxies=proxies) as opened:
        yield opened


def stranger(place: Place, address: str = "203.0.113.9") -> Visitor:
    visitor = Visitor(place.url, "", {"Host": "tocsin.example:8080", "Origin": PUBLIC})
    visitor.always["X-Forwarded-For"] = address
    return visitor


async def log_in(visitor: Visitor, name: str, password: str, onward: str = "/") -> Page:
    return await visitor.post("/login", {"name": name, "password": password, "next": onward}, follow=False)


async def test_without_a_session_every_page_leads_to_the_login_and_back_again(exposed: Place) -> None:
    room = await exposed.incident()
    async with stranger(exposed) as somebody:
        sent = await somebody.get(f"/rooms/{room}?earlier=1", follow=False)
        assert sent.status == 303
        assert sent.headers["Location"] == f"/login?next=/rooms/{room}?earlier%3D1"
        page = await somebody.get(sent.headers["Location"])
        fields = page.form(button="Log in").fields | {"name": "omar", "password": "battery staple"}
        entered = await somebody.post("/login", fields, follow=False)
        assert entered.headers["Location"] == f"/rooms/{room}?earlier=1"
        assert (await somebody.get(f"/rooms/{room}")).status == 200


async def test_a_stranger_gets_nothing_and_does_nothing(exposed: Place) -> None:
    room = await exposed.incident()
    async with stranger(exposed) as somebody:
        for path in ("/", f"/rooms/{room}", "/incidents/INC-42", "/help"):
            assert (await somebody.get(path, follow=False)).status == 303
        for path in (f"/rooms/{room}/events", "/events", "/suggestions"):
            assert (await somebody.get(path, follow=False, X_Requested_With="tocsin")).status == 401
        for path in ("/lines", "/forms", "/acting"):
            assert (await somebody.post(path, {"room": room, "text": "hi", "nonce": "n"})).status == 401
    assert exposed.inbox.carried_out == []
    assert await exposed.rooms.messages(room) == []


async def test_acting_as_somebody_is_not_for_those_who_log_in(exposed: Place) -> None:
    async with stranger(exposed) as somebody:
        somebody.session.cookie_jar.update_cookies({"tocsin_acting": "p-amira"})
        assert (await somebody.get("/", follow=False)).status == 303
        await log_in(somebody, "omar", "battery staple")
        await somebody.post("/acting", {"person": "p-amira"})
        await somebody.post("/lines", {"text": "list", "nonce": "n"})
    (line,) = exposed.inbox.carried_out
    assert line.actor == "p-omar"
    assert re.fullmatch(r"session:[0-9a-f]{8}", line.token)


async def test_the_session_is_out_of_reach_for_scripts_and_other_sites(exposed: Place, folder: Path) -> None:
    async with stranger(exposed) as somebody:
        cookie = (await log_in(somebody, "omar", "battery staple")).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=43200" in cookie
    assert "Secure" not in cookie


async def test_under_https_the_session_is_for_https_and_this_host_only(folder: Path) -> None:
    public = "https://tocsin.example"
    headers = {"Host": "tocsin.example", "Origin": public}
    async with (
        visiting(folder, logins=LOGINS, public_url=public) as place,
        Visitor(place.url, "", headers) as somebody,
    ):
        cookie = (await log_in(somebody, "omar", "battery staple")).headers["Set-Cookie"]
    assert cookie.startswith("__Host-tocsin=")
    assert "Secure" in cookie


@pytest.mark.parametrize(
    ("name", "password"),
    [("omar", "wrong"), ("omar", ""), ("nobody", "battery staple"), ("lina", ""), ("lina", "x"), ("omar", "é" * 2000)],
)
async def test_what_is_wrong_is_never_told_apart(exposed: Place, name: str, password: str) -> None:
    async with stranger(exposed) as somebody:
        page = await log_in(somebody, name, password)
        assert page.status == 401
        assert "The name or the password is wrong." in page.words
        assert "Set-Cookie" not in page.headers
        assert (await somebody.get("/", follow=False)).status == 303


async def test_after_five_failures_that_name_waits_at_that_address(exposed: Place) -> None:
    async with stranger(exposed) as attacker, stranger(exposed, "198.51.100.7") as omar:
        for _ in range(5):
            assert (await log_in(attacker, "omar", "guess")).status == 401
        refused = await log_in(attacker, "omar", "battery staple")
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert "Try again in 6 minutes." in refused.words or "Try again in 5 minutes." in refused.words
        assert (await log_in(omar, "omar", "battery staple")).status == 303
        exposed.clock.forward(timedelta(minutes=5, seconds=1))
        assert (await log_in(attacker, "omar", "battery staple")).status == 303


async def test_one_address_cannot_try_every_name(exposed: Place) -> None:
    async with stranger(exposed) as attacker:
        statuses = [(await log_in(attacker, f"name{number}", "guess")).status for number in range(51)]
    assert statuses[49:] == [401, 429]


async def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(folder: Path) -> None:
    async with visiting(folder, logins=LOGINS, public_url=PUBLIC) as place:
        for number in range(5):
            async with stranger(place, f"203.0.113.{number}") as attacker:
                assert (await log_in(attacker, "omar", "guess")).status == 401
        async with stranger(place, "203.0.113.99") as attacker:
            assert (await log_in(attacker, "omar", "battery staple")).status == 429


async def test_logins_and_failures_are_audited_without_what_was_typed(exposed: Place) -> None:
    async with stranger(exposed) as somebody:
        await log_in(somebody, "omar", "my other password")
        await log_in(somebody, "hunter2 typed here", "x")
        await log_in(somebody, "omar", "battery staple")
    entries = [(entry.actor, entry.action, entry.subject) for entry in await exposed.audit()]
    assert entries == [
        ("tocsin:login", "login_failed", "person:p-omar"),
        ("tocsin:login", "login_failed", "unknown"),
        ("person:p-omar", "login", "person:p-omar"),
    ]
    assert "203.0.113.9" in str(await exposed.audit())
    assert "hunter2" not in str(await exposed.audit())


async def test_a_session_ends_after_twelve_hours_at_logout_and_with_a_new_password(folder: Path) -> None:
    logins = dict(LOGINS)
    async with visiting(folder, logins=logins, public_url=PUBLIC) as place, stranger(place) as omar:

        async def is_in() -> bool:
            return (await omar.get("/", follow=False)).status == 200

        await log_in(omar, "omar", "battery staple")
        place.clock.forward(timedelta(hours=11, minutes=59))
        assert await is_in()
        place.clock.forward(timedelta(minutes=2))
        assert not await is_in()
        await log_in(omar, "omar", "battery staple")
        assert await is_in()
        assert (await omar.post("/logout", {}, follow=False)).headers["Location"] == "/login"
        assert not await is_in()
        await log_in(omar, "omar", "battery staple")
        logins["omar"] = "a new one"
        assert not await is_in()
        await log_in(omar, "omar", "a new one")
        org = place.organisations[-1]
        place.organisations.append(replace(org, people=tuple(one for one in org.people if one.name != "omar")))
        assert not await is_in()


async def test_a_session_that_was_changed_is_none(exposed: Place) -> None:
    async with stranger(exposed) as omar, stranger(exposed) as forger:
        page = await log_in(omar, "omar", "battery staple")
        cookie = page.headers["Set-Cookie"].split(";")[0].removeprefix("tocsin_session=")
        payload, signature = cookie.split(".")
        for forged in (f"{payload}.", f"{payload[:-2]}xx.{signature}", f".{signature}", "x", f"{payload}.{signature}x"):
            forger.session.cookie_jar.update_cookies({"tocsin_session": forged})
            assert (await forger.get("/", follow=False)).status == 303


async def test_a_link_from_another_site_takes_one_step_of_our_own_before_the_login(exposed: Place) -> None:
    async with stranger(exposed) as omar:
        await log_in(omar, "omar", "battery staple")
        async with stranger(exposed) as from_elsewhere:
            page = await from_elsewhere.get("/incidents/INC-42", Sec_Fetch_Site="cross-site")
    assert {"http-equiv": "refresh", "content": "0; url=/incidents/INC-42"} in page.tags("meta")


async def test_the_pages_of_one_who_logged_in_offer_to_log_out_and_nobody_to_act_as(exposed: Place) -> None:
    async with stranger(exposed) as omar:
        await log_in(omar, "omar", "battery staple")
        page = await omar.get("/")
        assert page.form(button="Log out").action == "/logout"
        assert "Acting as" not in page.words
        again = await omar.get("/login?next=/help", follow=False)
    assert again.headers["Location"] == "/help"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/\n/evil.example",
        "http:/x",
        "///evil.example",
        "/é",
    ],
)
def test_the_way_on_never_leads_elsewhere(target: str) -> None:
    assert local_path(target) == "/"


@pytest.mark.parametrize("target", ["/", "/rooms/1", "/rooms/1?earlier=1", "/help#x"])
def test_the_way_on_leads_to_our_pages(target: str) -> None:
    assert local_path(target) == target
