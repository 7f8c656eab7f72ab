"""The alert journey after the inbox: deliveries become alerts, alerts become incidents, many in one commit."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from itertools import repeat
from time import monotonic

import structlog

from bot.domain.alert import AlertEvent
from bot.domain.effects import Announce
from bot.domain.message import Message
from bot.domain.said import Acknowledged
from bot.domain.timeline import Actor
from bot.ids import new_id
from bot.ports.records import Delivery, LaneKey, LaneKind, Lease, NewEffect
from bot.ports.sources import AlertSource, Parsed, Unreadable
from bot.ports.store import Conflict, LeaseLost, Unit, Urgency
from handlers.absorbing import Batch
from handlers.deciding import Ledger, act
from handlers.delivered import Read, activity, from_outside
from handlers.desk import Desk
from handlers.destinations import Destinations
from handlers.grouping import tell_groups
from handlers.hearing import hear
from handlers.hushing import hush_for, remember_hush
from handlers.lanes import Lanes, LeaseTerms
from handlers.portion import FEWEST
from handlers.turns import Turns

log = structlog.get_logger(__name__)

BYTES_AT_ONCE = 4_000_000
DELIVERIES_AT_ONCE = 128
TRIES = 3
"""A delivery that breaks Tocsin this often is set aside, so that those behind it go on."""

CONTENTIONS = 20
"""How often in a row others may be in a delivery's way, some ten minutes, before that counts as its own failure."""


