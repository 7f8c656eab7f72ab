"""Leases: who works on which lane, so that each has one worker, however many replicas there are."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select, tuple_, update

from bot.ports.records import LaneKey, LaneKind, Lease
from bot.ports.store import LeaseLost, Urgency
from storage.database import Database
from storage.lanes import FreeLane, free_lanes
from storage.tables import LeaseRow
from storage.work import Work

_LEASES = LeaseRow.__table__
_KEY = (_LEASES.c.tenant, _LEASES.c.kind, _LEASES.c.lane)
_TOPICS: Final = {LaneKind.INBOX: "inbox", LaneKind.UPDATE: "updates"}
"""What is rung for work in a lane that is none of effects."""

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[str, str, str]


class SqlLeases:
    """See `bot.ports.store.Leases`.

    A lane is looked for without a lock and then taken by its primary key: of two who saw it free one gets it, and the
    other waits for no more than that one statement. A lease that ran out is taken over only where nobody holds its
    row (SKIP LOCKED), so that a unit of work that is just committing under it keeps it and keeps nobody waiting.
    The leases of one claim share their token; it is compared together with the lane.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self,
        kinds: Sequence[LaneKind],
        owner: str,
        now: datetime,
        ttl: timedelta,
        *,
        limit: int,
        resting: Collection[LaneKey] = (),
    ) -> Sequence[Lease]:
        async with self._database.read("") as work:
            lanes = await free_lanes(work, kinds, now, limit=limit, resting=resting)
        if not lanes:
            return []
        token, expires_at = secrets.token_hex(16), now + ttl
        lease = {"owner": owner, "token": token, "expires_at": expires_at}
        async with self._database.write("", Urgency.of_lanes(kinds)) as work:
            taken = await _take_free(work, [_key(lane) for lane in lanes if not lane.was_leased], lease)
            taken |= await _take_over(work, [_key(lane) for lane in lanes if lane.was_leased], lease, now)
        return [
            Lease(lane.tenant, lane.kind, lane.lane, token, expires_at, is_takeover=lane.was_leased)
            for lane in lanes
            if _key(lane) in taken
        ]

    async def take(self, lane: LaneKey, owner: str, now: datetime, ttl: timedelta) -> Lease | None:
        tenant, kind, name = lane
        key = (tenant, kind.value, name)
        token, expires_at = secrets.token_hex(16), now + ttl
        lease = {"owner": owner, "token": token, "expires_at": expires_at}
        async with self._database.write("", Urgency.PROCESSING) as work:
            is_free = bool(await _take_free(work, [key], lease))
            if not is_free and not await _take_over(work, [key], lease, now):
                return None
        return Lease(tenant, kind, name, token, expires_at, is_takeover=not is_free)

    async def renew(self, lease: Lease, now: datetime, ttl: timedelta) -> Lease:
        expires_at = now + ttl
        # At once: a lease that ran out while its renewal stood in line would have been asked for in vain.
        async with self._database.write(lease.tenant, Urgency.COMMAND) as work:
            statement = update(_LEASES).where(*_held(lease)).values(expires_at=expires_at)
            if await work.change(statement) == 0:
                raise LeaseLost(f"the lane {lease.kind.value}:{lease.lane} was taken over by another worker")
        return Lease(lease.tenant, lease.kind, lease.lane, lease.token, expires_at)

    async def release(self, lease: Lease) -> None:
        async with self._database.write(lease.tenant, Urgency.of_lanes([lease.kind])) as work:
            await work.change(delete(_LEASES).where(*_held(lease)))
            # What came into the lane while it was held was announced to loops that could not have it.
            work.touched.add(_TOPICS.get(lease.kind, "effects"))

    async def abandon(self, lease: Lease) -> None:
        async with self._database.write(lease.tenant, Urgency.of_lanes([lease.kind])) as work:
            # Kept but for its time, as in `expire_all`.
            await work.change(update(_LEASES).where(*_held(lease)).values(expires_at=_LONG_AGO))
            work.touched.add(_TOPICS.get(lease.kind, "effects"))

    async def expire_all(self) -> None:
        async with self._database.write("", Urgency.COMMAND) as work:
            # Kept but for their time, so that the next claims are takeovers.
            await work.change(update(_LEASES).values(expires_at=_LONG_AGO))
            work.touched.update((*_TOPICS.values(), "effects"))


async def lease_free(
    work: Work, lanes: Sequence[LaneKey], owner: str, now: datetime, ttl: timedelta
) -> Sequence[Lease]:
    """Lease, with the commit of a work, those of some lanes that nobody holds or held to the last."""
    token, expires_at = secrets.token_hex(16), now + ttl
    lease = {"owner": owner, "token": token, "expires_at": expires_at}
    taken = await _take_free(work, [(tenant, kind.value, lane) for tenant, kind, lane in lanes], lease)
    return [
        Lease(tenant, kind, lane, token, expires_at)
        for tenant, kind, lane in lanes
        if (tenant, kind.value, lane) in taken
    ]


def _key(lane: FreeLane) -> Key:
    return lane.tenant, lane.kind.value, lane.lane


async def _take_free(work: Work, keys: Sequence[Key], lease: Mapping[str, Any]) -> set[Key]:
    if not keys:
        return set()
    # In order, so that two who want the same lanes wait for one another in one direction only.
    rows = [{"tenant": tenant, "kind": kind, "lane": lane, **lease} for tenant, kind, lane in sorted(keys)]
    statement = work.insert(_LEASES).values(rows).on_conflict_do_nothing().returning(*_KEY)
    return {(row["tenant"], row["kind"], row["lane"]) for row in await work.rows(statement)}


async def _take_over(work: Work, keys: Sequence[Key], lease: Mapping[str, Any], now: datetime) -> set[Key]:
    if not keys:
        return set()
    expired = (
        select(*_KEY)
        .where(tuple_(*_KEY).in_(keys), _LEASES.c.expires_at <= now)
        .with_for_update(skip_locked=True)  # SQLite, which has one writer, needs no lock and is told of none
    )
    statement = update(_LEASES).where(tuple_(*_KEY).in_(expired)).values(**lease).returning(*_KEY)
    return {(row["tenant"], row["kind"], row["lane"]) for row in await work.rows(statement)}


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (
        _LEASES.c.tenant == lease.tenant,
        _LEASES.c.kind == lease.kind.value,
        _LEASES.c.lane == lease.lane,
        _LEASES.c.token == lease.token,
    )
