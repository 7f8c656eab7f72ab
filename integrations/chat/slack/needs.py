"""What this adapter needs of Slack: the one table of calls, events and scopes that manifest, doctor and documents use.

Rates are calls a minute for each method, as Slack's tiers have them (docs.slack.dev, “Rate limits”); where sources differ,
the lower one stands here. Scopes are the narrowest that make a call work in public and in private channels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Call(StrEnum):
    """Every method of Slack's Web API that is called; nothing else can be."""

    AUTH_TEST = "auth.test"
    CONNECTIONS_OPEN = "apps.connections.open"
    CREATE = "conversations.create"
    UNARCHIVE = "conversations.unarchive"
    ARCHIVE = "conversations.archive"
    SET_TOPIC = "conversations.setTopic"
    JOIN = "conversations.join"
    INVITE = "conversations.invite"
    OPEN_DIRECT = "conversations.open"
    HISTORY = "conversations.history"
    OWN_CHANNELS = "users.conversations"
    USER = "users.info"
    POST = "chat.postMessage"
    UPDATE = "chat.update"
    POST_EPHEMERAL = "chat.postEphemeral"
    PIN = "pins.add"
    BOOKMARK = "bookmarks.add"
    BOOKMARKS = "bookmarks.list"
    OPEN_FORM = "views.open"
    UPLOAD_URL = "files.getUploadURLExternal"
    UPLOAD_DONE = "files.completeUploadExternal"


@dataclass(frozen=True, slots=True)
class Need:
    """What one call is for, how often a minute it may be made, and which scopes of the bot it takes."""

    purpose: str
    per_minute: int
    scopes: tuple[str, ...] = ()


NEEDS: Final[Mapping[Call, Need]] = {
    Call.AUTH_TEST: Need("learn who the bot is and in which workspace", 100),
    Call.CONNECTIONS_OPEN: Need("connect for Socket Mode, with the app token", 1),
    Call.CREATE: Need("open an incident's channel", 20, ("channels:manage", "groups:write")),
    Call.UNARCHIVE: Need("open a channel again", 20, ("channels:manage", "groups:write")),
    Call.ARCHIVE: Need("close a channel", 20, ("channels:manage", "groups:write")),
    Call.SET_TOPIC: Need("keep severity and title in sight", 20, ("channels:manage", "groups:write")),
    Call.INVITE: Need("bring people into a channel", 50, ("channels:manage", "groups:write")),
    Call.JOIN: Need("come back into a public channel that somebody has put the bot out of", 50, ("channels:join",)),
    Call.OPEN_DIRECT: Need("find a page again after a broken connection", 50, ("im:write",)),
    Call.HISTORY: Need(
        "find a message again after a broken connection", 50, ("channels:history", "groups:history", "im:history")
    ),
    Call.OWN_CHANNELS: Need("find a channel again that the bot made", 20, ("channels:read", "groups:read")),
    Call.USER: Need("know a person by their verified e-mail address", 100, ("users:read", "users:read.email")),
    Call.POST: Need("write messages and pages", 300, ("chat:write",)),
    Call.UPDATE: Need("keep the card up to date", 50, ("chat:write",)),
    Call.POST_EPHEMERAL: Need("answer one person", 100, ("chat:write",)),
    Call.PIN: Need("pin the card", 20, ("pins:write",)),
    Call.BOOKMARK: Need("keep links at hand in a channel", 20, ("bookmarks:write",)),
    Call.BOOKMARKS: Need("find a bookmark again after a broken connection", 50, ("bookmarks:read",)),
    Call.OPEN_FORM: Need("show a form", 100),
    Call.UPLOAD_URL: Need("put a file into a channel", 100, ("files:write",)),
    Call.UPLOAD_DONE: Need("put a file into a channel", 100, ("files:write",)),
}
"""Posts have a special limit: about one a second in each channel, and hundreds a minute in a workspace."""

EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "app_mention": ("app_mentions:read",),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
}
"""The events that are handled, with the scopes that Slack wants for each."""

COMMAND_SCOPE: Final = "commands"
PATH: Final = "/slack/events"
"""Where Slack calls us over HTTP, for commands, buttons, forms and events alike."""


def scopes() -> tuple[str, ...]:
    """Return every scope that the bot needs, in order, and no other."""
    needed = {scope for need in NEEDS.values() for scope in need.scopes}
    needed |= {scope for wanted in EVENTS.values() for scope in wanted}
    return tuple(sorted(needed | {COMMAND_SCOPE}))
