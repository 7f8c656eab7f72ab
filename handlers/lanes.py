"""Lanes: claimed, worked on beside one another, given back; one whose work failed rests for a growing while."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.loops import Workers
from bot.ports.chat_updates import NotYet
from bot.ports.records import LaneKey, LaneKind, Lease
from bot.ports.store import LeaseLost, Leases
from bot.setbacks import Setbacks
from handlers.desk import Desk

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """Who we are among the replicas, and for how long we take a lane at a time."""

    owner: str
    ttl: timedelta = timedelta(seconds=15)

    async def renewed(self, leases: Leases, lease: Lease, now: datetime) -> Lease:
        """Return a lease, extended when a quarter of it is over. Raises `LeaseLost`."""
        if lease.expires_at - now > self.ttl * 3 / 4:
            return lease
        return await leases.renew(lease, now, self.ttl)


class Lanes:
    """The lanes of some kinds, as one loop works on them: `work` is called with the lease of each that has work.

    - What `work` raises stops that lane and no other. It is put off (see `Setbacks`) and then goes on at its head;
      after `NotYet` when that says so.
    - A lane whose work was not ended, by a failure or because Tocsin stops, is given back in doubt: for whoever has it
      next it is a takeover, since what stands at its head may have been done.
    """

    def __init__(
        self,
        loop: str,
        desk: Desk,
        kinds: tuple[LaneKind, ...],
        work: Callable[[Lease], Awaitable[None]],
        *,
        terms: LeaseTerms,
        wake: asyncio.Event,
        at_once: int,
    ) -> None:
        self._loop = loop
        self._desk = desk
        self._kinds = kinds
        self._work = work
        self._terms = terms
        self._wake = wake
        self._workers = Workers(loop, at_once)
        self._setbacks = Setbacks[LaneKey](loop, desk.metrics)

    async def step(self) -> bool:
        """Claim as many lanes as there is room for, and work on them beside this loop."""
        if not self._workers.free:
            return False
        now = self._desk.now()
        leases = await self._desk.store.leases.claim(
            self._kinds,
            self._terms.owner,
            now,
            self._terms.ttl,
            limit=self._workers.free,
            resting=self._setbacks.resting(now),
        )
        for lease in leases:
            self.start(lease)
        return False

    @property
    def free(self) -> int:
        """How many more lanes may be worked on now."""
        return self._workers.free

    def start(self, lease: Lease) -> None:
        """Work on a lane that was leased already."""
        self._workers.start(self._outlive(lease), self._wake.set)

    def wake_after(self, delay: timedelta) -> None:
        """Look for work again when what was put off is due, rather than at the next tick."""
        asyncio.get_running_loop().call_later(delay.total_seconds(), self._wake.set)

    async def renewed(self, lease: Lease) -> Lease:
        """Return the lease, extended when a quarter of it is over. Raises `LeaseLost`."""
        return await self._terms.renewed(self._desk.store.leases, lease, self._desk.now())

    async def stop(self, grace_seconds: float) -> None:
        """Finish what is in hand."""
        await self._workers.stop(grace_seconds)

    async def _outlive(self, lease: Lease) -> None:
        try:
            await self._work(lease)
        except LeaseLost:
            log.warning("lease_lost", loop=self._loop, kind=lease.kind.value, lane=lease.lane)
        except asyncio.CancelledError:
            await self._abandon(lease)
            raise
        except NotYet as wait:
            about = {"kind": lease.kind.value, "lane": lease.lane, "reason": str(wait)}
            self._setbacks.waits(lease.key, self._desk.now(), wait.delay, **about)
            self.wake_after(wait.delay)
            await self._abandon(lease)
        except Exception as error:  # noqa: BLE001 - the other lanes must go on, and this one after a pause
            self._setbacks.failed(lease.key, self._desk.now(), error, kind=lease.kind.value, lane=lease.lane)
            await self._abandon(lease)
        else:
            self._setbacks.well(lease.key)
            await self._desk.store.leases.release(lease)

    async def _abandon(self, lease: Lease) -> None:
        try:
            await self._desk.store.leases.abandon(lease)
        except OSError as error:
            # The database is away; the lease runs out by itself.
            log.warning("lane_not_given_back", kind=lease.kind.value, lane=lease.lane, error=str(error))
