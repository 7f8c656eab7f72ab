"""How alerts come and go, in the database: rows of those that ended lately, and of those that flap."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import RowMapping, delete, select

from bot.domain.flapping import Swing
from storage.tables import SwingRow
from storage.tables.base import storable, to_microseconds
from storage.work import Work

_SWINGS = SwingRow.__table__

# One statement with many values: `executemany` takes the interpreter's lock anew for every row.
_SAVE: Final = """
INSERT INTO swings (tenant, source, fingerprint, times, is_firing, is_flapping, steady_at)
SELECT ?, ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?) WHERE true
ON CONFLICT (tenant, source, fingerprint) DO UPDATE SET times = excluded.times, is_firing = excluded.is_firing,
    is_flapping = excluded.is_flapping, steady_at = excluded.steady_at
"""


class SqlSwings:
    """See `bot.ports.swings.Swings`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def of(self, source: str, fingerprints: Collection[str]) -> dict[str, Swing]:
        if not fingerprints:
            return {}
        asked = {storable(fingerprint): fingerprint for fingerprint in fingerprints}
        statement = select(_SWINGS).where(
            self._work.mine(_SWINGS), _SWINGS.c.source == source, self._work.among(_SWINGS.c.fingerprint, asked)
        )
        return {asked[row["fingerprint"]]: _swing(row) for row in await self._work.rows(statement)}

    async def save(self, source: str, swings: Mapping[str, Swing]) -> None:
        if not swings:
            return
        if self._work.is_sqlite:
            given = (self._work.tenant, source, orjson.dumps([_told(*each) for each in swings.items()]).decode())
            await self._work.connection.exec_driver_sql(_SAVE, given)
            return
        rows = [
            {
                "source": source,
                "fingerprint": fingerprint,
                "times": _written(swing),
                "is_firing": swing.is_firing,
                "is_flapping": swing.is_flapping,
                "steady_at": swing.steady_at,
            }
            for fingerprint, swing in swings.items()
        ]
        await self._work.put_over(_SWINGS, ["source", "fingerprint"], rows)

    async def forget(self, source: str, fingerprints: Collection[str]) -> None:
        asked = [storable(fingerprint) for fingerprint in fingerprints]
        here = (self._work.mine(_SWINGS), _SWINGS.c.source == source)
        await self._work.change(delete(_SWINGS).where(*here, self._work.among(_SWINGS.c.fingerprint, asked)))

    async def steady_sources(self, now: datetime) -> Sequence[str]:
        statement = select(_SWINGS.c.source).distinct().where(self._work.mine(_SWINGS), _SWINGS.c.steady_at <= now)
        return sorted((await self._work.connection.execute(statement)).scalars())

    async def steady(self, source: str, now: datetime, *, limit: int) -> dict[str, Swing]:
        statement = (
            select(_SWINGS)
            .where(self._work.mine(_SWINGS), _SWINGS.c.source == source, _SWINGS.c.steady_at <= now)
            .order_by(_SWINGS.c.steady_at)
            .limit(limit)
        )
        return {row["fingerprint"]: _swing(row) for row in await self._work.rows(statement)}


def _written(swing: Swing) -> list[str]:
    return [at.isoformat() for at in swing.times]


def _told(fingerprint: str, swing: Swing) -> tuple[str, str, int, int, int]:
    times = orjson.dumps(_written(swing)).decode()
    steady_at = to_microseconds(swing.steady_at)
    return (storable(fingerprint), times, int(swing.is_firing), int(swing.is_flapping), steady_at)


def _swing(row: RowMapping) -> Swing:
    times = tuple(datetime.fromisoformat(at) for at in row["times"])
    return Swing(times, row["is_firing"], row["is_flapping"], row["steady_at"])
