"""`/heartbeats`: what must be heard of, and when it last was."""

from collections.abc import Sequence
from typing import Final

from handlers.web.api import models
from handlers.web.api.operation import Call, Operation


async def _list(call: Call) -> models.Page[models.Heartbeat]:
    async with call.desk.store.read(call.desk.tenant) as unit:
        hearts = {heart.name: heart for heart in await unit.heartbeats.all()}
    items = []
    for heartbeat in call.desk.organisation().heartbeats:
        heart = hearts.get(heartbeat.name)
        items.append(
            models.Heartbeat(
                name=heartbeat.name,
                service=heartbeat.service,
                severity=heartbeat.severity.name,
                every_seconds=int(heartbeat.every.total_seconds()),
                grace_seconds=int(heartbeat.grace.total_seconds()),
                beat_at=heart.beat_at if heart is not None else None,
                missed_at=heart.missed_at if heart is not None else None,
            )
        )
    return models.Page[models.Heartbeat](items=items, next=None)


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/heartbeats",
        "list_heartbeats",
        "List the heartbeats of the file, with when each was last heard.",
        models.Page[models.Heartbeat],
        _list,
    ),
)
