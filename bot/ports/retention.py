"""What clearing out asks of the memory: look at the oldest rows, and delete some of them."""

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.retention import Kept, Shelf


class Retention(Protocol):
    """One tenant's shelves. Every call is one short transaction."""

    async def oldest(self, shelf: Shelf, after: int | str | None, *, limit: int) -> Sequence[Kept]:
        """Return the oldest rows whose key is beyond `after` (None: from the first), in order of receipt."""
        ...

    async def weight(self) -> int:
        """Return how many bytes the bodies of all deliveries take."""
        ...

    async def drop(self, shelf: Shelf, keys: Collection[int | str]) -> int:
        """Delete these rows but for those that are to be done (again); returns how many that was."""
        ...

    async def give_back(self) -> int:
        """Return a little of what is free in the database's file to the disk; returns how many bytes that was.

        0: nothing worth it, or the database does so by itself.
        """
        ...
