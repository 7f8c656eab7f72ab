"""Versions of the configuration in the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.ids import new_id
from storage.tables import ConfigurationRow
from storage.work import Work

_CONFIGURATIONS = ConfigurationRow.__table__


class SqlConfigurations:
    """See `bot.ports.store.Configurations`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def keep(self, digest: str, body: Mapping[str, Any], at: datetime) -> tuple[str, str | None]:
        # Of two replicas that load the same configuration together, the second finds the first's version.
        await self._work.alone()
        newest = await self._work.row(
            select(_CONFIGURATIONS.c.id, _CONFIGURATIONS.c.digest)
            .where(self._work.mine(_CONFIGURATIONS))
            .order_by(_CONFIGURATIONS.c.seq.desc())
            .limit(1)
        )
        before: str | None = newest["id"] if newest is not None else None
        if newest is not None and newest["digest"] == digest:
            return newest["id"], before
        version = new_id(at)
        await self._work.put(_CONFIGURATIONS, [{"id": version, "digest": digest, "body": body, "loaded_at": at}])
        return version, before
