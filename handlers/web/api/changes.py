"""`/changes`: releases and the like that sources told of."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from pydantic import Field

from handlers.web.api import models
from handlers.web.api.operation import Call, ListQuery, Operation


class ChangesQuery(ListQuery):
    """Which changes to list."""

    service: str | None = Field(None, max_length=200, description="Only those of this service.")


async def _list(call: Call) -> models.Page[models.Change]:
    query = call.query(ChangesQuery)
    async with call.desk.store.read(call.desk.tenant) as unit:
        window = await unit.changes.window(service=query.service, cursor=query.cursor, limit=query.limit)
    items = [models.Change(**asdict(change)) for change in window.items]
    return models.Page[models.Change](items=items, next=window.next_cursor)


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/changes",
        "list_changes",
        "List the changes that sources told of, newest first.",
        models.Page[models.Change],
        _list,
        query=ChangesQuery,
    ),
)
