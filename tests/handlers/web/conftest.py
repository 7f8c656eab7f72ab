"""What the tests of the API share."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web

from handlers.web.api.mounting import add_api
from tests.handlers.talking import Talk
from tests.handlers.web.calling import TOKEN, Api
from tests.handlers.web.serving import served


@pytest.fixture
async def api_client(talk: Talk) -> AsyncIterator[ClientSession]:
    """A client that knows the token."""
    app = web.Application()
    add_api(app, desk=talk.desk, inbox=talk.router, token=TOKEN)
    async with served(app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


@pytest.fixture
async def api(api_client: ClientSession) -> Api:
    """The API, with its description at hand."""
    async with api_client.get("/api/v1/openapi.json") as response:
        return Api(api_client, await response.json())
