"""Whatever fails at whichever address: people get a page, programs a problem document, and nobody what is inside."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.ports.chat import Answer, Incoming
from tests.fakes.chat_inbox import FakeInbox
from tests.handlers.web.room.visiting import Place, visiting

BROWSER = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
PROBLEM = "application/problem+json"


class Trouble:
    """What breaks when a line is carried out."""

    error: Exception = RuntimeError("the password is hunter2")


def broken(_line: Incoming) -> Answer:
    raise Trouble.error


@pytest_asyncio.fixture
async def shaky(folder: Path) -> AsyncIterator[Place]:
    """Pages on which no line can be carried out."""
    async with visiting(folder, inbox=lambda desk: FakeInbox(broken)) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/nope", "/rooms", "/static/nothing.js", "/api/v2/incidents"])
async def test_where_nothing_is_a_browser_gets_a_page_and_a_program_a_problem_document(place: Place, path: str) -> None:
    async with place.visitor() as amira:
        page = await amira.get(path, Accept=BROWSER)
        assert page.status == 404
        for_machines = path.startswith("/api")
        assert (page.headers["Content-Type"] == f"{PROBLEM}") is for_machines
        if not for_machines:
            assert "There is nothing here" in page.words
            assert page.links == ["#main", "/", "/"]
        async with amira.session.get(f"{place.url}{path}", headers={"Accept": "application/json"}) as response:
            assert (response.status, response.content_type) == (404, PROBLEM)
            assert (await response.json(content_type=None))["title"] == "Not Found"


async def test_a_method_that_is_not_possible_is_told_with_those_that_are(place: Place) -> None:
    async with place.visitor() as amira:
        page = await amira.get("/lines", Accept=BROWSER)
        assert (page.status, page.headers["Allow"]) == (405, "POST")
        assert "This can't be done at this address." in page.words
        async with amira.session.get(f"{place.url}/lines") as response:
            assert (response.status, response.content_type, response.headers["Allow"]) == (405, PROBLEM, "POST")


@pytest.mark.parametrize("accept", [BROWSER, "application/json"])
async def test_a_bug_is_logged_once_and_nothing_of_it_is_told(shaky: Place, accept: str) -> None:
    async with shaky.visitor() as amira:
        with capture_logs() as logs:
            page = await amira.post("/lines", {"text": "list", "nonce": "n"}, Accept=accept)
    assert page.status == 500
    assert "hunter2" not in page.html
    assert [(entry["event"], entry["route"]) for entry in logs] == [("request_failed", "/lines")]
    assert ("Something in Tocsin broke." in page.words) is (accept == BROWSER)
    assert (page.headers["Content-Type"] == PROBLEM) is (accept != BROWSER)


async def test_without_the_database_it_is_said_that_it_may_be_tried_again(
    shaky: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trouble, "error", ConnectionError("at postgresql://db"))
    async with shaky.visitor() as amira:
        page = await amira.post("/lines", {"text": "list", "nonce": "n"}, Accept=BROWSER)
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert "Please try again in a moment." in page.words
    assert "postgresql" not in page.html


async def test_our_own_script_is_told_what_it_can_read(shaky: Place) -> None:
    async with shaky.visitor() as amira:
        page = await amira.post("/lines", {"text": "list", "nonce": "n"}, Accept=BROWSER, X_Requested_With="tocsin")
    assert (page.status, page.headers["Content-Type"]) == (500, PROBLEM)


async def test_answers_to_failures_are_sealed_like_all_others(place: Place) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{place.url}/nope") as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
