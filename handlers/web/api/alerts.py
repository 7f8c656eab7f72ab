"""`/alerts`: the list of them."""

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from bot.domain.alert import AlertState
from handlers.silencing import why_held
from handlers.web.api import models, showing
from handlers.web.api.operation import READER, Call, ListQuery, Operation


class AlertsQuery(ListQuery):
    """Which alerts to list."""

    state: Literal["firing", "resolved", "suppressed", "all"] = Field(
        "all", description="suppressed: it fires, but opens nothing."
    )


async def _list(call: Call) -> models.Page[models.Alert]:
    query = call.query(AlertsQuery)
    states = frozenset(AlertState) if query.state == "all" else frozenset({AlertState(query.state)})
    async with call.desk.store.read(call.desk.tenant) as unit:
        window = await unit.alerts.window(states, READER, cursor=query.cursor, limit=query.limit)
        silences = await why_held(unit, window.items)
        incidents = await unit.incidents.many({alert.incident for alert in window.items if alert.incident})
    speech = call.desk.speech()
    items = [showing.alert(alert, incidents.get(alert.incident or ""), silences, speech) for alert in window.items]
    return models.Page[models.Alert](items=items, next=window.next_cursor)


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/alerts",
        "list_alerts",
        "List alerts, newest first.",
        models.Page[models.Alert],
        _list,
        query=AlertsQuery,
    ),
)
