"""Whatever goes wrong behind an address for programs, they get a problem document, and nothing of what is inside."""

from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from handlers.web.problems import Problem, problems
from tests.handlers.web.serving import served


async def breaks(request: web.Request) -> web.Response:
    raise RuntimeError("the password is hunter2")


async def moves(request: web.Request) -> web.Response:
    raise web.HTTPFound("/elsewhere")


async def refuses(request: web.Request) -> web.Response:
    raise Problem(422, "Two things are wrong.", errors=[("body.a", "missing"), ("body.b", "too long")])


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    app = web.Application(middlewares=[problems()])
    app.router.add_get("/breaks/{key}", breaks)
    app.router.add_get("/moves", moves)
    app.router.add_get("/refuses", refuses)
    async with served(app) as client:
        yield client


async def test_a_bug_is_logged_once_without_the_address_and_answered_without_detail(client: ClientSession) -> None:
    with capture_logs() as logs:
        async with client.get("/breaks/secret-key") as response:
            assert response.status == 500
            assert response.content_type == "application/problem+json"
            text = await response.text()
    assert "hunter2" not in text
    assert [(entry["event"], entry["route"]) for entry in logs] == [("request_failed", "/breaks/{key}")]
    assert "secret-key" not in str(logs)


async def test_a_redirect_stays_one(client: ClientSession) -> None:
    async with client.get("/moves", allow_redirects=False) as response:
        assert response.status == 302


async def test_every_mistake_is_told(client: ClientSession) -> None:
    async with client.get("/refuses") as response:
        assert await response.json(content_type=None) == {
            "type": "about:blank",
            "title": HTTPStatus(422).phrase,
            "status": 422,
            "detail": "Two things are wrong.",
            "errors": [{"where": "body.a", "what": "missing"}, {"where": "body.b", "what": "too long"}],
        }
