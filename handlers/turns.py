"""How fast alerts are absorbed while others want the interpreter and the writer, too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final

from bot.ports.store import Store
from handlers.portion import Portion

CROWD_PER_SECOND: Final = 50
"""From so many deliveries a second on, processing stands back for intake."""

RUSH_PER_SECOND: Final = 800
"""With so many, as far as it ever does. In between by the square of their number: what is critical waits in line."""

STANDS_BACK: Final = 2.5
"""So many times as long as a commit took, from its wait for the writer on, processing then leaves it to intake."""

LONGEST_WAIT_SECONDS: Final = 1.0


class Turns:
    """There is one interpreter and, on SQLite, one writer: what is on disk can wait, a sender can't.

    Nor should a person: after a command had to wait for the writer, the next commit is a small one.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._portion = Portion()
        self._is_hurried = False

    def events(self) -> int:
        """Return how many events the next commit may have; a single delivery may have more."""
        return self._portion.events(is_hurried=self._is_hurried)

    def took(self, events: int, seconds: float) -> None:
        """Take note of a commit: how many events it had, and for how long it kept the writer."""
        self._portion.took(events, seconds, is_hurried=self._is_hurried)

    @asynccontextmanager
    async def politely(self) -> AsyncIterator[None]:
        """Around a commit: while senders are at the door, leave them a multiple of the time that it took."""
        store, inbox = self._store, self._store.inbox
        taken_before, waited_before, began_at = inbox.taken, store.commands_waited, monotonic()
        yield
        spent = monotonic() - began_at
        taken_per_second = (inbox.taken - taken_before) / max(spent, 1e-6)
        is_crowded = taken_per_second > CROWD_PER_SECOND
        self._is_hurried = is_crowded or store.commands_waited > waited_before
        if is_crowded:
            share = min(1.0, taken_per_second / RUSH_PER_SECOND)
            await asyncio.sleep(min(STANDS_BACK * share**2 * spent, LONGEST_WAIT_SECONDS))
