"""What a chat's package offers: what it declares, whether it is wanted, how it is opened and how its set-up is examined.

Adding a chat is adding a package to `integrations.chat` with a `CHAT` of this kind: its settings, its keys of
tocsin.yaml, its doors, its sentences and its words of the command line come with it, and no other code names it
(`tests/test_chats_are_folders.py`). The package itself is imported always, so it imports what weighs anything only when
the chat is opened or examined.
"""

import argparse
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol, runtime_checkable

from aiohttp import web

from bot.clock import Clock
from bot.config.declared import ChatSettings, Declaration
from bot.config.file import ChatSection, File
from bot.config.finding import Finding
from bot.config.settings import Settings
from bot.domain.organisation import Organisation, Person
from bot.ports.chat import Chat, ChatInbox, Linking
from bot.ports.chat_updates import TakesUpdates
from bot.ports.store import ChatMemory, RoomMemory
from bot.wording.sentence import Sentence
from bot.wording.speech import Speech


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One command as a chat may suggest it: its verb, what it is for, and its other names."""

    name: str
    summary: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatHost:
    """What an adapter is given. Ask the functions each time anew, since a reload replaces what they return.

    - `memory` is this chat's own; `updates` keeps what it reports until it was handled.
    - `speech` returns the words for a reader, for what the adapter says of its own.
    - `menu` returns the commands there are; `denied` writes into the audit that somebody was turned away, and why.
    - `steady` returns seconds that never go back, to count by how much may be written yet.
    - `address` returns where a request comes from, as far as a trusted proxy vouches for it; "" when that is nowhere.
    """

    clock: Clock
    organisation: Callable[[], Organisation]
    section: Callable[[], ChatSection]
    speech: Callable[[Person | None], Speech]
    linking: Linking
    memory: ChatMemory
    updates: TakesUpdates
    rooms: RoomMemory
    public_url: str
    menu: Callable[[], Sequence[MenuEntry]]
    denied: Callable[[str], Awaitable[None]]
    address: Callable[[web.Request], str]
    steady: Callable[[], float] = monotonic


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""


@dataclass(frozen=True, slots=True)
class ChatVerb:
    """A word of the command line that one chat has a use for. `run` returns what to print, or raises `StartupError`.

    It is given settings that may have faults, since it may well be needed before the chat is set up.
    """

    name: str
    summary: str
    run: Callable[[Settings, File, argparse.Namespace], str]
    arguments: Callable[[argparse.ArgumentParser], None] = _nothing


@dataclass(frozen=True, slots=True)
class ChatKind:
    """One chat. `open` gives the chat until the block is left; it never fails because the chat can't be reached.

    `examine` asks the chat itself whether its set-up is right, for `tocsin doctor`; each finding has its remedy.
    `sentences` are what the adapter says of its own; their keys begin with the chat's name. `verbs` are the words that
    it adds to the command line.
    """

    declares: Declaration
    is_wanted: Callable[[ChatSettings], bool]
    open: Callable[[Settings, ChatHost], AbstractAsyncContextManager[Chat]]
    examine: Callable[[Settings, File], Awaitable[Sequence[Finding]]]
    sentences: Mapping[str, Sentence] = field(default_factory=dict)
    verbs: tuple[ChatVerb, ...] = ()

    @property
    def name(self) -> str:
        """What the configuration, accounts and rooms call the chat."""
        return self.declares.name


@runtime_checkable
class OverHttp(Protocol):
    """A chat that is called over HTTP: it declares its doors, which guard themselves."""

    def routes(self, inbox: ChatInbox) -> Sequence[web.RouteDef]:
        """Return the routes; what people write through them goes to the inbox."""
        ...
