"""The sweeper: every open incident must have something ahead of it, and alerts that nobody reports any more end."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from bot.domain.actions import AlertsChanged, Sweep
from bot.domain.alert import LiveAlert, expire
from bot.domain.incident import Incident
from bot.domain.timeline import Actor
from bot.ports.records import LaneKind, Lease
from bot.ports.store import Conflict, LeaseLost, Urgency
from bot.setbacks import Setbacks
from handlers.deciding import act, reload
from handlers.desk import Desk
from handlers.lanes import LeaseTerms
from handlers.steadying import steady
from handlers.waking import wake

log = structlog.get_logger(__name__)

SWEEPER = Actor(part="sweeper")
AT_ONCE = 200
TRIES = 5


class Sweeper:
    """Heals what should not happen: a lost timer, an open incident without a next step, an alert without a source.

    Each thing is looked at by itself: one that fails is told in the log and waits, and the rest go on.
    """

    def __init__(self, desk: Desk, terms: LeaseTerms) -> None:
        self._desk = desk
        self._terms = terms
        self._setbacks = Setbacks[str]("sweeper", desk.metrics)

    async def sweep(self) -> None:
        """Look at every open incident and every live alert once; what others change meanwhile waits for the next.

        What chats need not remember any more is forgotten then, too.
        """
        await self._by_itself("incidents", self._incidents)
        await self._by_itself("alerts", self._alerts)
        await self._by_itself("flapping", self._steady)
        await self._by_itself("held alerts", self._wake)
        await self._by_itself("memory", self._forget)

    async def _by_itself(self, what: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Do something that may fail; returns whether it was done."""
        if what in self._setbacks.resting(self._desk.now()):
            return False
        try:
            await work()
        except (OSError, LeaseLost):
            raise  # the database or the lane is away, for all of it
        except Exception as error:  # noqa: BLE001 - the rest of the sweep must go on
            self._setbacks.failed(what, self._desk.now(), error, subject=what)
            return False
        self._setbacks.well(what)
        return True

    async def _steady(self) -> None:
        await steady(self._desk, self._terms)

    async def _wake(self) -> None:
        await wake(self._desk, self._terms)

    async def _forget(self) -> None:
        await self._desk.store.forget_expired(self._desk.now())

    async def _incidents(self) -> None:
        async with self._desk.store.read(self._desk.tenant) as unit:
            ids = await unit.incidents.open_ids()
        for at in range(0, len(ids), AT_ONCE):
            some = ids[at : at + AT_ONCE]
            try:
                await self._look(some)
            except OSError:
                raise
            except Exception:  # noqa: BLE001 - one of them can't be read; it must not hide the others
                for one in some:
                    await self._by_itself(f"incident {one}", partial(self._look, [one]))

    async def _look(self, ids: Sequence[str]) -> None:
        async with self._desk.store.read(self._desk.tenant) as unit:
            incidents = await unit.incidents.many(ids)
            timers = await unit.timers.of_many(ids)
        for incident in incidents.values():
            if incident.is_open and (not incident.timers() or timers.get(incident.id, {}) != incident.timers()):
                await self._by_itself(f"incident {incident.id}", partial(self._heal, incident))

    async def _heal(self, incident: Incident) -> None:
        try:
            async with self._desk.store.write(self._desk.tenant, Urgency.PROCESSING) as unit:
                found = await reload(unit, incident.id)
                if found is not None:
                    decision = await act(self._desk, unit, found, Sweep(), SWEEPER)
                    await unit.timers.set_for(incident.id, decision.incident.timers())
                    log.warning("incident_healed", incident=incident.ref)
        except Conflict:
            return  # somebody is at it; the next sweep looks again

    async def _alerts(self) -> None:
        before = self._desk.now() - self._desk.organisation().rules.alert_expiry
        async with self._desk.store.read(self._desk.tenant) as unit:
            sources = await unit.alerts.stale_sources(before)
        for source in sources:
            await self._by_itself(f"alerts of {source}", partial(self._expire, source, before))

    async def _expire(self, source: str, before: datetime) -> None:
        """End what a source reports no more, under the lease of its inbox: nobody else writes its alerts meanwhile.

        While its deliveries are being worked on, or wait, nothing ends: the report that is missed may be among them.
        """
        leases, inbox = self._desk.store.leases, self._desk.store.inbox
        lane = (self._desk.tenant, LaneKind.INBOX, source)
        lease = await leases.take(lane, self._terms.owner, self._desk.now(), self._terms.ttl)
        if lease is None:
            return
        try:
            if not await inbox.pending(lease, limit=1, limit_bytes=1):
                await self._expire_all(lease, before)
        except LeaseLost:
            log.warning("lease_lost", loop="sweeper", kind=lease.kind.value, lane=lease.lane)
        finally:
            await leases.release(lease)

    async def _expire_all(self, lease: Lease, before: datetime) -> None:
        left: set[str] = set()
        limit = AT_ONCE
        while True:
            async with self._desk.store.read(lease.tenant) as unit:
                stale = await unit.alerts.stale(lease.lane, before, limit=limit)
            if stale.keys() <= left and sum(len(alerts) for alerts in stale.values()) < limit:
                return
            for incident in stale.keys() - left:
                lease = await self._terms.renewed(self._desk.store.leases, lease, self._desk.now())
                work = partial(self._end, lease, incident, stale[incident])
                if not await self._by_itself(f"alerts of incident {incident}", work):
                    left.add(incident)
            # What can't be ended stands in front of what can.
            limit = AT_ONCE + sum(len(alerts) for incident, alerts in stale.items() if incident in left)

    async def _end(self, lease: Lease, incident_id: str, alerts: Sequence[LiveAlert]) -> None:
        """End alerts of one incident and tell it, in one commit."""
        now = self._desk.now()
        for _ in range(TRIES):
            try:
                async with self._desk.store.write(lease.tenant, Urgency.PROCESSING, lease=lease) as unit:
                    await unit.alerts.absorbed([expire(alert, now) for alert in alerts])
                    incident = await reload(unit, incident_id) if incident_id else None
                    if incident is not None:
                        await act(self._desk, unit, incident, AlertsChanged(expired=len(alerts)), SWEEPER)
            except Conflict:
                continue
            log.info("alerts_expired", count=len(alerts))
            return
        raise Conflict("the incident kept changing under the alerts that end")
