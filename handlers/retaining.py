"""Clears out what has been kept long enough, a little at a time, beside everything else."""

import asyncio
from dataclasses import dataclass
from time import monotonic

import structlog

from bot.domain.retention import Shelf, Standing, outlived, portions
from bot.ports.store import Conflict
from handlers.desk import Desk

log = structlog.get_logger(__name__)

LOOKED_AT_ONCE = 500
ROWS_AT_ONCE = 50
BYTES_AT_ONCE = 1_000_000
"""A delete of so much takes the writer some 3 ms."""

DONE = frozenset({Standing.DONE})
ALL_BUT_OPEN = frozenset({Standing.DONE, Standing.SET_ASIDE})


@dataclass(slots=True)
class Cleared:
    """What one walk along a shelf removed."""

    rows: int = 0
    size_bytes: int = 0


class Retaining:
    """Deletes by the rules in force, oldest first. Between two deletes it leaves others twice the time that one took."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._memory = desk.store.retention(desk.tenant)

    async def clear(self) -> None:
        """Clear every shelf once, then give back to the disk what became free.

        Where deliveries take too much room, those that were processed go first, oldest first, and only then those that
        were set aside: a full disk would keep out the alerts of tonight.
        """
        try:
            await self._deliveries()
            for shelf in (Shelf.EFFECTS, Shelf.LINES, Shelf.UPDATES, Shelf.CHANGES):
                await self._walk(shelf)
            await self._give_back()
        except (Conflict, OSError) as error:
            # The database is away, or others are in the way: the next time will do.
            log.warning("clearing_put_off", error=type(error).__name__)

    async def weigh(self) -> None:
        """Measure what is kept, for whoever watches it before it is cleared for the first time."""
        self._desk.metrics.deliveries_kept.set(await self._memory.weight())

    async def _deliveries(self) -> None:
        limit = self._desk.organisation().retention.deliveries_size_bytes
        weight = await self._memory.weight()
        cleared = await self._walk(Shelf.DELIVERIES, excess_bytes=weight - limit)
        weight -= cleared.size_bytes
        if weight > limit:
            cleared = await self._walk(Shelf.DELIVERIES, excess_bytes=weight - limit, gives_way=ALL_BUT_OPEN)
            weight -= cleared.size_bytes
            log.warning("set_aside_deliveries_dropped", count=cleared.rows, limit_bytes=limit)
        self._desk.metrics.deliveries_kept.set(weight)

    async def _give_back(self) -> None:
        total, began_at = 0, monotonic()
        while freed := await self._memory.give_back():
            total += freed
            await asyncio.sleep(2 * (monotonic() - began_at))
            began_at = monotonic()
        if total:
            log.info("room_given_back", size_bytes=total)

    async def _walk(self, shelf: Shelf, *, excess_bytes: int = 0, gives_way: frozenset[Standing] = DONE) -> Cleared:
        """Go along a shelf from its oldest row until nothing of what is seen is old enough or in excess."""
        now, ages = self._desk.now(), self._desk.organisation().retention.ages(shelf)
        youngest = now - min(ages.values())
        cleared, after = Cleared(), None
        while kept := await self._memory.oldest(shelf, after, limit=LOOKED_AT_ONCE):
            left = excess_bytes - cleared.size_bytes
            if left <= 0 and all(one.at > youngest for one in kept):
                break
            after = kept[-1].key
            going = outlived(kept, ages, now, excess_bytes=left, gives_way=gives_way)
            for portion in portions(going, rows=ROWS_AT_ONCE, size_bytes=BYTES_AT_ONCE):
                began_at = monotonic()
                cleared.rows += await self._memory.drop(shelf, [one.key for one in portion])
                cleared.size_bytes += sum(one.size_bytes for one in portion)
                await asyncio.sleep(2 * (monotonic() - began_at))
        if cleared.rows:
            self._desk.metrics.cleared.labels(shelf.value).inc(cleared.rows)
            log.info("cleared_out", shelf=shelf.value, rows=cleared.rows)
        return cleared
