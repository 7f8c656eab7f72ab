"""What Tocsin asks of its memory about changes that sources told of."""

from collections.abc import Collection
from typing import Protocol

from bot.ports.records import ServiceChange, Window


class Changes(Protocol):
    """Changes that sources told of."""

    async def add(self, change: ServiceChange) -> None:
        """Store one."""
        ...

    async def concerned(self, service: str, *, limit: int) -> Collection[str]:
        """Return the ids of a service's open incidents, the newest first."""
        ...

    async def window(
        self, *, service: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Window[ServiceChange]:
        """Return changes, of one service or of all, newest first."""
        ...
