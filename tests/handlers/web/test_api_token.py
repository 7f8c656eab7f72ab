"""Nothing of the API is shown without its token, except where none is wanted."""

import pytest
from aiohttp import ClientSession, web

from handlers.web.api.mounting import add_api
from tests.handlers.talking import Talk
from tests.handlers.web.calling import TOKEN
from tests.handlers.web.serving import served


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
async def test_without_the_token_nothing_is_shown(api_client: ClientSession, header: str) -> None:
    for path in ("/incidents", "/openapi.json", "/nothing"):
        async with api_client.get(f"/api/v1{path}", headers={"Authorization": header}) as response:
            assert response.status == 401
            assert response.content_type == "application/problem+json"
            assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_unknown_address_is_a_problem_document(api_client: ClientSession) -> None:
    async with api_client.get("/api/v1/nothing") as response:
        assert response.status == 404
        assert (await response.json(content_type=None))["title"] == "Not Found"
    async with api_client.delete("/api/v1/incidents") as response:
        assert response.status == 405
        assert "GET" in response.headers["Allow"]


async def test_on_loopback_the_api_may_be_open(talk: Talk) -> None:
    app = web.Application()
    add_api(app, desk=talk.desk, inbox=talk.router, token=None)
    async with served(app) as client, client.get("/api/v1/incidents") as response:
        assert response.status == 200
