"""`/sources`: who may send alerts, where to, and what has come."""

from collections.abc import Sequence
from typing import Final

from handlers.web.api import models
from handlers.web.api.operation import Call, Operation


async def _list(call: Call) -> models.Page[models.Source]:
    async with call.desk.store.read(call.desk.tenant) as unit:
        activity = await unit.deliveries.activity()
        refused = await unit.deliveries.refused()
    items = []
    for sender in call.senders():
        seen, turned_away = activity.get(sender.name), refused.get(sender.name)
        items.append(
            models.Source(
                name=sender.name,
                kind=sender.kind,
                addresses=sender.addresses,
                in_file=sender.is_named,
                last_at=seen.last_at if seen is not None else None,
                deliveries=seen.deliveries if seen is not None else 0,
                errors=seen.errors if seen is not None else 0,
                last_error=seen.last_error if seen is not None else None,
                refused=turned_away.count if turned_away is not None else 0,
                last_refusal=turned_away.last_why if turned_away is not None else None,
            )
        )
    return models.Page[models.Source](items=items, next=None)


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/sources",
        "list_sources",
        "List the sources, those of the file first, with what was worked through of each, and refused.",
        models.Page[models.Source],
        _list,
    ),
)