class IntakeLoop:
    """Claims inbox lanes and works through their deliveries in order of receipt."""

    def __init__(
        self,
        desk: Desk,
        sources: Mapping[str, AlertSource],
        *,
        terms: LeaseTerms,
        wake: asyncio.Event,
    ) -> None:
        self._desk = desk
        self._sources = sources
        self._told: set[tuple[str, str]] = set()
        self._contended: dict[LaneKey, tuple[int, int]] = {}
        self._turns = Turns(desk.store)
        self._destinations = Destinations(desk.organisation())
        self.lanes = Lanes("intake", desk, (LaneKind.INBOX,), self._work, terms=terms, wake=wake, at_once=4)

    async def _work(self, lease: Lease) -> None:
        while await self._absorb_waiting(lease):
            pass  # what was written may have brought more to do

    async def _absorb_waiting(self, lease: Lease) -> bool:
        """Absorb what waits, in commits of a bearable size; returns whether there was anything.

        The next part is read while one is written.
        """
        taken: set[int] = set()
        async with aclosing(self._parts(lease, taken)) as parts:
            part = await anext(parts, None)
            was_any = part is not None
            while part is not None:
                ahead = asyncio.ensure_future(anext(parts, None))
                try:
                    lease = await self.lanes.renewed(lease)
                    async with self._turns.politely():
                        await self._absorb_in_order(lease, part)
                    taken.difference_update(read.delivery.seq for read in part)
                    part = await ahead
                finally:
                    ahead.cancel()
                    await asyncio.gather(ahead, return_exceptions=True)
        return was_any

    async def _parts(self, lease: Lease, taken: set[int]) -> AsyncGenerator[list[Read], None]:
        """Read what waits, in order of receipt, as much for each part as goes into one commit.

        What is read is `taken` until it is written. Another replica may store what stands in front of it meanwhile.
        """
        inbox = self._desk.store.inbox
        part: list[Read] = []
        events = 0
        while deliveries := await inbox.pending(
            lease, taken=taken, limit=DELIVERIES_AT_ONCE, limit_bytes=BYTES_AT_ONCE
        ):
            taken.update(delivery.seq for delivery in deliveries)
            for delivery in deliveries:
                read = self._read(delivery)
                size = len(read.parsed.events) if isinstance(read.parsed, Parsed) else 1
                if part and events + size > self._turns.events():
                    yield part
                    part, events = [], 0
                part.append(read)
                events += size
                await asyncio.sleep(0)  # reading takes time, too, and holds no writer: others go in between
        if part:
            yield part

    def _read(self, delivery: Delivery) -> Read:
        source = self._sources.get(delivery.kind)
        if source is None:
            return Read(delivery, Unreadable(f"no source of kind {delivery.kind!r} is installed", "unknown kind"))
        try:
            return Read(delivery, source.parse(delivery.body, delivery.received_at))
        except Unreadable as unreadable:
            return Read(delivery, unreadable)
        except Exception as error:  # noqa: BLE001 - a bug in one source must not stop the deliveries behind this one
            return Read(delivery, self._broken(delivery, error))

    def _broken(self, delivery: Delivery, error: Exception) -> Unreadable:
        """Return the failure of a source's `parse` as what is wrong with the delivery.

        The first of its kind is logged with its traceback: of a storm of them one is enough.
        """
        name = type(error).__name__
        is_new = (delivery.kind, name) not in self._told
        self._told.add((delivery.kind, name))
        log.error("parse_failed", kind=delivery.kind, delivery=delivery.id, error=name, exc_info=is_new and error)
        return Unreadable(f"Tocsin failed to read it: {name}", name)

    async def _absorb_in_order(self, lease: Lease, part: Sequence[Read]) -> None:
        """Absorb a part; when that fails, delivery by delivery, up to the one that can't be absorbed.

        That one stays the head of its lane, and what it failed of is raised: the reports behind it wait for it, since
        an alert is as its last report says. After its last try it is set aside.
        """
        try:
            await self._absorb(lease, part)
        except (LeaseLost, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - the deliveries behind one that breaks Tocsin must get their turn
            if len(part) == 1:
                await self._failed(lease, part[0], error)
                return
            for read in part:
                await self._absorb_in_order(lease, [read])

    async def _absorb(self, lease: Lease, part: Sequence[Read]) -> None:
        for _ in range(5):
            meanings: dict[str, int] = {}
            try:
                async with self._desk.store.write(lease.tenant, Urgency.PROCESSING, lease=lease) as unit:
                    began_at = monotonic()
                    events = await self._write(unit, lease, part, meanings)
                self._turns.took(events, monotonic() - began_at)
            except Conflict:
                continue
            self._count(part, meanings)
            return
        raise Conflict("an incident kept changing under the alerts that join it")

    def _count(self, part: Sequence[Read], meanings: Mapping[str, int]) -> None:
        for meaning, count in meanings.items():
            self._desk.metrics.alerts.labels(part[0].delivery.kind, meaning).inc(count)
        for read in part:
            is_new = read.delivery.error is None  # what a replay could not read either was counted then
            if is_new and (not isinstance(read.parsed, Parsed) or read.parsed.broken):
                self._desk.metrics.quarantined.labels(read.delivery.kind).inc()

    async def _write(self, unit: Unit, lease: Lease, part: Sequence[Read], meanings: dict[str, int]) -> int:
        """Write what the deliveries of a part mean; returns how many events they held."""
        now = self._desk.now()
        good: list[tuple[AlertEvent, datetime]] = []
        finished: list[int] = []
        events = 0
        for read in part:
            if isinstance(read.parsed, Parsed):
                received_at = read.delivery.received_at
                told = await self._not_overtaken(unit, read.delivery, read.parsed)
                if told.said:
                    await self._segments(unit, lease.lane, good, meanings)
                    events, good = events + len(good), []
                    good += await hear(self._desk, unit, lease.lane, told.said, received_at)
                good.extend(zip(told.events, repeat(received_at)))
            if isinstance(read.parsed, Parsed) and not read.parsed.broken:
                finished.append(read.delivery.seq)
            else:
                await self._quarantine(unit, read.delivery, read.parsed)
        await self._segments(unit, lease.lane, good, meanings)
        await unit.deliveries.finish(finished, now)
        if sent := from_outside(part):
            await unit.deliveries.note(activity(sent))
        return events + len(good)

    async def _not_overtaken(self, unit: Unit, delivery: Delivery, parsed: Parsed) -> Parsed:
        """Leave out of a replayed delivery what later reports have said better: order is order of receipt.

        An acknowledgement of old, too: the alert may have ended and begun again since, and somebody must be called.
        """
        if delivery.error is None:
            return parsed
        fingerprints = {event.fingerprint for event in parsed.events}
        fingerprints |= {one.fingerprint for one in parsed.said if isinstance(one, Acknowledged)}
        overtaken = await unit.alerts.reported_since(delivery.source, fingerprints, delivery.received_at)
        return Parsed(
            [event for event in parsed.events if event.fingerprint not in overtaken],
            parsed.broken,
            [one for one in parsed.said if not (isinstance(one, Acknowledged) and one.fingerprint in overtaken)],
        )

    async def _segments(
        self, unit: Unit, source: str, good: list[tuple[AlertEvent, datetime]], meanings: dict[str, int]
    ) -> None:
        begins, ahead = 0, len(good)
        while begins < len(good):
            ends = begins + await self._segment(unit, source, good[begins : begins + ahead], meanings)
            # What a segment looked at and could not take is read anew: where alerts come and go, look less far ahead.
            ahead = max(FEWEST, 2 * (ends - begins))
            begins = ends

    async def _segment(
        self, unit: Unit, source: str, good: Sequence[tuple[AlertEvent, datetime]], meanings: dict[str, int]
    ) -> int:
        """Absorb events, as many as can go together; write what they mean, and return how many they were."""
        events = [event for event, _ in good]
        live = await unit.alerts.live(source, {event.fingerprint for event in events})
        where = self._where()
        turning = where.turning(events, live)
        hush = await hush_for(unit, where, self._desk.now(), events, live)
        batch = Batch(source, where, live, await unit.swings.of(source, turning), hush)
        taken = 0
        while taken < len(good) and batch.add(*good[taken]):
            taken += 1
        ledger = Ledger()
        linked = await tell_groups(self._desk, unit, batch, ledger)
        await unit.alerts.add(batch.new_alerts(linked))
        await unit.alerts.absorbed(
            [alert._replace(incident=linked[fp]) if fp in linked else alert for fp, alert in batch.touched().items()]
        )
        await unit.swings.save(source, batch.swung)
        await remember_hush(unit, where.org, batch.began(), batch.hidden)
        await self._tell_incidents(unit, batch, ledger)
        await ledger.write(unit, self._desk.now())
        for meaning, count in batch.meanings.items():
            meanings[meaning] = meanings.get(meaning, 0) + count
        return taken

    def _where(self) -> Destinations:
        """Return where alerts go by the configuration now in force."""
        org = self._desk.organisation()
        if self._destinations.org is not org:
            self._destinations = Destinations(org)
        return self._destinations

    async def _tell_incidents(self, unit: Unit, batch: Batch, ledger: Ledger) -> None:
        actor = Actor(part=f"source:{batch.source}")
        if not batch.by_incident:
            return
        # A group's change may be about the same incident: what it left to be written is read here.
        await ledger.write(unit, self._desk.now())
        incidents = await unit.incidents.many(batch.by_incident.keys())
        for incident_id, change in batch.by_incident.items():
            incident = incidents.get(incident_id)
            if incident is not None:
                await act(self._desk, unit, incident, change.action(), actor, ledger=ledger)

    async def _quarantine(self, unit: Unit, delivery: Delivery, parsed: Parsed | Unreadable) -> None:
        if isinstance(parsed, Unreadable):
            error, shape = parsed.why, parsed.shape
        else:
            first = parsed.broken[0]
            error = f"{len(parsed.broken)} of its alerts could not be read; the first, {first.where}: {first.why}"
            shape = f"partly: {first.why}"
        now = self._desk.now()
        if await unit.deliveries.quarantine(delivery.seq, now, error, shape):
            message = Message("notice.quarantined", {"source": delivery.source, "error": error})
            told = new_id(now)  # not the delivery's: after a month, it is told anew
            effects = [
                NewEffect(f"quarantine:{told}:{chat}", LaneKind.ANNOUNCE, chat, chat, Announce(message), None)
                for chat in self._desk.chats
            ]
            await unit.outbox.add(effects, now)

    async def _failed(self, lease: Lease, read: Read, error: Exception) -> None:
        """Count a try, and set the delivery aside if it was the last; raises the error if not.

        A conflict is nobody's fault, and no try; but one that never ends is the delivery's after all.
        """
        delivery, name = read.delivery, type(error).__name__
        if isinstance(error, Conflict):
            head, times = self._contended.get(lease.key, (delivery.seq, 0))
            times = times + 1 if head == delivery.seq else 1
            self._contended[lease.key] = (delivery.seq, times)
            if times <= CONTENTIONS:
                raise error
        async with self._desk.store.write(lease.tenant, Urgency.PROCESSING, lease=lease) as unit:
            attempts = await unit.deliveries.attempted(delivery.seq)
            if attempts >= TRIES:
                why = Unreadable(f"Tocsin failed on it {attempts} times: {name}", name)
                await self._quarantine(unit, delivery, why)
                await unit.deliveries.note(activity([Read(delivery, why)]))
        log.error("delivery_failed", delivery=delivery.id, source=delivery.source, attempts=attempts, error=name)
        if attempts < TRIES:
            raise error
        self._desk.metrics.quarantined.labels(delivery.kind).inc()
