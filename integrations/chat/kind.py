"""What a chat's package offers: whether it is wanted, how it is opened, and how its set-up is examined.

Adding a chat is adding a module or package to `integrations.chat` with a `CHAT` of this kind. The module itself is
imported always, so it imports what weighs anything only when the chat is opened or examined.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from aiohttp import web

from bot.clock import Clock
from bot.config.file import ChatSection, File
from bot.config.finding import Finding
from bot.config.settings import Settings
from bot.domain.organisation import Organisation, Person
from bot.ports.chat import Chat, ChatInbox, Linking
from bot.ports.store import ChatMemory, RoomMemory, Updates
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
    """

    clock: Clock
    organisation: Callable[[], Organisation]
    section: Callable[[], ChatSection]
    speech: Callable[[Person | None], Speech]
    linking: Linking
    memory: ChatMemory
    updates: Updates
    rooms: RoomMemory
    public_url: str
    menu: Callable[[], Sequence[MenuEntry]]
    denied: Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ChatKind:
    """One chat. `open` gives the chat until the block is left; it never fails because the chat can't be reached.

    `examine` asks the chat itself whether its set-up is right, for `tocsin doctor`; each finding has its remedy.
    """

    name: str
    is_wanted: Callable[[Settings], bool]
    open: Callable[[Settings, ChatHost], AbstractAsyncContextManager[Chat]]
    examine: Callable[[Settings, File], Awaitable[Sequence[Finding]]]


@runtime_checkable
class OverHttp(Protocol):
    """A chat that is called over HTTP: it declares its doors, which guard themselves."""

    def routes(self, inbox: ChatInbox) -> Sequence[web.RouteDef]:
        """Return the routes; what people write through them goes to the inbox."""
        ...
