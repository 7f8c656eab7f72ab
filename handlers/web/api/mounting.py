"""Puts the API into an application: its routes, its token, its problem documents, its description."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import orjson
import structlog
from aiohttp import web

from bot.ports.chat import ChatInbox
from bot.ports.sources import Sender
from bot.ports.store import BadCursor
from handlers.desk import Desk
from handlers.web.api import (
    alerts,
    changes,
    commands,
    deliveries,
    effects,
    heartbeats,
    incidents,
    noise,
    silences,
    sources,
)
from handlers.web.api.openapi import describe
from handlers.web.api.operation import Call, Operation
from handlers.web.problems import Problem, later, problems
from handlers.web.tokens import wants_token

log = structlog.get_logger(__name__)

BASE_PATH: Final = "/api/v1"
OPERATIONS: Final = (
    *incidents.OPERATIONS,
    *alerts.OPERATIONS,
    *changes.OPERATIONS,
    *sources.OPERATIONS,
    *heartbeats.OPERATIONS,
    *deliveries.OPERATIONS,
    *noise.OPERATIONS,
    *silences.OPERATIONS,
    *effects.OPERATIONS,
    *commands.OPERATIONS,
)


def add_api(
    app: web.Application,
    *,
    desk: Desk,
    inbox: ChatInbox,
    token: str | None,
    senders: Callable[[], Sequence[Sender]] = tuple,
) -> None:
    """Add the API to an application, under `/api/v1`.

    `inbox` takes the lines of commands, `senders` returns the sources that there are. Without a `token` the API is open, which is for loopback only.
    """
    api = web.Application(middlewares=[problems(), wants_token(token)])
    for operation in OPERATIONS:
        api.router.add_route(operation.method, operation.path, _handler(operation, desk, inbox, senders))
    description = orjson.dumps(describe(OPERATIONS, BASE_PATH))

    async def described(request: web.Request) -> web.Response:  # noqa: ARG001 - aiohttp hands it over
        return web.Response(body=description, content_type="application/json")

    api.router.add_get("/openapi.json", described)
    app.add_subapp(f"{BASE_PATH}/", api)


def _handler(
    operation: Operation, desk: Desk, inbox: ChatInbox, senders: Callable[[], Sequence[Sender]]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.Response:
        call = Call(desk, inbox, request, senders)
        call.query(operation.query)
        try:
            answer = await operation.run(call)
        except BadCursor as error:
            raise Problem(422, str(BadCursor.__doc__), errors=[("query.cursor", "is not of this list")]) from error
        except ConnectionError as error:
            log.warning("api_without_database", operation=operation.name, error=str(error))
            raise later("The database can't be reached now; try again in a moment.") from error
        return web.Response(body=answer.model_dump_json().encode(), content_type="application/json")

    return handle
