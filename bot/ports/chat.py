"""What Tocsin asks of a chat: effects out, lines of text in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.domain.cards import Card
from bot.domain.forms import Form, Question
from bot.domain.organisation import Account, Person


@dataclass(frozen=True, slots=True)
class RoomRef:
    """One room of one chat: a channel, a topic, a built-in room."""

    chat: str
    workspace: str
    room: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One message of one room, so that it can be edited and pinned."""

    room: RoomRef
    message: str


class Ability(StrEnum):
    """What a chat may or may not be able to do; a missing one degrades in its adapter."""

    EDIT = "edit"
    PIN = "pin"
    TOPIC = "topic"
    INVITE = "invite"
    UPLOAD = "upload"
    ARCHIVE = "archive"
    FIND = "find"
    FORMS = "forms"
    PRIVATE = "private"


Content = str | Card
"""What a message holds: plain text, never markup, or a card. Escaping is the adapter's."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address worth keeping at hand in a room: the incident's page."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Make the room, or open it again when it was archived. Receipt: its `room`.

    A chat that can't open a room again makes another one. What the room is to have besides is asked for by itself.
    """

    name: str
    private: bool
    reopen: RoomRef | None = None


@dataclass(frozen=True, slots=True)
class Invite:
    """Bring accounts of this chat into a room; those already there are no error."""

    room: RoomRef
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Give a room its one-line topic."""

    room: RoomRef
    topic: str


@dataclass(frozen=True, slots=True)
class KeepLink:
    """Keep an address at hand in a room, where the chat has a place for it."""

    room: RoomRef
    link: Link


@dataclass(frozen=True, slots=True)
class Post:
    """Write a message into a room. `loud` notifies those who are there. Receipt: its `message`."""

    room: RoomRef
    content: Content
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Announce:
    """Write a message where everyone hears it. `about` is the room it leads to, if there is one. Receipt: its `message`."""

    content: Content
    about: RoomRef | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a message's content; content that is the same is no error. Receipt: its `message`.

    That is another one where the old one can't be replaced any more; it is not pinned.
    """

    message: MessageRef
    content: Content


@dataclass(frozen=True, slots=True)
class Pin:
    """Pin a message in its room; one already pinned is no error."""

    message: MessageRef


@dataclass(frozen=True, slots=True)
class Direct:
    """Write to one account alone. `is_page` asks for the loudest way the chat has. Receipt: its `message`.

    `about` is the room it leads to, where there is one by now: nothing that is written to a person waits for a room.
    """

    account: Account
    content: Content
    is_page: bool = False
    about: RoomRef | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """Put a file into a room; `alt` describes a picture for those who can't see it."""

    room: RoomRef
    name: str
    body: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """Close a room; what was said stays readable."""

    room: RoomRef


ChatEffect = OpenRoom | Invite | SetTopic | KeepLink | Post | Announce | Edit | Pin | Direct | Upload | Archive


@dataclass(frozen=True, slots=True)
class Done:
    """It happened. What it made is named, where it made something."""

    room: RoomRef | None = None
    message: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """It did not happen; trying again after the delay may help."""

    delay: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not happen and trying again won't help; a person must see `reason`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have happened: look for it before trying again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """It did not happen, since the room it was for is not there any more: somebody deleted it."""

    room: RoomRef
    reason: str


Receipt = Done | RetryAfter | Failed | Unknown | Gone


@dataclass(frozen=True, slots=True)
class Incoming:
    """One line that someone wrote to Tocsin, typed or by a button.

    `key` is unique for this line in this chat, so that a redelivery does nothing twice. `version` is the incident's
    version that a button was drawn from. `actor` names a person (id) when the chat has identified them already.
    `token` names the credential it came by, for the audit. `is_kept`: the chat has it on disk and hands it in again
    until it is answered, so that it need not be stored before it is carried out.
    """

    key: str
    text: str
    account: Account
    room: RoomRef | None = None
    version: int | None = None
    actor: str | None = None
    token: str = ""
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What to show the one who wrote: text, a card or a form, or errors by question when a form was wrong.

    `ok` is false for a person's mistake. `incident` is the ref of the incident that the line is about. `is_told`: the room
    it was written in hears as much anyway, so that a chat of few messages need not say it twice.
    """

    ok: bool
    text: str
    card: Card | None = None
    form: Form | None = None
    errors: Sequence[tuple[str, str]] = ()
    incident: str | None = None
    is_told: bool = False


class ChatInbox(Protocol):
    """Where a chat hands in what people write."""

    async def take(self, incoming: Incoming) -> Answer:
        """Store the line, carry it out and return the answer; a line answered before returns the same answer again."""
        ...

    async def overheard(self, incoming: Incoming) -> Answer | None:
        """Take notice of talk in a room that is no command; None: nothing is made of it.

        Its `key` counts as for `take`: talk that was heard before does nothing twice.
        """
        ...

    async def fault(self, question: Question, answer: str, account: Account) -> str | None:
        """Return what is wrong with an answer, for who gave it; None: nothing, as far as the question alone tells."""
        ...


class Chat(Protocol):
    """A chat: the built-in room, or what an adapter of `integrations.chat` is for."""

    name: str
    abilities: frozenset[Ability]

    async def perform(self, effect: ChatEffect, *, key: str) -> Receipt:
        """Do it once and say what came of it; never raises for what the outside does."""
        ...

    async def find(self, effect: ChatEffect, *, key: str) -> Receipt | None:
        """Look whether an unknown effect with this key did happen; None: it did not, or can't be told."""
        ...

    async def listen(self, inbox: ChatInbox) -> None:
        """Receive until cancelled; HTTP routes are declared beside it."""
        ...


@runtime_checkable
class Invites(Protocol):
    """A chat that people can join their account to by an address that they open once."""

    def invitation(self, token: str) -> str | None:
        """Return the address that hands this single-use token in; None while the chat does not know its own name."""
        ...


class Linking(Protocol):
    """Whose account is this; and how an account becomes somebody's."""

    async def person_behind(self, account: Account) -> Person | None:
        """Return whose account it is."""
        ...

    async def by_email(self, account: Account, email: str) -> Person | None:
        """Link an account by the address that its chat has verified; None: it stays nobody's."""
        ...

    async def redeem(self, account: Account, token: str) -> Person | None:
        """Link an account by a single-use token; None: the token is of no use."""
        ...
