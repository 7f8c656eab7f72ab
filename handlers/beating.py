"""Heartbeats: a beat is written down, one that was missed becomes an alert, and the next beat ends it.

What is missed goes the way of every alert: a report is put into the inbox in the transaction that notes the miss. So
it is told once whatever is killed when, and with any number of replicas.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import orjson
import structlog

from bot.domain.heartbeat import Heartbeat, missed_from
from bot.domain.organisation import Organisation
from bot.ports.heartbeats import Heart
from bot.ports.records import NewDelivery
from bot.ports.store import Conflict, Unit, Urgency
from handlers.desk import Desk

log = structlog.get_logger(__name__)

SOURCE: Final = "heartbeat"
"""The name and the kind of the source that missed heartbeats are reported by."""

PULSE_SECONDS: Final = 5.0
TRIES: Final = 5
GAP: Final = timedelta(seconds=20)
"""After so long without a pulse Tocsin counts as having been down: nobody could be heard."""

REPORTED_EVERY: Final = timedelta(hours=1)
"""How often a miss that lasts is reported anew, lest its alert is taken for gone."""


async def beat(desk: Desk, unit: Unit, heartbeat: Heartbeat) -> datetime:
    """Write a beat down, and end the alert that its absence was; returns when the next one is due."""
    now = desk.now()
    known = await unit.heartbeats.watch(heartbeat.name, now)
    heart = replace(known, beat_at=now, missed_at=None)
    due_at = missed_from(heartbeat, watched_since=heart.watched_since, beat_at=now, up_since=now)
    await unit.heartbeats.save(heart, due_at)
    if known.missed_at is not None:
        await _report(desk, unit, heartbeat.name, heartbeat, known, is_missed=False)
    return due_at


async def look(desk: Desk, unit: Unit, name: str) -> None:
    """See whether a heartbeat is missed by now; if not, wait for it until when it will be."""
    now, heartbeat = desk.now(), desk.organisation().heartbeat(name)
    heart = await unit.heartbeats.get(name)
    if heartbeat is None or heart is None:
        return
    # Asked here, not remembered: this may be the first thing that is done after a downtime.
    up_since = await unit.heartbeats.pulse(now, GAP)
    due_at = missed_from(heartbeat, watched_since=heart.watched_since, beat_at=heart.beat_at, up_since=up_since)
    if heart.missed_at is None and due_at > now:
        await unit.heartbeats.save(heart, due_at)
        return
    await _report(desk, unit, name, heartbeat, heart, is_missed=True)
    again = min(REPORTED_EVERY, desk.organisation().rules.alert_expiry / 2)
    await unit.heartbeats.save(replace(heart, missed_at=heart.missed_at or now), now + again)
    log.info("heartbeat_missed", heartbeat=name, beat_at=heart.beat_at.isoformat() if heart.beat_at else None)


class Watch:
    """Says that Tocsin is up, and keeps what is watched the same as what is configured."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._version: str | None = None

    async def pulse(self) -> None:
        """Do so once; without heartbeats there is nothing to do but to forget those that were."""
        org = self._desk.organisation()
        if not org.heartbeats and self._version == org.version:
            return
        for _ in range(TRIES):
            with suppress(Conflict):
                await self._once(org)
                return
        log.warning("pulse_contended")

    async def _once(self, org: Organisation) -> None:
        async with self._desk.store.write(self._desk.tenant, Urgency.COMMAND) as unit:
            up_since = await unit.heartbeats.pulse(self._desk.now(), GAP)
            if self._version != org.version:
                await self._take_over(unit, up_since)
        self._version = org.version

    async def _take_over(self, unit: Unit, up_since: datetime) -> None:
        """Set every timer by the configuration, which also heals one that was lost."""
        now, org = self._desk.now(), self._desk.organisation()
        for heartbeat in org.heartbeats:
            heart = await unit.heartbeats.watch(heartbeat.name, now)
            due_at = missed_from(heartbeat, watched_since=heart.watched_since, beat_at=heart.beat_at, up_since=up_since)
            await unit.heartbeats.save(heart, now if heart.missed_at is not None else due_at)
        configured = {heartbeat.name for heartbeat in org.heartbeats}
        for heart in await unit.heartbeats.all():
            if heart.name in configured:
                continue
            if heart.missed_at is not None:
                await _report(self._desk, unit, heart.name, None, heart, is_missed=False)
            await unit.heartbeats.forget(heart.name)


async def _report(
    desk: Desk, unit: Unit, name: str, heartbeat: Heartbeat | None, heart: Heart, *, is_missed: bool
) -> None:
    now = desk.now()
    report = {
        "name": name,
        "is_missed": is_missed,
        "beat_at": heart.beat_at.isoformat() if heart.beat_at is not None else None,
        "service": heartbeat.service if heartbeat is not None else None,
        "severity": heartbeat.severity.name.lower() if heartbeat is not None else None,
    }
    await unit.deliveries.add(NewDelivery(desk.tenant, SOURCE, SOURCE, orjson.dumps(report), now))
