"""Opens, closes and fills channels, so that an incident never gets two of them, whatever broke in between."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.domain.text import clean, clip
from bot.ports.chat import Archive, Done, Failed, Invite, KeepLink, OpenRoom, Receipt, RoomRef, SetTopic
from bot.ports.store import ChatMemory
from integrations.chat.slack.api import Slack
from integrations.chat.slack.bot_self import WhoAmI
from integrations.chat.slack.needs import Call
from integrations.chat.slack.trouble import Refused

log = structlog.get_logger(__name__)

LONGEST_NAME: Final = 80
LONGEST_TOPIC: Final = 250
MOST_INVITED: Final = 100
MOST_SUFFIXES: Final = 9
_MOST_PAGES: Final = 5
_OPENINGS: Final = "opening"
_REMEMBERED_FOR: Final = timedelta(days=30)
_TOLERATED: Final = timedelta(seconds=2)
"""Slack dates its channels and its answers in whole seconds."""

_THERE_ALREADY: Final = frozenset({"already_in_channel", "cant_invite_self"})
_FOR_NOBODY: Final = frozenset({"user_not_found", "user_disabled", "cant_invite", "user_is_restricted"})
_NOT_OURS_TO_OPEN: Final = frozenset({"channel_not_found", "not_in_channel", "restricted_action"})
"""Slack lets few bots open a channel again, since archiving has put them out of it; or somebody has deleted it."""


class Channels:
    """An incident's channels."""

    def __init__(self, slack: Slack, who: WhoAmI, memory: ChatMemory) -> None:
        self._slack = slack
        self._who = who
        self._memory = memory

    async def open(self, effect: OpenRoom, key: str, now: datetime) -> Receipt:
        """Make the channel or open it again; where Slack does not let the bot do that, another one is made."""
        if effect.reopen is not None and await self._is_open_again(effect.reopen):
            return Done(effect.reopen)
        me = await self._who()
        since, is_first = await self._since(key, now)
        own: Sequence[Mapping[str, Any]] | None = None
        for name in _names(effect.name):
            try:
                made = await self._slack.call(Call.CREATE, name=name, is_private=effect.private)
            except Refused as refused:
                if refused.code != "name_taken":
                    raise
                if not is_first:
                    # An earlier try may have made it and not lived to hear so.
                    own = await self._own() if own is None else own
                    if (channel := _made_since(own, name, me.user, since)) is not None:
                        return Done(RoomRef("slack", me.team, channel))
                continue
            return Done(RoomRef("slack", me.team, str(made["channel"]["id"])))
        return Failed(f"Slack has channels {effect.name} and all its successors up to -{MOST_SUFFIXES} already")

    async def find(self, effect: OpenRoom, key: str) -> Receipt | None:
        """Return the channel that an effect with this key has made; None where none was, so that it is tried again."""
        kept = await self._memory.get(_OPENINGS, key)
        if kept is None:
            return None
        me, own = await self._who(), await self._own()
        for name in _names(effect.name):
            if (channel := _made_since(own, name, me.user, datetime.fromisoformat(kept["since"]))) is not None:
                return Done(RoomRef("slack", me.team, channel))
        return None

    async def named(self, name: str) -> str | None:
        """Return the id of a channel that the bot is in, by its name."""
        return next((str(one["id"]) for one in await self._own() if one.get("name") == name), None)

    async def invite(self, effect: Invite) -> Receipt:
        """Bring everyone in who can be; those who can't are told about only when there is nobody else."""
        users = list(dict.fromkeys(account.user for account in effect.accounts))
        refused: Refused | None = None
        for start in range(0, len(users), MOST_INVITED):
            some = ",".join(users[start : start + MOST_INVITED])
            try:
                await self._slack.call(Call.INVITE, channel=effect.room.room, users=some, force=True)
            except Refused as error:
                reasons = set(error.each) or {error.code}
                if reasons <= _THERE_ALREADY:
                    continue
                if not reasons <= _THERE_ALREADY | _FOR_NOBODY:
                    raise
                refused = error
        if refused is not None and len(users) == 1:
            return refused.receipt(effect.room)
        if refused is not None:
            log.warning("slack_invited_in_part", channel=effect.room.room, reason=refused.code)
        return Done(effect.room)

    async def join(self, room: RoomRef) -> None:
        """Come back into a public channel. Raises `Refused` where that can't be, as in every private one."""
        await self._slack.call(Call.JOIN, channel=room.room)

    async def set_topic(self, effect: SetTopic) -> Receipt:
        """Set the topic."""
        line = clip(" ".join(clean(effect.topic).split()), LONGEST_TOPIC)
        await self._slack.call(Call.SET_TOPIC, channel=effect.room.room, topic=line)
        return Done(effect.room)

    async def keep_link(self, effect: KeepLink) -> Receipt:
        """Add a bookmark; Slack would add the same one twice."""
        title = clip(clean(effect.link.title), 100)
        await self._slack.call(
            Call.BOOKMARK, channel_id=effect.room.room, title=title, type="link", link=effect.link.url
        )
        return Done(effect.room)

    async def find_link(self, effect: KeepLink) -> Receipt | None:
        """Return whether a channel has a bookmark of this address."""
        told = await self._slack.call(Call.BOOKMARKS, channel_id=effect.room.room)
        is_there = any(one.get("link") == effect.link.url for one in told.get("bookmarks") or ())
        return Done(effect.room) if is_there else None

    async def archive(self, effect: Archive) -> Receipt:
        """Archive the channel; one that is closed or deleted already is what was wanted."""
        try:
            await self._slack.call(Call.ARCHIVE, channel=effect.room.room)
        except Refused as refused:
            if refused.code not in {"already_archived", "channel_not_found", "is_archived"}:
                raise
        return Done(effect.room)

    async def _is_open_again(self, room: RoomRef) -> bool:
        """Open an archived channel; says whether it is open now."""
        try:
            await self._slack.call(Call.UNARCHIVE, channel=room.room)
        except Refused as refused:
            if refused.code in _NOT_OURS_TO_OPEN:
                return False
            if refused.code != "not_archived":
                raise
        return True

    async def _since(self, key: str, now: datetime) -> tuple[datetime, bool]:
        """Return when the first try began on Slack's clock, noted before it begins, and whether this is the first."""
        since = (self._slack.now() or now) - _TOLERATED
        note = {"since": since.isoformat()}
        if await self._memory.put_new(_OPENINGS, key, note, expires_at=now + _REMEMBERED_FOR):
            return since, True
        kept = await self._memory.get(_OPENINGS, key) or note
        return datetime.fromisoformat(kept["since"]), False

    async def _own(self) -> list[Mapping[str, Any]]:
        """Return the open channels that the bot is in: whoever makes a channel is in it."""
        found: list[Mapping[str, Any]] = []
        cursor = ""
        for _ in range(_MOST_PAGES):
            told = await self._slack.call(
                Call.OWN_CHANNELS,
                types="public_channel,private_channel",
                exclude_archived=True,
                limit=999,
                cursor=cursor or None,
            )
            found.extend(told.get("channels", ()))
            cursor = (told.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return found


def _names(name: str) -> Sequence[str]:
    """Return the name and those to take when it is taken: archived channels keep theirs."""
    fit = re.sub(r"[^a-z0-9_-]", "-", name.lower())[: LONGEST_NAME - 2] or "incident"
    return (fit, *(f"{fit}-{number}" for number in range(2, MOST_SUFFIXES + 1)))


def _made_since(channels: Sequence[Mapping[str, Any]], name: str, creator: str, since: datetime) -> str | None:
    for channel in channels:
        is_ours = channel.get("name") == name and channel.get("creator") == creator
        if is_ours and float(channel.get("created", 0)) >= since.timestamp():
            return str(channel["id"])
    return None
