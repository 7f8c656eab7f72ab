"""Who logs out is out, also where a copy of the cookie is, and on every replica."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest_asyncio
from yarl import URL

from bot.clock import SteeredClock
from handlers.web import ended
from handlers.web.ended import EndedSessions
from tests.builders import HOUR, NOW
from tests.fakes.chat_memory import FakeChatMemory
from tests.handlers.talking import StandingClock
from tests.handlers.web.room.test_login import LOGINS, PUBLIC, log_in, stranger
from tests.handlers.web.room.visiting import Place, Visitor, visiting


@pytest_asyncio.fixture
async def exposed(folder: Path) -> AsyncIterator[Place]:
    """The pages under a public name."""
    async with visiting(folder, logins=LOGINS, public_url=PUBLIC) as opened:
        yield opened


def copy(visitor: Visitor, place: Place) -> dict[str, str]:
    """Every cookie of a visitor."""
    jar = visitor.session.cookie_jar
    assert isinstance(jar, aiohttp.CookieJar)
    return {name: morsel.value for name, morsel in jar.filter_cookies(URL(place.url)).items()}


async def test_a_copied_cookie_is_of_no_use_after_the_logout_and_other_sessions_go_on(exposed: Place) -> None:
    async with stranger(exposed) as omar, stranger(exposed) as thief, stranger(exposed) as elsewhere:
        await log_in(omar, "omar", "battery staple")
        await log_in(elsewhere, "omar", "battery staple")
        thief.session.cookie_jar.update_cookies(copy(omar, exposed), URL(exposed.url))
        assert (await thief.get("/", follow=False)).status == 200

        await omar.post("/logout", {}, follow=False)
        assert (await thief.get("/", follow=False)).status == 303
        assert (await thief.post("/lines", {"text": "list", "nonce": "n"})).status == 401
        assert (await elsewhere.get("/", follow=False)).status == 200


async def test_a_logout_is_audited_and_one_without_a_session_is_nothing(exposed: Place) -> None:
    async with stranger(exposed) as omar:
        await log_in(omar, "omar", "battery staple")
        await omar.post("/logout", {}, follow=False)
        await omar.post("/logout", {}, follow=False)
    assert [(entry.actor, entry.action) for entry in await exposed.audit()] == [
        ("person:p-omar", "login"),
        ("person:p-omar", "logout"),
    ]


async def test_every_replica_hears_of_it_in_a_moment_and_only_the_hash_is_kept() -> None:
    clock = SteeredClock(StandingClock())
    memory = FakeChatMemory(clock)
    here, there = EndedSessions(memory, clock), EndedSessions(memory, clock)
    until = NOW + HOUR
    assert not await here.has_ended("cookie", until)
    assert not await there.has_ended("cookie", until)

    await here.end("cookie", until)
    assert await here.has_ended("cookie", until)
    clock.forward(ended.FRESH)
    assert await there.has_ended("cookie", until)
    assert "cookie" not in memory.of_kind("ended-session")


async def test_an_ended_session_stays_so_however_many_others_came_meanwhile() -> None:
    clock = SteeredClock(StandingClock())
    sessions = EndedSessions(FakeChatMemory(clock), clock)
    await sessions.end("cookie", NOW + HOUR)
    for number in range(ended.MOST_REMEMBERED + 1):
        await sessions.has_ended(f"another {number}", NOW + HOUR)
    clock.forward(timedelta(minutes=59))
    assert await sessions.has_ended("cookie", NOW + HOUR)
