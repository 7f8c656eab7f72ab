"""Writing into Telegram: messages in their turn, remembered by the key of what asked for them.

A message of ours can't be searched for in Telegram. So what was written is remembered right after it was, and a lane
that was interrupted finds it here; only what Telegram did without telling us is written twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.error import BadRequest

from bot.clock import Clock
from bot.ports.chat import RoomRef
from bot.ports.store import ChatMemory
from integrations.chat.telegram.calls import CLOSED, ask, says, write
from integrations.chat.telegram.limiter import Limiter, Priority

CHAT: Final = "telegram"
SENT_LIFE: Final = timedelta(days=14)
_SENT: Final = "sent"
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: a chat, and a topic of it or None for the chat itself (the group's General)."""

    chat: int
    topic: int | None = None

    @property
    def room(self) -> RoomRef:
        """This place as a room."""
        return RoomRef(CHAT, "", str(self.chat), "" if self.topic is None else str(self.topic))


def place_of(room: RoomRef) -> Place:
    """Return where a room is. Raises `ValueError` for one that is no room of Telegram."""
    return Place(int(room.room), int(room.thread) if room.thread else None)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to write. `html` is within Telegram's limits already."""

    html: str
    keyboard: InlineKeyboardMarkup | None = None
    is_silent: bool = True
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Pen:
    """What everything that writes needs."""

    bot: Bot
    limiter: Limiter
    memory: ChatMemory
    clock: Clock

    async def send(self, place: Place, letter: Letter, priority: Priority) -> int:
        """Write a message; returns its id. A topic, or a General, that is closed is opened for it and closed again.

        Raises `BadRequest` and `Undone`, as `calls.ask` does.
        """

        async def call() -> Message:
            reply = None
            if letter.reply_to is not None:
                reply = ReplyParameters(letter.reply_to, allow_sending_without_reply=True)
            return await self.bot.send_message(
                place.chat,
                letter.html,
                parse_mode="HTML",
                message_thread_id=place.topic,
                disable_notification=letter.is_silent,
                reply_markup=letter.keyboard,
                reply_parameters=reply,
                link_preview_options=NO_PREVIEW,
            )

        try:
            message = await write(self.limiter, place.chat, priority, call)
        except BadRequest as error:
            if not says(error, *CLOSED):
                raise
            await self._open(place)
            try:
                message = await write(self.limiter, place.chat, Priority.PAGE, call)
            finally:
                await self._close(place)
        return message.message_id

    async def remember(self, key: str, room: RoomRef, message: int | None) -> None:
        """Note what was made for a key."""
        value = {"room": room.room, "thread": room.thread, "message": message}
        await self.memory.put(_SENT, key, value, expires_at=self.clock.now() + SENT_LIFE)

    async def recall(self, key: str) -> tuple[RoomRef, int | None] | None:
        """Return what was made for a key: the room, and the message if it was one."""
        value: Mapping[str, Any] | None = await self.memory.get(_SENT, key)
        return None if value is None else (RoomRef(CHAT, "", value["room"], value["thread"]), value["message"])

    async def _open(self, place: Place) -> None:
        if place.topic is None:
            await ask(lambda: self.bot.reopen_general_forum_topic(place.chat))
        else:
            topic = place.topic
            await ask(lambda: self.bot.reopen_forum_topic(place.chat, topic))

    async def _close(self, place: Place) -> None:
        if place.topic is None:
            await ask(lambda: self.bot.close_general_forum_topic(place.chat))
        else:
            topic = place.topic
            await ask(lambda: self.bot.close_forum_topic(place.chat, topic))
