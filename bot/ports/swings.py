"""What Tocsin asks of its memory about alerts that come and go."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.flapping import Swing


class Swings(Protocol):
    """How alerts of a source swing, by fingerprint; written under the lease of the source's inbox only."""

    async def of(self, source: str, fingerprints: Collection[str]) -> dict[str, Swing]:
        """Return what is remembered of these alerts."""
        ...

    async def save(self, source: str, swings: Mapping[str, Swing]) -> None:
        """Remember how these alerts swing; none is fine."""
        ...

    async def forget(self, source: str, fingerprints: Collection[str]) -> None:
        """Remember nothing of these alerts any more."""
        ...

    async def steady_sources(self, now: datetime) -> Sequence[str]:
        """Return the sources of which an alert is steady by now."""
        ...

    async def steady(self, source: str, now: datetime, *, limit: int) -> dict[str, Swing]:
        """Return alerts of a source that are steady by now, the longest first."""
        ...
