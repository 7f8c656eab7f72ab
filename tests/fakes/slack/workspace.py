"""A workspace: its people, channels, messages, files and forms, as they are at this moment."""

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack import kit
from tests.fakes.slack.kit import Rejected

TEAM = "T0ACME"
BOT_USER = "U0TOCSIN"
BOT = "B0TOCSIN"
APP = "A0TOCSIN"
BOT_TOKEN = "xoxb-0-tocsin"
APP_TOKEN = "xapp-0-tocsin"
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"
TRIGGER_SECONDS = 3.0


@dataclass
class User:
    """A person, or a bot."""

    id: str
    name: str
    email: str = ""
    team: str = TEAM
    signs: Mapping[str, bool] = field(default_factory=dict)
    is_confirmed: bool = True

    def told(self) -> dict[str, Any]:
        """What users.info says."""
        profile = {"email": self.email} if self.email else {}
        confirmed = {"is_email_confirmed": self.is_confirmed}
        return {"id": self.id, "name": self.name, "team_id": self.team, "profile": profile, **confirmed, **self.signs}


@dataclass
class Message:
    """A message. `to` is a user for whom alone it is shown."""

    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    bot: str | None = None
    thread: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What a person reads in it, the names of files among it."""
        titles = [str(file.get("title", "")) for file in self.files]
        return "\n".join(part for part in (kit.read(self.text, self.blocks), *titles) if part)

    @property
    def rings(self) -> bool:
        """Whether it rings for everyone or mentions anybody."""
        return kit.rings(self.text, self.blocks)

    def told(self, *, with_metadata: bool) -> dict[str, Any]:
        """What conversations.history says."""
        told: dict[str, Any] = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text}
        told |= {"blocks": self.blocks, "files": self.files}
        if self.bot is not None:
            told["bot_id"] = self.bot
        if with_metadata and self.metadata:
            told["metadata"] = self.metadata
        return told


@dataclass
class Channel:
    """A channel; a direct one belongs to one person."""

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    is_archived: bool = False
    topic: str = ""
    members: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)
    bookmarks: list[dict[str, str]] = field(default_factory=list)
    owner: str = ""

    def told(self) -> dict[str, Any]:
        """What conversations.info says."""
        return {
            "id": self.id,
            "name": self.name,
            "creator": self.creator,
            "created": self.created,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_member": BOT_USER in self.members,
            "topic": {"value": self.topic},
        }


@dataclass
class View:
    """A modal that a person has before them."""

    id: str
    hash: str
    user: str
    drawn: dict[str, Any]


class Workspace:
    """Everything in it. `bots_may_unarchive` is false, as it mostly is; new triggers live for `trigger_seconds`."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.triggers: dict[str, tuple[str, float]] = {}
        self.used_triggers: set[str] = set()
        self.views: dict[str, View] = {}
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, tuple[str, int]] = {}
        self.bots_may_unarchive = False
        self.trigger_seconds = TRIGGER_SECONDS
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.add_user(User(BOT_USER, "tocsin", signs={"is_bot": True}))
        self.add_channel("incidents").members.add(BOT_USER)

    def next(self) -> int:
        """A number never given before."""
        return next(self._numbers)

    def add_user(self, user: User) -> User:
        """Let a user in."""
        self.users[user.id] = user
        return user

    def add_channel(self, name: str, creator: str = "U0ADMIN", *, is_private: bool = False) -> Channel:
        """Make a channel."""
        channel = Channel(f"C{self.next():08d}", name, creator, int(time.time()), is_private)
        self.channels[channel.id] = channel
        return channel

    def named(self, name: str) -> Channel | None:
        """The channel of a name; archived ones keep theirs."""
        return next((one for one in self.channels.values() if one.name == name and not one.owner), None)

    def direct(self, user: str) -> Channel:
        """The channel between the bot and one person."""
        for channel in self.channels.values():
            if channel.owner == user:
                return channel
        channel = Channel(f"D{self.next():08d}", "", BOT_USER, int(time.time()), owner=user)
        channel.members |= {BOT_USER, user}
        self.channels[channel.id] = channel
        return channel

    def incident_channels(self) -> Iterator[Channel]:
        """The channels that the bot has made, oldest first."""
        return (one for one in self.channels.values() if one.creator == BOT_USER and not one.owner)

    def stamp(self) -> str:
        """A time that no other message has."""
        self._last_ts = max(self._last_ts + 1, int(time.time() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def trigger(self, user: str) -> str:
        """A trigger for one form, which lives for a moment."""
        trigger = f"{self.next()}.{TEAM}.{user}"
        self.triggers[trigger] = (user, time.monotonic() + self.trigger_seconds)
        return trigger

    def exchange(self, trigger: str) -> str:
        """Use a trigger up; returns whose it was."""
        if trigger in self.used_triggers:
            raise Rejected("exchanged_trigger_id")
        if trigger not in self.triggers:
            raise Rejected("invalid_trigger_id")
        user, until = self.triggers[trigger]
        if time.monotonic() > until:
            raise Rejected("expired_trigger_id")
        self.used_triggers.add(trigger)
        return user
