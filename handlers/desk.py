"""What every handler works with: one tenant's memory, clock, organisation, chats and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.wording.speech import Speech

from bot.clock import Clock
from bot.domain.organisation import Organisation, Person
from bot.ports.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """The things that handlers share. `organisation` returns the configuration now in force."""

    tenant: str
    store: Store
    clock: Clock
    organisation: Callable[[], Organisation]
    chats: Sequence[str]
    public_url: str

    def now(self) -> datetime:
        """Return the present instant."""
        return self.clock.now()

    def speech(self, reader: Person | None = None) -> Speech:
        """Return the words for a reader: their language and zone, the organisation's for a whole room."""
        return Speech(self.organisation(), reader)
