"""`/effects`: what was to be done outside, and another try for what was given up."""

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from bot.domain.timeline import Actor
from bot.ports.records import AuditEntry
from bot.ports.store import Urgency
from handlers.web.api import models
from handlers.web.api.operation import Call, ListQuery, Operation
from handlers.web.problems import Problem
from handlers.web.tokens import API_TOKEN


class EffectsQuery(ListQuery):
    """Which effects to list."""

    state: Literal["dead", "pending", "done"] = Field("dead", description="dead: given up, until someone tries again.")


async def _list(call: Call) -> models.Page[models.Effect]:
    query = call.query(EffectsQuery)
    async with call.desk.store.read(call.desk.tenant) as unit:
        window = await unit.outbox.window(query.state, cursor=query.cursor, limit=query.limit)
        incidents = await unit.incidents.many({effect.incident for effect in window.items if effect.incident})
    refs = {incident_id: incident.ref for incident_id, incident in incidents.items()}
    items = [
        models.Effect(
            id=effect.id,
            kind=type(effect.effect).__name__,
            chat=effect.chat,
            lane=effect.lane_kind.value,
            incident=refs.get(effect.incident or ""),
            state=effect.state,
            attempts=effect.attempts,
            created_at=effect.created_at,
            due_at=effect.due_at,
            error=effect.error,
        )
        for effect in window.items
    ]
    return models.Page[models.Effect](items=items, next=window.next_cursor)


async def _retry(call: Call) -> models.Done:
    effect_id, now = call.path("id"), call.desk.now()
    async with call.desk.store.write(call.desk.tenant, Urgency.COMMAND) as unit:
        if not await unit.outbox.revive(effect_id, now):
            raise Problem(404, "There is no effect of this id that was given up.")
        entry = AuditEntry(now, str(Actor(part=API_TOKEN)), API_TOKEN, "EffectRetried", effect_id)
        await unit.audit.add([entry])
    return models.Done(ok=True)


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/effects",
        "list_effects",
        "List messages, pages and the like, newest first: by default those that were given up.",
        models.Page[models.Effect],
        _list,
        query=EffectsQuery,
    ),
    Operation(
        "POST",
        "/effects/{id}/retry",
        "retry_effect",
        "Try an effect again that was given up.",
        models.Done,
        _retry,
        problems={404: "There is no effect of this id that was given up."},
    ),
)
