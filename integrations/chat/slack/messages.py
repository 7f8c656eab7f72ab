"""Writes, edits and pins messages, and finds again those whose fate is unknown by the key that they carry."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.ports.chat import Content, Done, Edit, Failed, MessageRef, Pin, Receipt, RoomRef, Upload
from bot.ports.store import ChatMemory
from bot.wording.speech import Speech
from integrations.chat.slack.api import Slack
from integrations.chat.slack.blocks import message
from integrations.chat.slack.bot_self import WhoAmI
from integrations.chat.slack.needs import Call
from integrations.chat.slack.text import escaped
from integrations.chat.slack.trouble import Refused

EVENT_TYPE: Final = "tocsin_effect"
"""Marks what we write. Everyone in a workspace can read a message's metadata, so it holds an id and nothing else."""

_FILES: Final = "file"
_LOOKED_BACK: Final = timedelta(hours=25)
"""An effect is given up after a day, so nobody looks for one that is older."""

_NOT_TO_BE_EDITED: Final = frozenset({"message_not_found", "edit_window_closed", "cant_update_message"})
"""Somebody has deleted it, or a workspace setting lets nobody edit what is older."""

_PAGES_LOOKED_AT: Final = 5
_PER_PAGE: Final = 200


class Messages:
    """What Tocsin writes in channels and to people."""

    def __init__(self, slack: Slack, who: WhoAmI, memory: ChatMemory) -> None:
        self._slack = slack
        self._who = who
        self._memory = memory

    async def post(
        self,
        channel: str,
        content: Content,
        key: str,
        speech: Speech,
        *,
        is_loud: bool = False,
        is_page: bool = False,
        about: RoomRef | None = None,
    ) -> Receipt:
        """Write a message into a channel, or to a user; it carries its key, and leads to the room that it is about."""
        me = await self._who()
        told = await self._slack.call(
            Call.POST,
            channel=channel,
            is_page=is_page,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
            unfurl_links=False,
            unfurl_media=False,
            **message(content, speech, is_loud=is_loud, channel=about.room if about is not None else ""),
        )
        room = RoomRef("slack", me.team, str(told["channel"]))
        return Done(room, MessageRef(room, str(told["ts"])))

    async def edit(self, effect: Edit, key: str, speech: Speech) -> Receipt:
        """Replace a message. One that can't be replaced any more is written anew: it tells how things stand."""
        room = effect.message.room
        try:
            await self._slack.call(
                Call.UPDATE, channel=room.room, ts=effect.message.message, **message(effect.content, speech)
            )
        except Refused as refused:
            if refused.code not in _NOT_TO_BE_EDITED:
                raise
            return await self.find(room.room, key) or await self.post(room.room, effect.content, key, speech)
        return Done(room, effect.message)

    async def pin(self, effect: Pin) -> Receipt:
        """Pin a message."""
        room = effect.message.room
        try:
            await self._slack.call(Call.PIN, channel=room.room, timestamp=effect.message.message)
        except Refused as refused:
            if refused.code != "already_pinned":
                raise
        return Done(room, effect.message)

    async def upload(self, effect: Upload, key: str, now: datetime) -> Receipt:
        """Put a file into a channel: ask where, hand it in, and say where it belongs."""
        if not effect.body:
            return Failed(f"{effect.name} is empty, and Slack takes no empty file")
        told = await self._slack.call(
            Call.UPLOAD_URL, filename=effect.name, length=len(effect.body), alt_txt=effect.alt or None
        )
        file = str(told["file_id"])
        await self._memory.put(_FILES, key, {"file": file}, expires_at=now + _LOOKED_BACK)
        await self._slack.hand_in(str(told["upload_url"]), effect.body)
        files = [{"id": file, "title": escaped(effect.name, 200)}]
        await self._slack.call(Call.UPLOAD_DONE, files=files, channel_id=effect.room.room)
        return Done(effect.room)

    async def find_upload(self, effect: Upload, key: str) -> Receipt | None:
        """Return whether the file that was handed in under a key is in its channel."""
        kept = await self._memory.get(_FILES, key)
        if kept is None:
            return None
        async for one in self._history(effect.room.room):
            if any(file.get("id") == kept["file"] for file in one.get("files") or ()):
                return Done(effect.room)
        return None

    async def find(self, channel: str, key: str) -> Receipt | None:
        """Return our message that carries a key."""
        me = await self._who()
        async for one in self._history(channel):
            metadata = one.get("metadata") or {}
            is_it = metadata.get("event_type") == EVENT_TYPE and (metadata.get("event_payload") or {}).get("key") == key
            # Another app may write the same metadata: only ours counts.
            if is_it and one.get("bot_id") == me.bot:
                room = RoomRef("slack", me.team, channel)
                return Done(room, MessageRef(room, str(one["ts"])))
        return None

    async def direct_channel(self, user: str) -> str:
        """Return the channel in which the bot writes to a user alone."""
        told = await self._slack.call(Call.OPEN_DIRECT, users=user)
        return str(told["channel"]["id"])

    async def _history(self, channel: str) -> AsyncIterator[Mapping[str, Any]]:
        now = self._slack.now()
        oldest = f"{(now - _LOOKED_BACK).timestamp():.6f}" if now is not None else None
        cursor = ""
        for _ in range(_PAGES_LOOKED_AT):
            told: Mapping[str, Any] = await self._slack.call(
                Call.HISTORY,
                channel=channel,
                include_all_metadata=True,
                limit=_PER_PAGE,
                oldest=oldest,
                cursor=cursor or None,
            )
            for one in told.get("messages", ()):
                yield one
            cursor = (told.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return
