"""What every handler works with: one tenant's memory, clock, organisation, chats and words."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.clock import Clock
from bot.config.script import own_script
from bot.domain.access import Visibility
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation, Person
from bot.domain.postmortem_script import Script
from bot.metrics import Metrics
from bot.ports.store import Store
from bot.wording.speech import Speech


@dataclass(frozen=True, slots=True)
class Desk:
    """The things that handlers share. `organisation` returns the configuration now in force.

    `script` returns what a postmortem that is opened now asks. `invitations` has, by chat, what makes the address at
    which a person hands in a token: see `Invites`. `without_privacy` are the chats that have no rooms for a few only.
    """

    tenant: str
    store: Store
    clock: Clock
    organisation: Callable[[], Organisation]
    chats: Sequence[str]
    public_url: str
    invitations: dict[str, Callable[[str], str | None]] = field(default_factory=dict)
    without_privacy: set[str] = field(default_factory=set)
    metrics: Metrics = field(default_factory=Metrics)
    script: Callable[[], Script] = own_script

    def now(self) -> datetime:
        """Return the present instant."""
        return self.clock.now()

    def unfit_for(self, incident: Incident) -> Collection[str]:
        """Return the chats in which this incident can't have a room."""
        return self.without_privacy if incident.visibility is Visibility.PRIVATE else ()

    def speech(self, reader: Person | None = None) -> Speech:
        """Return the words for a reader: their language and zone, the organisation's for a whole room."""
        return Speech(self.organisation(), reader)
