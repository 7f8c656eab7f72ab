"""Alerts that flapped and are steady now: those that are over end, the others simply fire; their incidents hear of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.domain.actions import AlertsChanged
from bot.domain.alert import AlertState, LiveAlert
from bot.domain.flapping import FLAPPING, Swing
from bot.domain.timeline import Actor
from bot.ports.records import Lease
from bot.ports.store import Unit, Urgency
from handlers.deciding import act, reload
from handlers.desk import Desk
from handlers.lanes import LeaseTerms
from handlers.quiet_sources import while_quiet

AT_ONCE: Final = 200
STEADIER: Final = Actor(part="sweeper")


async def steady(desk: Desk, terms: LeaseTerms) -> None:
    """Look at every source once, while nothing waits in its inbox."""
    async with desk.store.read(desk.tenant) as unit:
        sources = await unit.swings.steady_sources(desk.now())
    await while_quiet(desk, terms, sources, _some, "steadying_put_off")


async def _some(desk: Desk, lease: Lease) -> bool:
    """Settle some alerts of a source in one commit; returns whether there may be more."""
    now, source = desk.now(), lease.lane
    async with desk.store.write(lease.tenant, Urgency.PROCESSING, lease=lease) as unit:
        swings = await unit.swings.steady(source, now, limit=AT_ONCE)
        if swings:
            await _settle(desk, unit, source, swings)
            await unit.swings.forget(source, swings.keys())
    return len(swings) == AT_ONCE


async def _settle(desk: Desk, unit: Unit, source: str, swings: Mapping[str, Swing]) -> None:
    flapped = [fingerprint for fingerprint, swing in swings.items() if swing.is_flapping]
    live = await unit.alerts.live(source, flapped)
    held = {fingerprint: alert for fingerprint, alert in live.items() if alert.reason == FLAPPING}
    settled = {fingerprint: _after(alert, swings[fingerprint], desk.now()) for fingerprint, alert in held.items()}
    await unit.alerts.absorbed(list(settled.values()))
    by_incident: dict[str, list[LiveAlert]] = {}
    for alert in settled.values():
        by_incident.setdefault(alert.incident or "", []).append(alert)
    for incident_id, alerts in by_incident.items():
        incident = await reload(unit, incident_id) if incident_id else None
        if incident is not None:
            over = sum(alert.state is AlertState.RESOLVED for alert in alerts)
            titles = [await _title(unit, alert) for alert in alerts]
            await act(desk, unit, incident, AlertsChanged(resolved=over, steady=tuple(titles)), STEADIER)


def _after(alert: LiveAlert, swing: Swing, now: datetime) -> LiveAlert:
    if swing.is_firing:
        return alert._replace(reason=None)
    return alert._replace(state=AlertState.RESOLVED, resolved_at=now, reason=None)


async def _title(unit: Unit, alert: LiveAlert) -> str:
    found = await unit.alerts.get(alert.id)
    return found.title if found is not None else ""
