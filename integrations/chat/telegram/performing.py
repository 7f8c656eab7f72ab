"""What Tocsin asks of a chat, done in Telegram."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import PurePath
from typing import Final, assert_never

import structlog
from telegram.error import BadRequest

from bot.domain.cards import Card
from bot.ports import chat as port
from bot.ports.chat import ChatEffect, Content, Done, Failed, Gone, Link, MessageRef, Receipt, RoomRef
from bot.wording.speech import Speech
from integrations.chat.telegram import drawing
from integrations.chat.telegram.buttons import Buttons, digest
from integrations.chat.telegram.calls import AS_IT_WAS, NO_MESSAGE, NO_TOPIC, SAME, Undone, ask, meaning, says, write
from integrations.chat.telegram.declaration import TelegramSection
from integrations.chat.telegram.inviting import Inviting
from integrations.chat.telegram.limiter import Priority
from integrations.chat.telegram.markup import LONGEST_CAPTION, Run, fit, shorten, to_html
from integrations.chat.telegram.post import NO_PREVIEW, Letter, Pen, Place, place_of
from integrations.chat.telegram.strays import Strays

log = structlog.get_logger(__name__)

_LONGEST_TOPIC: Final = 128
_LARGEST_PHOTO: Final = 10_000_000
_LARGEST_FILE: Final = 50_000_000
_LINK: Final = "link"
_PHOTOS: Final = frozenset({".png", ".jpg", ".jpeg"})
_NO_FORUM: Final = "no group is configured for Telegram; set chat.telegram.forum"
_PRIVATE: Final = (
    "everyone in the group can read every topic, so a private incident gets none; its room is the built-in one"
)
TAG_BYTES: Final = 6


class Performer:
    """Performs effects. `speech` returns the words for a whole room."""

    def __init__(
        self,
        pen: Pen,
        buttons: Buttons,
        inviting: Inviting,
        strays: Strays,
        *,
        section: Callable[[], TelegramSection],
        speech: Callable[[], Speech],
    ) -> None:
        self._pen = pen
        self._buttons = buttons
        self._inviting = inviting
        self._strays = strays
        self._section = section
        self._speech = speech

    async def perform(self, effect: ChatEffect, key: str) -> Receipt:
        """Do it once and say what came of it."""
        try:
            return await self._perform(effect, key)
        except Undone as undone:
            return undone.receipt
        except BadRequest as error:
            room = _room_of(effect)
            if room is not None and says(error, *NO_TOPIC):
                return Gone(room, "its topic was deleted in Telegram")
            return meaning(error)
        except (TypeError, ValueError) as error:
            log.warning("telegram_effect_unfit", effect=type(effect).__name__, error=type(error).__name__)
            return Failed("this is no room, message or account of Telegram")

    async def find(self, effect: ChatEffect, key: str) -> Receipt | None:
        """Return what is remembered to have been made for the key; Telegram itself can't be asked."""
        match effect:
            case port.OpenRoom() | port.Post() | port.Announce() | port.Direct() | port.Upload() | port.Invite():
                if (found := await self._pen.recall(key)) is None:
                    return None
                room, message = found
                return Done(room, MessageRef(room, str(message)) if message is not None else None)
            case port.SetTopic() | port.KeepLink() | port.Edit() | port.Pin() | port.Archive():
                return None
            case _:
                assert_never(effect)

    async def _perform(self, effect: ChatEffect, key: str) -> Receipt:
        match effect:
            case port.OpenRoom():
                return await self._open(effect, key)
            case port.Invite():
                await self._inviting.invite(place_of(effect.room), effect.accounts, key)
                return Done(effect.room)
            case port.SetTopic():
                # A topic of Telegram has a name and no line beside it; the pinned card says how it stands.
                return Done(effect.room)
            case port.KeepLink():
                await self._pen.memory.put(_LINK, _topic_key(effect.room), asdict(effect.link))
                return Done(effect.room)
            case port.Post():
                state = Priority.CARD if key.endswith(":card") else Priority.STATE
                return await self._post(place_of(effect.room), effect.content, key, state, is_silent=not effect.loud)
            case port.Announce():
                return await self._post(self._forum(), effect.content, key, Priority.STATE, is_silent=True)
            case port.Direct():
                return await self._direct(effect, key)
            case port.Upload():
                return await self._upload(effect, key)
            case port.Edit():
                return await self._edit(effect, key)
            case port.Pin():
                await self._pin(effect.message)
                return Done(effect.message.room, effect.message)
            case port.Archive():
                return await self._archive(effect)
            case _:
                assert_never(effect)

    async def _open(self, effect: port.OpenRoom, key: str) -> Receipt:
        if effect.private:
            return Failed(_PRIVATE)
        if effect.reopen is not None:
            return await self._reopen(effect.reopen)
        forum, bot = self._forum(), self._pen.bot
        name = shorten(effect.name, _LONGEST_TOPIC)
        topic = await write(
            self._pen.limiter, forum.chat, Priority.STATE, lambda: bot.create_forum_topic(forum.chat, name)
        )
        place = Place(forum.chat, topic.message_thread_id)
        await self._pen.remember(key, place.room, None)
        await self._strays.opened(place, name)
        return Done(place.room)

    async def _link_of(self, room: RoomRef) -> Link | None:
        """Return the address that the card of a topic ends with: beside it, it would be one more message."""
        link = await self._pen.memory.get(_LINK, _topic_key(room))
        return Link(**link) if link is not None else None

    async def _reopen(self, room: RoomRef) -> Receipt:
        place = place_of(room)
        topic = place.topic
        if topic is None:
            return Failed("this is no topic")
        try:
            await ask(lambda: self._pen.bot.reopen_forum_topic(place.chat, topic))
        except BadRequest as error:
            if says(error, *NO_TOPIC):
                return Gone(room, "its topic was deleted in Telegram")
            if not says(error, *AS_IT_WAS):
                raise
        return Done(room)

    async def _post(self, place: Place, content: Content, key: str, priority: Priority, *, is_silent: bool) -> Receipt:
        keyboard = None
        if isinstance(content, Card):
            keyboard = await self._buttons.keyboard(content.actions, digest(key, TAG_BYTES))
        link = await self._link_of(place.room) if priority is Priority.CARD else None
        html = drawing.message(content, self._speech(), link)
        message = await self._pen.send(place, Letter(html, keyboard, is_silent), priority)
        await self._pen.remember(key, place.room, message)
        if keyboard is not None:
            await self._pen.remember(digest(key, TAG_BYTES), place.room, message)
        return Done(place.room, MessageRef(place.room, str(message)))

    async def _direct(self, effect: port.Direct, key: str) -> Receipt:
        priority = Priority.PAGE if effect.is_page else Priority.STATE
        try:
            return await self._post(Place(int(effect.account.user)), effect.content, key, priority, is_silent=False)
        except Undone as undone:
            if isinstance(undone.receipt, Failed) and undone.receipt.reason.startswith("Telegram forbids it"):
                return Failed(f"{undone.receipt.reason}. {_HOW_TO_START}")
            raise
        except BadRequest as error:
            if says(error, "chat not found", "peer id invalid"):
                return Failed(f"Telegram does not let the bot write to this person. {_HOW_TO_START}")
            raise

    async def _edit(self, effect: port.Edit, key: str) -> Receipt:
        place = place_of(effect.message.room)
        keyboard = None
        if isinstance(effect.content, Card):
            keyboard = await self._buttons.keyboard(effect.content.actions)
        html = drawing.message(effect.content, self._speech(), await self._link_of(place.room))
        bot = self._pen.bot
        message = int(effect.message.message)
        try:
            await write(
                self._pen.limiter,
                place.chat,
                Priority.CARD,
                lambda: bot.edit_message_text(
                    html,
                    place.chat,
                    message,
                    parse_mode="HTML",
                    reply_markup=keyboard,
                    link_preview_options=NO_PREVIEW,
                ),
            )
        except BadRequest as error:
            if says(error, *SAME):
                return Done(effect.message.room, effect.message)
            if not says(error, *NO_MESSAGE):
                raise
            # Somebody deleted it, perhaps with its whole topic: writing it anew tells which.
            return await self._post(place, effect.content, key, Priority.CARD, is_silent=True)
        return Done(effect.message.room, effect.message)

    async def _pin(self, message: MessageRef) -> None:
        place, number = place_of(message.room), int(message.message)
        await ask(lambda: self._pen.bot.pin_chat_message(place.chat, number, disable_notification=True))

    async def _archive(self, effect: port.Archive) -> Receipt:
        place = place_of(effect.room)
        topic = place.topic
        if topic is None:
            return Failed("this is no topic")
        try:
            await ask(lambda: self._pen.bot.close_forum_topic(place.chat, topic))
        except BadRequest as error:
            if not says(error, *AS_IT_WAS, *NO_TOPIC):
                raise
        return Done(effect.room)

    async def _upload(self, effect: port.Upload, key: str) -> Receipt:
        place, bot, size = place_of(effect.room), self._pen.bot, len(effect.body)
        if size > _LARGEST_FILE:
            return Failed(f"{effect.name} has {size // 1_000_000} MB; Telegram takes files of up to 50 MB from a bot")
        caption = to_html(fit([Run(effect.alt)], LONGEST_CAPTION)) or None
        is_photo = PurePath(effect.name).suffix.lower() in _PHOTOS and size <= _LARGEST_PHOTO

        async def call() -> int:
            if is_photo:
                sent = await bot.send_photo(
                    place.chat,
                    effect.body,
                    caption=caption,
                    parse_mode="HTML",
                    filename=effect.name,
                    message_thread_id=place.topic,
                    disable_notification=True,
                )
            else:
                sent = await bot.send_document(
                    place.chat,
                    effect.body,
                    caption=caption,
                    parse_mode="HTML",
                    filename=effect.name,
                    message_thread_id=place.topic,
                    disable_notification=True,
                )
            return sent.message_id

        message = await write(self._pen.limiter, place.chat, Priority.STATE, call)
        await self._pen.remember(key, place.room, message)
        return Done(place.room, MessageRef(place.room, str(message)))

    def _forum(self) -> Place:
        forum = self._section().forum
        if forum is None:
            raise Undone(Failed(_NO_FORUM))
        return Place(forum)


_HOW_TO_START: Final = (
    "They have to press Start in a chat with the bot once: let them write `link telegram` in another chat of Tocsin and "
    "open the address that it answers"
)


def _topic_key(room: RoomRef) -> str:
    return f"{room.room}:{room.thread}"


def _room_of(effect: ChatEffect) -> RoomRef | None:
    match effect:
        case port.Post() | port.Invite() | port.SetTopic() | port.KeepLink() | port.Upload() | port.Archive():
            return effect.room
        case port.Edit() | port.Pin():
            return effect.message.room
        case port.OpenRoom() | port.Announce() | port.Direct():
            return None
        case _:
            assert_never(effect)
