"""The sweeper: every open incident must have something ahead of it, and alerts that nobody reports any more end."""

import structlog

from bot.domain.access import SYSTEM
from bot.domain.actions import AlertsChanged, Sweep
from bot.domain.alert import expire
from bot.domain.incident import OPEN_STATUSES
from bot.domain.timeline import Actor
from bot.ports.store import Conflict, Urgency
from handlers.deciding import act, reload
from handlers.desk import Desk

log = structlog.get_logger(__name__)

SWEEPER = Actor(part="sweeper")
AT_ONCE = 200


class Sweeper:
    """Heals what should not happen: a lost timer, an open incident without a next step, an alert without a source."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def sweep(self) -> None:
        """Look at every open incident and every live alert once; what others change meanwhile waits for the next.

        What chats need not remember any more is forgotten then, too.
        """
        await self._incidents()
        await self._alerts()
        await self._desk.store.forget_expired(self._desk.now())

    async def _incidents(self) -> None:
        cursor: str | None = None
        while True:
            async with self._desk.store.read(self._desk.tenant) as unit:
                window = await unit.incidents.window(OPEN_STATUSES, SYSTEM, cursor=cursor, limit=AT_ONCE)
                timers = await unit.timers.of_many([incident.id for incident in window.items])
            for incident in window.items:
                if not incident.timers() or timers.get(incident.id, {}) != incident.timers():
                    await self._heal(incident.id)
            cursor = window.next_cursor
            if cursor is None:
                return

    async def _heal(self, incident_id: str) -> None:
        try:
            async with self._desk.store.write(self._desk.tenant, Urgency.PROCESSING) as unit:
                incident = await reload(unit, incident_id)
                if incident is not None:
                    decision = await act(self._desk, unit, incident, Sweep(), SWEEPER)
                    await unit.timers.set_for(incident_id, decision.incident.timers())
                    log.warning("incident_healed", incident=incident.ref)
        except Conflict:
            return

    async def _alerts(self) -> None:
        now = self._desk.now()
        before = now - self._desk.organisation().rules.alert_expiry
        while True:
            async with self._desk.store.write(self._desk.tenant, Urgency.PROCESSING) as unit:
                stale = await unit.alerts.stale(before, limit=AT_ONCE)
                if not stale:
                    return
                for incident_id, alerts in stale.items():
                    await unit.alerts.absorbed([expire(alert, now) for alert in alerts])
                    incident = await reload(unit, incident_id) if incident_id else None
                    if incident is not None:
                        await act(self._desk, unit, incident, AlertsChanged(expired=len(alerts)), SWEEPER)
            log.info("alerts_expired", count=sum(len(alerts) for alerts in stale.values()))
