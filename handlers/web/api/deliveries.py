"""`/deliveries`: what sources sent, and what became of it."""

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from bot.ports.records import DeliveryState
from handlers.web.api import models
from handlers.web.api.operation import Call, ListQuery, Operation


class DeliveriesQuery(ListQuery):
    """Which deliveries to list."""

    state: Literal["pending", "done", "quarantined", "all"] = Field(
        "all", description="quarantined: not all of it could be read; `error` says why."
    )


async def _list(call: Call) -> models.Page[models.Delivery]:
    query = call.query(DeliveriesQuery)
    states = frozenset(DeliveryState) if query.state == "all" else frozenset({DeliveryState(query.state)})
    async with call.desk.store.read(call.desk.tenant) as unit:
        window = await unit.deliveries.window(states, cursor=query.cursor, limit=query.limit)
    items = [
        models.Delivery(
            id=delivery.id,
            source=delivery.source,
            state=delivery.state,
            received_at=delivery.received_at,
            error=delivery.error,
        )
        for delivery in window.items
    ]
    return models.Page[models.Delivery](items=items, next=window.next_cursor)


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/deliveries",
        "list_deliveries",
        "List what sources sent, newest first, without the bodies.",
        models.Page[models.Delivery],
        _list,
        query=DeliveriesQuery,
    ),
)
