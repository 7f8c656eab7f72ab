"""What Tocsin asks of a chat: effects out, lines of text in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from bot.domain.cards import Card
from bot.domain.forms import Form
from bot.domain.organisation import Account


@dataclass(frozen=True, slots=True)
class RoomRef:
    """One room of one chat: a Slack channel, a Telegram forum topic, a built-in room."""

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


Content = str | Card
"""What a message holds: plain text, never markup, or a card. Escaping is the adapter's."""


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Make the room, or open it again when it was archived. Receipt: its `room`."""

    name: str
    topic: str
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
class Post:
    """Write a message into a room. `loud` notifies those who are there. Receipt: its `message`."""

    room: RoomRef
    content: Content
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Announce:
    """Write a message where everyone hears it. Receipt: its `message`."""

    content: Content


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a message's content; content that is the same is no error."""

    message: MessageRef
    content: Content


@dataclass(frozen=True, slots=True)
class Pin:
    """Pin a message in its room; one already pinned is no error."""

    message: MessageRef


@dataclass(frozen=True, slots=True)
class Direct:
    """Write to one account alone. `is_page` asks for the loudest way the chat has. Receipt: its `message`."""

    account: Account
    content: Content
    is_page: bool = False


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


ChatEffect = OpenRoom | Invite | SetTopic | Post | Announce | Edit | Pin | Direct | Upload | Archive


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


Receipt = Done | RetryAfter | Failed | Unknown


@dataclass(frozen=True, slots=True)
class Incoming:
    """One line that someone wrote to Tocsin, typed or by a button.

    `key` is unique for this line in this chat, so that a redelivery does nothing twice. `version` is the incident's
    version that a button was drawn from. `actor` names a person (id) when the chat has identified them already.
    `token` names the credential it came by, for the audit.
    """

    key: str
    text: str
    account: Account
    room: RoomRef | None = None
    version: int | None = None
    actor: str | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to show the one who wrote: text, a card or a form, or errors by question when a form was wrong.

    `ok` is false for a person's mistake. `incident` is the ref of the incident that was acted upon.
    """

    ok: bool
    text: str
    card: Card | None = None
    form: Form | None = None
    errors: Sequence[tuple[str, str]] = ()
    incident: str | None = None


class ChatInbox(Protocol):
    """Where a chat hands in what people write."""

    async def take(self, incoming: Incoming) -> Answer:
        """Store the line, carry it out and return the answer; a line taken before returns the same answer again."""
        ...

    async def overheard(self, room: RoomRef, account: Account, text: str) -> None:
        """Take notice of talk in an incident's room that is no command."""
        ...


class Chat(Protocol):
    """A chat: Slack, Telegram, the built-in room."""

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
