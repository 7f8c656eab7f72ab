"""What a command gets and what it gives back: the contract of every file in `handlers/commands`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bot.domain.access import Access
from bot.domain.actions import Action
from bot.domain.cards import Card
from bot.domain.decision import Decision
from bot.domain.forms import Form
from bot.domain.incident import Incident
from bot.domain.message import Message
from bot.domain.organisation import Account, Organisation, Person
from bot.domain.timeline import Actor
from bot.ports.chat import RoomRef
from bot.ports.store import Unit
from handlers.deciding import act
from handlers.desk import Desk


class About(Enum):
    """Whether a command is about an incident: never, if one is named or the room is one's, or always."""

    NOTHING = "nothing"
    MAYBE = "maybe"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Ask:
    """One command on its way: who asks, by which account, from where, about which incident, with which words and options.

    `words` are the words after the verb and the incident's ref; `rest` is the same as typed, white space kept.
    `options` are what was given as `--name value`, flags among them as "yes". `unit` is the open unit of work: all that
    a command writes is committed with its answer; a command that only reads must not write to it.
    """

    desk: Desk
    unit: Unit
    person: Person
    account: Account
    now: datetime
    words: tuple[str, ...]
    rest: str
    options: Mapping[str, str] = field(default_factory=dict)
    incident: Incident | None = None
    room: RoomRef | None = None
    token: str = ""

    @property
    def org(self) -> Organisation:
        """The organisation as configured now."""
        return self.desk.organisation()

    @property
    def actor(self) -> Actor:
        """The person, as the timeline names them."""
        return Actor(person=self.person.id)

    @property
    def about(self) -> Incident:
        """The incident, for commands that are always about one."""
        assert self.incident is not None
        return self.incident

    def after(self, count: int) -> str:
        """Return the words behind the first `count`, with single spaces between them."""
        return " ".join(self.words[count:])

    async def act(self, action: Action) -> Decision:
        """Decide and store an action on the incident."""
        return await act(self.desk, self.unit, self.about, action, self.actor, token=self.token)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the one who asked is told: a message of the catalogue or ready text, with a card or a form beside it.

    `is_told`: the incident's room is told as much.
    """

    message: Message | None = None
    text: str = ""
    card: Card | None = None
    form: Form | None = None
    incident: Incident | None = None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `usage` shows its words after the command's name: `[INC-42] <1-5> [reason]`.

    `summary` is a key of the message catalogue. `options` lists the names of its `--options` that take a value, `flags`
    of those that take none. A person of less `access` may give it where they stand for the incident: see
    `handlers.standing`.

    - `only_reads`: it runs in a unit that can't write, so that it holds nobody up.
    - `prose_after`: behind so many words it takes free text, in which an incident's name, or an option that it does not
      know, is text; None: it takes none.
    - `is_verbatim`: its text may hold anything, so options count only in front of it.
    - `longest`: how many characters a line of it may have.
    - `names_others`: whether, in the room of this incident, another one's name at the front is text.
    - `takes_number`: a number right behind the verb is its own (`sev 2`), not an incident's.
    """

    name: str
    usage: str
    summary: str
    access: Access
    about: About
    run: Callable[[Ask], Awaitable[Reply]]
    aliases: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    only_reads: bool = False
    prose_after: int | None = None
    takes_number: bool = False
    is_verbatim: bool = False
    names_others: Callable[[Unit, Incident], Awaitable[bool]] | None = None
    longest: int = 4000
