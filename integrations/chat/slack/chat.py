"""Slack as Tocsin's core knows it: every effect is carried out or looked for, and ends in one receipt."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, assert_never

import structlog
from aiohttp import web

from bot.domain.organisation import Account
from bot.ports.chat import (
    Ability,
    Announce,
    Archive,
    ChatEffect,
    ChatInbox,
    Direct,
    Done,
    Edit,
    Failed,
    Gone,
    Invite,
    KeepLink,
    OpenRoom,
    Pin,
    Post,
    Receipt,
    RetryAfter,
    RoomRef,
    SetTopic,
    Unknown,
    Upload,
)
from bot.ports.chat_updates import Update
from bot.wording.speech import Speech
from integrations.chat.kind import ChatHost
from integrations.chat.slack.declaration import SlackSection
from integrations.chat.slack.entrance import Entrance
from integrations.chat.slack.inbound import Inbound
from integrations.chat.slack.messages import Messages
from integrations.chat.slack.rooms import Channels
from integrations.chat.slack.trouble import Refused, Trouble

_ANNOUNCED_IN: Final = "announce"
_REMEMBERED_FOR: Final = timedelta(days=30)
_PUT_OUT: Final = "put out"
_PUT_OUT_TOLD_FOR: Final = timedelta(days=1)
_INVITED_AGAIN_WITHIN: Final = timedelta(minutes=1)
"""How long what is to be told waits before it is tried again in a channel that the bot was put out of."""

log = structlog.get_logger(__name__)


class SlackChat:
    """See `bot.ports.chat`: `Chat`, `HandlesUpdates` and, in `integrations.chat.kind`, `OverHttp`."""

    name = "slack"
    abilities = frozenset(Ability)

    def __init__(
        self, host: ChatHost, channels: Channels, messages: Messages, inbound: Inbound, entrance: Entrance
    ) -> None:
        self._host = host
        self._channels = channels
        self._messages = messages
        self._inbound = inbound
        self._entrance = entrance

    async def perform(self, effect: ChatEffect, *, key: str) -> Receipt:
        room = _room_of(effect)
        try:
            try:
                return await self._perform(effect, key)
            except Refused as refused:
                if room is None or refused.code != "not_in_channel":
                    raise
                return await self._perform_inside(room, effect, key)
        except Trouble as trouble:
            return trouble.receipt(room)

    async def find(self, effect: ChatEffect, *, key: str) -> Receipt | None:
        """Look for what an effect would have made; what can be done twice without harm is not looked for."""
        try:
            return await self._find(effect, key)
        except Refused as refused:
            receipt = refused.receipt(_room_of(effect))
            # Where Slack lets us look no more, a page that comes twice is better than one that never comes.
            return None if isinstance(receipt, Failed) else receipt
        except Trouble as trouble:
            # Not to be able to look is not the same as not to find: the effect stays unknown.
            return Unknown(str(trouble))

    async def listen(self, inbox: ChatInbox) -> None:
        await self._entrance.listen(inbox)

    def routes(self, inbox: ChatInbox) -> Sequence[web.RouteDef]:
        return self._entrance.routes(inbox)

    async def handle(self, update: Update, inbox: ChatInbox) -> None:
        await self._inbound.handle(update, inbox)

    async def _perform(self, effect: ChatEffect, key: str) -> Receipt:
        match effect:
            case OpenRoom():
                return await self._channels.open(effect, key, self._host.clock.now())
            case Invite():
                return await self._channels.invite(effect)
            case SetTopic():
                return await self._channels.set_topic(effect)
            case KeepLink():
                return await self._channels.keep_link(effect)
            case Post():
                return await self._messages.post(
                    effect.room.room, effect.content, key, self._speech(), is_loud=effect.loud
                )
            case Announce():
                return await self._announce(effect, key)
            case Edit():
                return await self._messages.edit(effect, key, self._speech())
            case Pin():
                return await self._messages.pin(effect)
            case Direct():
                speech = self._speech(effect.account)
                return await self._messages.post(
                    effect.account.user, effect.content, key, speech, is_page=effect.is_page, about=effect.about
                )
            case Upload():
                return await self._messages.upload(effect, key, self._host.clock.now())
            case Archive():
                return await self._channels.archive(effect)
            case _:
                assert_never(effect)

    async def _perform_inside(self, room: RoomRef, effect: ChatEffect, key: str) -> Receipt:
        """Do it once the bot is back in a channel that somebody has put it out of; where that can't be, wait for it."""
        try:
            await self._channels.join(room)
        except Refused as refused:
            if isinstance(receipt := refused.receipt(room), Gone):
                return receipt
            await self._say_put_out(room)
            return RetryAfter(_INVITED_AGAIN_WITHIN, f"the bot was put out of the channel {room.room} ({refused})")
        return await self._perform(effect, key)

    async def _say_put_out(self, room: RoomRef) -> None:
        """Say where incidents are announced that nothing can be told in a channel, once a day."""
        if await self._host.memory.get(_PUT_OUT, room.room) is not None:
            return
        text = self._speech().words("slack.put_out")
        try:
            await self._announce(Announce(text, room), f"{_PUT_OUT}:{room.room}")
        except Trouble as trouble:
            log.warning("slack_put_out_untold", channel=room.room, reason=str(trouble))
            return
        until = self._host.clock.now() + _PUT_OUT_TOLD_FOR
        await self._host.memory.put(_PUT_OUT, room.room, {"told": True}, expires_at=until)

    async def _find(self, effect: ChatEffect, key: str) -> Receipt | None:
        match effect:
            case OpenRoom():
                return await self._channels.find(effect, key)
            case KeepLink():
                return await self._channels.find_link(effect)
            case Post():
                return await self._messages.find(effect.room.room, key)
            case Announce():
                channel = await self._announced_in()
                return await self._messages.find(channel, key) if channel is not None else None
            case Direct():
                channel = await self._messages.direct_channel(effect.account.user)
                return await self._messages.find(channel, key)
            case Upload():
                return await self._messages.find_upload(effect, key)
            case Invite() | SetTopic() | Edit() | Pin() | Archive():
                return None
            case _:
                assert_never(effect)

    async def _announce(self, effect: Announce, key: str) -> Receipt:
        section = self._host.section().of(SlackSection)
        if section.announce is None:
            return Done()
        where = section.announce if _is_id(section.announce) else f"#{section.announce}"
        receipt = await self._messages.post(where, effect.content, key, self._speech(), about=effect.about)
        if isinstance(receipt, Done) and receipt.room is not None and not _is_id(section.announce):
            await self._remember(section.announce, receipt.room.room)
        return receipt

    async def _announced_in(self) -> str | None:
        """Return the id of the channel for announcements: a history can be read by id only."""
        name = self._host.section().of(SlackSection).announce
        if name is None or _is_id(name):
            return name
        kept = await self._host.memory.get(_ANNOUNCED_IN, name)
        return str(kept["channel"]) if kept is not None else await self._channels.named(name)

    async def _remember(self, name: str, channel: str) -> None:
        kept = await self._host.memory.get(_ANNOUNCED_IN, name)
        if kept is None or kept["channel"] != channel:
            until = self._host.clock.now() + _REMEMBERED_FOR
            await self._host.memory.put(_ANNOUNCED_IN, name, {"channel": channel}, expires_at=until)

    def _speech(self, account: Account | None = None) -> Speech:
        reader = self._host.organisation().person_behind(account) if account is not None else None
        return self._host.speech(reader)


def _room_of(effect: ChatEffect) -> RoomRef | None:
    """Return the room that an effect needs to be there."""
    match effect:
        case Invite() | SetTopic() | KeepLink() | Post() | Upload() | Archive():
            return effect.room
        case Edit() | Pin():
            return effect.message.room
        case OpenRoom() | Announce() | Direct():
            return None
        case _:
            assert_never(effect)


def _is_id(channel: str) -> bool:
    return channel[:1] in {"C", "G"}
