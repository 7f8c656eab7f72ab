"""What is refused at the doors of sources, for whoever wonders why nothing comes: a wrong key is a new source's first fault."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.ports.records import SourceRefusals
from bot.ports.store import Urgency
from handlers.desk import Desk

WRITE_SECONDS: Final = 5.0


@dataclass(slots=True)
class Refusals:
    """Counted in memory and written now and then: a flood of wrong keys must not become a flood of commits.

    What a process counted in its last seconds is lost if it is killed.
    """

    _counted: dict[str, SourceRefusals] = field(default_factory=dict)

    def count(self, source: str, why: str, at: datetime) -> None:
        """Count one. `source` is one that is there, so that strangers can't fill the memory with names."""
        self._add(SourceRefusals(source, at, 1, why))

    def counted(self) -> Mapping[str, SourceRefusals]:
        """Return what was counted since it was last written down, by source."""
        return dict(self._counted)

    async def write(self, desk: Desk) -> None:
        """Write down what was counted since the last time; it is kept when that fails."""
        counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            async with desk.store.write(desk.tenant, Urgency.PROCESSING) as unit:
                # In one order everywhere, lest two replicas wait for each other.
                for name in sorted(counted):
                    await unit.deliveries.note_refused(counted[name])
        except BaseException:
            for one in counted.values():
                self._add(one)
            raise

    def _add(self, more: SourceRefusals) -> None:
        known = self._counted.get(more.source, more)
        last = max(more, known, key=lambda one: one.last_at)
        before = known.count if known is not more else 0
        self._counted[more.source] = replace(last, count=before + more.count)
