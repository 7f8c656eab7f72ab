"""The built-in room as a chat: it writes into Tocsin's own memory, and the pages show what is there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import assert_never

from bot.clock import Clock
from bot.config.declared import Declaration
from bot.config.file import File
from bot.config.finding import Finding
from bot.config.settings import Settings
from bot.domain.organisation import Account, Organisation
from bot.ports.chat import (
    Ability,
    Announce,
    Archive,
    Chat,
    ChatEffect,
    ChatInbox,
    Content,
    Direct,
    Done,
    Edit,
    Failed,
    Invite,
    KeepLink,
    MessageRef,
    OpenRoom,
    Pin,
    Post,
    Receipt,
    RoomRef,
    SetTopic,
    Upload,
)
from bot.ports.content import Attachment, to_json
from bot.ports.store import RoomMemory
from integrations.chat.kind import ChatHost, ChatKind

FILE_LIMIT_BYTES = 512 * 1024
"""A file lies in the database beside the messages, so it may be a chart or an excerpt and not a heap dump."""


class RoomChat:
    """The built-in room. It can do all that a chat can be asked for, and everyone of the organisation is in it.

    The account of a person here is `Account("room", "", person_id)`.
    """

    name = "room"
    abilities = frozenset(Ability)

    def __init__(self, rooms: RoomMemory, clock: Clock, organisation: Callable[[], Organisation]) -> None:
        self._rooms = rooms
        self._clock = clock
        self._organisation = organisation

    async def perform(self, effect: ChatEffect, *, key: str) -> Receipt:
        """Do it once for a key. A room, message or person that is not there is a failure that stays one."""
        try:
            return await self._perform(effect, key)
        except LookupError as error:
            return Failed(str(error.args[0]) if error.args else "there is no such room or message")

    async def find(self, effect: ChatEffect, *, key: str) -> Receipt | None:
        """Look for what was done under the key, or whether things already are as the effect wants them."""
        match effect:
            case OpenRoom() | Post() | Announce() | Direct() | Upload():
                if (found := await self._rooms.find(key)) is None:
                    return None
                room, message = found
                return Done(_ref(room), MessageRef(_ref(room), message) if message else None)
            case SetTopic():
                room_now = await self._rooms.room(effect.room.room)
                return Done(effect.room) if room_now is not None and room_now.topic == effect.topic else None
            case Archive():
                room_now = await self._rooms.room(effect.room.room)
                return Done(effect.room) if room_now is not None and room_now.is_archived else None
            case Invite():
                room_now = await self._rooms.room(effect.room.room)
                wanted = {account.user for account in effect.accounts}
                return Done(effect.room) if room_now is not None and wanted <= set(room_now.members) else None
            case Edit() | Pin() | KeepLink():
                return None
            case _:
                assert_never(effect)

    async def listen(self, inbox: ChatInbox) -> None:  # noqa: ARG002 - the port hands it over; the pages hold their own
        """Wait until cancelled: what people write comes in by the pages."""
        await asyncio.Event().wait()

    async def _perform(self, effect: ChatEffect, key: str) -> Receipt:
        match effect:
            case OpenRoom():
                return await self._open(effect, key)
            case Invite():
                return await self._invite(effect)
            case SetTopic():
                await self._existing(effect.room)
                await self._rooms.set_topic(effect.room.room, effect.topic)
                return Done(effect.room)
            case KeepLink():
                # The page of the room has the incident's address already.
                return Done(effect.room)
            case Post():
                return await self._post(effect.room.room, key, effect.content, is_loud=effect.loud)
            case Announce():
                return await self._post(await self._rooms.lobby(self._clock.now()), key, effect.content)
            case Direct():
                own = await self._own_room(effect.account)
                return await self._post(own, key, effect.content, is_loud=effect.is_page)
            case Upload():
                return await self._upload(effect, key)
            case Edit():
                await self._rooms.edit(effect.message.message, to_json(effect.content), self._clock.now())
                return Done(effect.message.room, effect.message)
            case Pin():
                await self._rooms.pin(effect.message.message)
                return Done(effect.message.room, effect.message)
            case Archive():
                await self._existing(effect.room)
                await self._rooms.set_archived(effect.room.room, is_archived=True)
                return Done(effect.room)
            case _:
                assert_never(effect)

    async def _open(self, effect: OpenRoom, key: str) -> Receipt:
        if effect.reopen is not None and await self._rooms.room(effect.reopen.room) is not None:
            await self._rooms.set_archived(effect.reopen.room, is_archived=False)
            return Done(effect.reopen)
        room = await self._rooms.open(key, effect.name, "", is_private=effect.private, at=self._clock.now())
        return Done(_ref(room))

    async def _invite(self, effect: Invite) -> Receipt:
        await self._existing(effect.room)
        org = self._organisation()
        people = [account.user for account in effect.accounts if org.person(account.user) is not None]
        if not people:
            return Failed("none of these people is in the configuration any more")
        await self._rooms.invite(effect.room.room, people)
        return Done(effect.room)

    async def _upload(self, effect: Upload, key: str) -> Receipt:
        if len(effect.body) > FILE_LIMIT_BYTES:
            size, limit = len(effect.body) // 1024, FILE_LIMIT_BYTES // 1024
            return Failed(f"{effect.name} has {size} KiB; a built-in room takes files of up to {limit} KiB")
        return await self._post(effect.room.room, key, Attachment(effect.name, effect.body, effect.alt))

    async def _post(self, room: str, key: str, content: Content | Attachment, *, is_loud: bool = False) -> Receipt:
        message = await self._rooms.post(room, key, to_json(content), self._clock.now(), is_loud=is_loud)
        return Done(_ref(room), MessageRef(_ref(room), message))

    async def _own_room(self, account: Account) -> str:
        if self._organisation().person(account.user) is None:
            raise LookupError("this person is not in the configuration any more")
        return await self._rooms.direct(account.user, self._clock.now())

    async def _existing(self, room: RoomRef) -> None:
        if await self._rooms.room(room.room) is None:
            raise LookupError(f"there is no built-in room {room.room}")


def _ref(room: str) -> RoomRef:
    return RoomRef("room", "", room)


@asynccontextmanager
async def _open(_settings: Settings, host: ChatHost) -> AsyncIterator[Chat]:
    yield RoomChat(host.rooms, host.clock, host.organisation)


async def _examine(_settings: Settings, _file: File) -> Sequence[Finding]:
    """Find nothing: there is nothing outside Tocsin that it needs."""
    return ()


CHAT = ChatKind(Declaration("room", "Built-in room"), lambda _settings: True, _open, _examine)
