"""What is in Telegram: a group with topics, private chats, messages and people."""

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.markup import Part, lines

BOT = 777
BOT_NAME = "tocsin_bot"
FORUM = -1001234567890
RIGHTS = ("can_manage_topics", "can_pin_messages", "can_delete_messages", "can_invite_users")


class Refused(Exception):
    """The Bot API's refusal: its status, its words, and its parameters."""

    def __init__(self, status: int, words: str, **parameters: Any) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.parameters = parameters


@dataclass
class Message:
    """One message. `sender` is a user's number; `keyboard` is Telegram's JSON, `sign` the bot's reaction."""

    id: int
    chat: int
    topic: int | None
    sender: int
    parts: list[Part]
    keyboard: dict[str, Any] | None = None
    is_pinned: bool = False
    is_silent: bool = False
    reply_to: int | None = None
    file: tuple[str, bytes] | None = None
    edits: int = 0
    sign: str = ""

    @property
    def text(self) -> str:
        return lines(self.parts)

    @property
    def plain(self) -> str:
        return "".join(part.text for part in self.parts)

    @property
    def buttons(self) -> dict[str, str]:
        """Labels and what stands behind them."""
        rows = (self.keyboard or {}).get("inline_keyboard", [])
        return {button["text"]: button["callback_data"] for row in rows for button in row if "callback_data" in button}


@dataclass
class Topic:
    """One topic of the group."""

    id: int
    name: str
    is_closed: bool = False


@dataclass
class Someone:
    """A person of Telegram. `has_started`: they let the bot write to them."""

    id: int
    name: str
    has_started: bool = True
    is_member: bool = True


@dataclass
class Everything:
    """All of it."""

    people: dict[str, Someone] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    is_general_closed: bool = False
    is_forum: bool = True
    reads_all: bool = False
    rights: set[str] = field(default_factory=lambda: set(RIGHTS))
    is_admin: bool = True
    moved_to: int | None = None
    last_number: int = 100

    def number(self) -> int:
        self.last_number += 1
        return self.last_number

    def message(self, chat: int, number: int) -> Message | None:
        return next((m for m in self.messages if m.chat == chat and m.id == number), None)

    def person(self, number: int) -> Someone | None:
        return next((someone for someone in self.people.values() if someone.id == number), None)

    def topic(self, number: int) -> Topic:
        if number not in self.topics:
            raise Refused(400, "Bad Request: message thread not found")
        return self.topics[number]

    def in_topic(self, number: int) -> list[Message]:
        return [message for message in self.messages if message.topic == number]

    def in_private(self, number: int) -> list[Message]:
        return [message for message in self.messages if message.chat == number]

    def in_general(self) -> list[Message]:
        return [message for message in self.messages if message.chat == FORUM and message.topic is None]

    def delete_topic(self, number: int) -> None:
        del self.topics[number]
        self.messages = [message for message in self.messages if message.topic != number]
