"""One platform as people see it and act in it, with Tocsin connected to it by the platform's own protocol.

Every chat has a world: `<chat>_world.py` beside this file, with an `open_world` that fulfils `OpenWorld`. What the
contract suite and the journeys know of a chat is this and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from bot.ports.chat import Ability

PEOPLE = ("amira", "omar")
"""Who has an account that the configuration names; `STRANGER` has one that nobody knows."""

STRANGER = "stranger"


class Trouble(StrEnum):
    """What may go wrong with the next call that writes into the platform."""

    DROPPED = "dropped"
    """The platform does it, and the connection breaks before the answer."""

    BROKEN = "broken"
    """The platform answers 500 and does nothing."""

    LIMITED = "limited"
    """The platform answers 429 with a Retry-After of one second and does nothing."""

    SLOW = "slow"
    """The platform does it and answers well, a second and a half later."""

    HANGING = "hanging"
    """The platform does it and never answers; `World.reached` returns when that has come about."""


class Gap(StrEnum):
    """What can't happen to a chat whatever it is able to do, and why. A world declares its own.

    For these, and for abilities that its adapter declares to lack, a promise of the contract may be left out; for
    nothing else. `test_gaps.py` lists them all.
    """

    TROUBLE = "it is Tocsin's own, and nothing stands between them that could fail"
    DELETION = "nobody can delete a room by hand"
    STRANGERS = "whoever opens it is somebody of the organisation"
    LATENESS = "a page waits for its answer for as long as that takes"


class Write(StrEnum):
    """The calls that trouble can be made for."""

    OPEN = "open"
    """A room is made."""

    POST = "post"
    """A message is written into an incident's room."""

    DIRECT = "direct"
    """A message is written to one person."""

    PIN = "pin"
    """A message is pinned."""

    TOPIC = "topic"
    """A room gets its topic. A chat that lacks `Ability.TOPIC` has no such call."""

    LINK = "link"
    """An address is kept at hand in a room. A chat whose cards hold it has no such call."""

    ANY = "any"


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message as people see it. `text` is all that can be read in it, one part a line; `buttons` are labels.

    `rings`: something in its words calls everyone or mentions somebody, or does anything else by itself.
    """

    id: str
    text: str
    rings: bool
    buttons: tuple[str, ...] = ()
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class SeenRoom:
    """An incident's room as people see it. `members` are names of `PEOPLE`; `id` is the room's in the API's `rooms`.

    `links` are the addresses that are kept at hand in it.
    """

    id: str
    name: str
    topic: str
    is_archived: bool
    members: frozenset[str]
    messages: tuple[SeenMessage, ...]
    links: tuple[str, ...] = ()

    @property
    def pinned(self) -> tuple[SeenMessage, ...]:
        """The pinned messages."""
        return tuple(message for message in self.messages if message.is_pinned)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person is shown after they did something: words for them alone, and perhaps a form to fill in.

    `form` names its questions as labels; `wrong` are the questions that were answered wrongly, by label.
    """

    text: str = ""
    buttons: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    wrong: Mapping[str, str] | None = None


class World(Protocol):
    """The platform. Times out by itself (`TimeoutError`) when Tocsin does not react to what a person did."""

    name: str
    """The chat's name."""

    abilities: frozenset[Ability]
    """What the chat's adapter declares."""

    env: Mapping[str, str]
    """The environment variables by which Tocsin is connected to it."""

    gaps: frozenset[Gap]
    """What can't happen to it; the methods that would bring it about raise `NotImplementedError`."""

    section: Mapping[str, Any]
    """Its part of `chat:` in tocsin.yaml, such as {"announce": "incidents"}; empty where it has none."""

    accounts: Mapping[str, Any]
    """What the configuration has under the chat's name for each of `PEOPLE`; empty where nothing is needed."""

    ways_to_be_known: tuple[str, ...]
    """What a stranger has to be told: their id as tocsin.yaml has it, and the other way there is."""

    async def connect(self, url: str) -> None:
        """Take note of where Tocsin answers; called again after a restart."""
        ...

    async def rooms(self) -> Sequence[SeenRoom]:
        """Return every incident's room that is there, oldest first, archived ones among them."""
        ...

    async def direct(self, person: str) -> Sequence[SeenMessage]:
        """Return what Tocsin wrote to a person alone, oldest first."""
        ...

    async def announced(self) -> Sequence[SeenMessage]:
        """Return what Tocsin announced, oldest first."""
        ...

    async def files(self, room: SeenRoom) -> Mapping[str, bytes]:
        """Return the files that lie in a room, by name."""
        ...

    def trouble(self, what: Trouble, write: Write = Write.ANY, *, times: int = 1) -> None:
        """Make the next calls of this sort go wrong. `NotImplementedError` with `Gap.TROUBLE`."""
        ...

    async def reached(self) -> None:
        """Return when a call hangs."""
        ...

    async def delete_room(self, room: SeenRoom) -> None:
        """Delete an incident's room by hand. `NotImplementedError` with `Gap.DELETION`."""
        ...

    async def command(self, person: str, line: str, room: SeenRoom | None = None) -> Shown:
        """Give a command as a person of this platform would (`ack`, `sev 2`), in a room or outside of any.

        `NotImplementedError` for `STRANGER` with `Gap.STRANGERS`.
        """
        ...

    async def talk(self, person: str, text: str, room: SeenRoom) -> None:
        """Say something in a room that is no command; returns when Tocsin has been told, and before it has reacted."""
        ...

    async def press(self, person: str, message: SeenMessage, label: str) -> Shown:
        """Press a button and confirm it where the platform asks."""
        ...

    async def press_late(self, person: str, message: SeenMessage, label: str) -> Shown:
        """Press a button whose press reaches Tocsin so late that the platform takes no answer to it any more.

        `NotImplementedError` with `Gap.LATENESS`.
        """
        ...

    async def press_shown(self, person: str, label: str) -> Shown:
        """Press a button of what the person was shown last."""
        ...

    async def fill(self, person: str, answers: Mapping[str, str]) -> Shown:
        """Fill in the form that the person was shown last, by label; questions that are left out keep their value.

        A choice is answered by its option's label.
        """
        ...

    async def again(self, person: str) -> None:
        """Let the platform deliver once more what the person did last, as if it had not been answered."""
        ...


OpenWorld = Callable[[Path], AbstractAsyncContextManager[World]]
"""Opens a world with a folder for what it needs; `open_world` of every `<chat>_world.py`."""
