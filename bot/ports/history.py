"""What looking back asks of the memory: which alerts and incidents there were, and who was called."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.access import Viewer
from bot.domain.noise import Call, Episode
from bot.domain.resemblance import Earlier
from bot.ports.records import Delivery


class History(Protocol):
    """Alerts, incidents and calls of a time, for reckoning; each read goes by an index, however much there is."""

    async def began(
        self, since: datetime, until: datetime, viewer: Viewer, *, after: str | None = None, limit: int
    ) -> Sequence[Episode]:
        """Return alerts first reported from `since` to before `until`, in that order, behind the one with id `after`.

        Those of incidents that the viewer may not see are left out.
        """
        ...

    async def firing(self, at: datetime, sources: Collection[str]) -> Sequence[Episode]:
        """Return the alerts of these sources that began before an instant and fired then, whoever may see them."""
        ...

    async def received(self, since: datetime, until: datetime, source: str | None) -> Sequence[int]:
        """Return the numbers of the deliveries received from `since` to before `until`, in order of receipt."""
        ...

    async def deliveries(self, seqs: Collection[int]) -> Sequence[Delivery]:
        """Return deliveries by number, with their bodies, in order of receipt."""
        ...

    async def calls(self, incidents: Collection[str]) -> Sequence[Call]:
        """Return who was called for these incidents; a call through several chats is one, answered if any was."""
        ...

    async def before(self, number: int, viewer: Viewer, *, limit: int) -> Sequence[Earlier]:
        """Return the incidents with lower numbers, the newest first; drills, tests and cancelled ones are left out."""
        ...
