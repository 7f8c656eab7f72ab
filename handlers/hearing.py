"""What senders say beside which alerts fire: it reaches the incident of the alert, or those of the service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

import structlog

from bot.domain.actions import Acknowledge, Action, AddNote, RecordChange
from bot.domain.alert import AlertEvent
from bot.domain.refusal import Refusal
from bot.domain.routing import destination
from bot.domain.said import Acknowledged, Changed, Ended, Noted, Reworded, Said
from bot.domain.timeline import Actor
from bot.ids import new_id
from bot.ports.records import ServiceChange
from bot.ports.store import Unit
from handlers.deciding import act, reload
from handlers.desk import Desk
from handlers.releasing import bring_up

log = structlog.get_logger(__name__)

MOST_CONCERNED: Final = 20
"""In how many incidents of a service a change is written down; a service with more has another trouble."""


async def hear(
    desk: Desk, unit: Unit, source: str, said: Sequence[Said], received_at: datetime
) -> Sequence[tuple[AlertEvent, datetime]]:
    """Carry out what was said, in its order, after all that was received before it.

    What is about an alert that is over, unknown or without an incident is passed over: there is nobody to tell.
    Returned are the alerts that are to be looked at anew, as events with their times.
    """
    anew: list[tuple[AlertEvent, datetime]] = []
    for one in said:
        match one:
            case Acknowledged(fingerprint):
                await _about(desk, unit, source, fingerprint, Acknowledge())
            case Noted(fingerprint, text, by):
                await _about(desk, unit, source, fingerprint, AddNote(f"{by}: {text}" if by else text))
            case Reworded(fingerprint, title, summary):
                await unit.alerts.reword(source, fingerprint, title=title, summary=summary)
            case Changed():
                await _change(desk, unit, source, one, received_at)
            case Ended():
                anew += await bring_up(desk, unit, source, one)
            case _:
                assert_never(one)
    return anew


async def _about(desk: Desk, unit: Unit, source: str, fingerprint: str, action: Action) -> None:
    alert = (await unit.alerts.live(source, {fingerprint})).get(fingerprint)
    if alert is not None and alert.incident is not None:
        await _tell(desk, unit, source, alert.incident, action)


async def _tell(desk: Desk, unit: Unit, source: str, incident_id: str, action: Action) -> None:
    incident = await reload(unit, incident_id)
    if incident is None:
        return
    try:
        await act(desk, unit, incident, action, Actor(part=f"source:{source}"))
    except Refusal as refusal:
        log.info("saying_refused", source=source, action=type(action).__name__, reason=refusal.key)


async def _change(desk: Desk, unit: Unit, source: str, change: Changed, received_at: datetime) -> None:
    service = destination(desk.organisation(), change.labels).service
    name = service.name if service is not None else None
    changed_at = change.changed_at or received_at
    await unit.changes.add(
        ServiceChange(
            new_id(received_at), source, name, change.summary, changed_at, received_at, change.url, change.labels
        )
    )
    if name is not None:
        action = RecordChange(change.summary, change.url, changed_at)
        for incident_id in await unit.changes.concerned(name, limit=MOST_CONCERNED):
            await _tell(desk, unit, source, incident_id, action)
