"""What a chat keeps of its platform's news until it is handled, and how it says that one has to wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from bot.ports.chat import ChatInbox


@dataclass(frozen=True, slots=True)
class Update:
    """Something that a chat reported, as it came. Updates of one `lane` are handled in order, one at a time.

    `key` is unique in its chat: what a platform delivers twice is stored once. `attempts` counts tries before this one.
    """

    chat: str
    lane: str
    key: str
    body: Mapping[str, Any]
    received_at: datetime
    attempts: int = 0


class TakesUpdates(Protocol):
    """Where a chat hands in what its platform reports."""

    async def take(self, updates: Sequence[Update]) -> None:
        """Return when updates are on disk; those whose key is known are left out. They are handled from then on."""
        ...


class NotYet(Exception):
    """The platform takes no more for a while, and nothing is wrong: what was to be shown comes after `delay`."""

    def __init__(self, delay: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.delay = delay


@runtime_checkable
class HandlesUpdates(Protocol):
    """A chat whose reports are stored before the platform is told that they arrived, and handled afterwards."""

    async def handle(self, update: Update, inbox: ChatInbox) -> None:
        """Handle one update; must bear to be called again, after a crash, an exception, or `NotYet`, which is no try."""
        ...
