"""What an operation of the API is: the one description that both its route and its documentation are made of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.access import SYSTEM
from bot.ports.chat import ChatInbox
from bot.ports.sources import Sender
from handlers.desk import Desk
from handlers.web.bodies import read_body
from handlers.web.problems import Problem

READER: Final = SYSTEM
"""On whose behalf the API reads: its token is an administrator's, and shows private incidents too."""

BODY_LIMIT_BYTES: Final = 100_000

M = TypeVar("M", bound=BaseModel)


class Query(BaseModel):
    """The query parameters of an operation; one that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ListQuery(Query):
    """The query parameters that every list has."""

    limit: int = Field(100, ge=1, le=500, description="How many items to return at most.")
    cursor: str | None = Field(None, max_length=500, description="The `next` of the list before.")


class Given(BaseModel):
    """A request's body; a field that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to an operation."""

    desk: Desk
    inbox: ChatInbox
    request: web.Request
    senders: Callable[[], Sequence[Sender]] = tuple

    def query(self, model: type[M]) -> M:
        """Return the query parameters; raises the problem 422 when they are not as the model wants them."""
        return read_model(model, dict(self.request.query), "query")

    async def body(self, model: type[M]) -> M:
        """Return the JSON body; raises the problems 413, 415 and 422 when it is not as the model wants it."""
        if self.request.content_type != "application/json":
            raise Problem(415, "The body must be JSON; say so with “Content-Type: application/json”.")
        raw = await read_body(self.request, BODY_LIMIT_BYTES)
        try:
            document = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise Problem(422, "The body is not JSON.") from None
        return read_model(model, document, "body")

    def path(self, name: str) -> str:
        """Return a variable part of the address."""
        return self.request.match_info[name]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where it is, what it takes and gives, and what carries it out.

    `problems` are the statuses, beyond those that every operation has, with what they mean.
    """

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    name: str
    summary: str
    answer: type[BaseModel]
    run: Callable[[Call], Awaitable[BaseModel]]
    query: type[Query] = Query
    body: type[Given] | None = None
    headers: Mapping[str, str] | None = None
    problems: Mapping[int, str] | None = None


def read_model(model: type[M], value: Any, part: str) -> M:
    """Return what a part of the request holds; raises the problem 422 that names every mistake."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        mistakes = [
            (".".join([part, *(str(step) for step in mistake["loc"])]), mistake["msg"])
            for mistake in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        detail = "; ".join(f"{where}: {what}" for where, what in mistakes)
        raise Problem(422, detail, errors=mistakes) from None
