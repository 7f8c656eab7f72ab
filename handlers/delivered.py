"""A delivery together with what its source read in it, and what that says of the source."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports.records import Delivery, SourceActivity
from bot.ports.sources import Parsed, Unreadable
from handlers.releasing import KIND


@dataclass(frozen=True, slots=True)
class Read:
    """A delivery and what its source made of it."""

    delivery: Delivery
    parsed: Parsed | Unreadable

    @property
    def trouble(self) -> str | None:
        """Why not all of it could be read; None: all could."""
        if isinstance(self.parsed, Unreadable):
            return self.parsed.why
        return self.parsed.broken[0].why if self.parsed.broken else None


def from_outside(part: Sequence[Read]) -> Sequence[Read]:
    """Leave out what Tocsin itself said in the source's inbox."""
    return [read for read in part if read.delivery.kind != KIND]


def activity(part: Sequence[Read]) -> SourceActivity:
    """Count deliveries of one source that were worked through, for those who ask what it has sent.

    One that is read again after a replay was counted when it came; its error is the sign of it.
    """
    new = [read for read in part if read.delivery.error is None]
    troubles = [read.trouble for read in new if read.trouble is not None]
    last = part[-1].delivery
    last_error = troubles[-1] if troubles else None
    return SourceActivity(last.source, last.received_at, len(new), len(troubles), last_error)
