"""One line on its way through the router, and what is known of it so far."""

from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.domain.organisation import Person
from bot.domain.timeline import Actor
from bot.ports.chat import Incoming
from bot.ports.records import CommandReceipt
from handlers.ask import Command
from handlers.grammar import Line


@dataclass(slots=True)
class Case:
    """What was stored, what came, and then: who it was, what they wrote, which command, about which incident.

    `is_late`: nobody waits for the answer any more.
    """

    receipt: CommandReceipt
    incoming: Incoming
    person: Person | None = None
    line: Line | None = None
    command: Command | None = None
    incident: Incident | None = None
    is_late: bool = False

    @property
    def actor(self) -> str:
        """Who wrote it, for the audit: a person by id, or the account of somebody unknown."""
        account = self.incoming.account
        if self.person is not None and self.person.id:
            return str(Actor(person=self.person.id))
        return f"account:{account.chat}:{account.workspace}:{account.user}"

    @property
    def verb(self) -> str:
        """The verb as written, or nothing."""
        return self.line.verb if self.line is not None else ""

    @property
    def tail(self) -> str:
        """What followed the verb, or nothing."""
        return self.line.tail if self.line is not None else ""

    @property
    def outdated(self) -> Incident | None:
        """The incident, if the line came by a button that was drawn from an older version of it."""
        drawn, incident = self.incoming.version, self.incident
        return incident if incident is not None and drawn is not None and drawn < incident.version else None

    @property
    def reference(self) -> str:
        """What a person can quote and the log has: the random end of the receipt's id."""
        return self.receipt.id[-8:]
