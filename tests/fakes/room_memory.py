"""A true fake of what the built-in rooms remember: everything in lists, the port's promises kept."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.ports.store import BuiltInRoom, RoomMessage


class FakeRoomMemory:
    """Fulfils `RoomMemory`. `on_commit` is called with the topics that a change touched, as a store's would be."""

    def __init__(self, on_commit: Callable[[frozenset[str]], None] = lambda topics: None) -> None:
        self._on_commit = on_commit
        self._rooms: dict[str, BuiltInRoom] = {}
        self._messages: dict[str, RoomMessage] = {}
        self._keys: dict[str, tuple[str, str]] = {}
        self._count = 0

    async def open(self, key: str, name: str, topic: str, *, is_private: bool, at: datetime) -> str:
        if key in self._keys:
            return self._keys[key][0]
        room = self._make("incident", name, topic, is_private=is_private)
        self._keys[key] = (room, "")
        return room

    async def lobby(self, at: datetime) -> str:
        found = [room.id for room in self._rooms.values() if room.kind == "lobby"]
        return found[0] if found else self._make("lobby", "lobby", "")

    async def direct(self, person: str, at: datetime) -> str:
        found = [room.id for room in self._rooms.values() if room.kind == "direct" and room.person == person]
        return found[0] if found else self._make("direct", "direct", "", is_private=True, person=person)

    async def set_archived(self, room: str, *, is_archived: bool) -> None:
        self._change(room, is_archived=is_archived)

    async def set_topic(self, room: str, topic: str) -> None:
        self._change(room, topic=topic)

    async def invite(self, room: str, people: Collection[str]) -> None:
        members = self._there(room).members
        self._change(room, members=tuple(dict.fromkeys((*members, *people))))

    async def post(
        self,
        room: str,
        key: str,
        content: Mapping[str, Any],
        at: datetime,
        *,
        author: str | None = None,
        is_loud: bool = False,
    ) -> str:
        if key in self._keys:
            return self._keys[key][1]
        self._there(room)
        message = self._next("m")
        revision = self._change(room)
        self._messages[message] = RoomMessage(
            id=message,
            seq=self._count,
            room=room,
            author=author,
            content=dict(content),
            at=at,
            is_loud=is_loud,
            is_pinned=False,
            edited_at=None,
            revision=revision,
        )
        self._keys[key] = (room, message)
        return message

    async def edit(self, message: str, content: Mapping[str, Any], at: datetime) -> None:
        before = self._said(message)
        if before.content != content:
            self._say(replace(before, content=dict(content), edited_at=at))

    async def pin(self, message: str) -> None:
        before = self._said(message)
        if not before.is_pinned:
            self._say(replace(before, is_pinned=True))

    async def find(self, key: str) -> tuple[str, str] | None:
        return self._keys.get(key)

    async def rooms(self, person: str, *, sees_all: bool) -> Sequence[BuiltInRoom]:
        return [room for room in self._rooms.values() if _may_enter(room, person, sees_all=sees_all)]

    async def room(self, room: str) -> BuiltInRoom | None:
        return self._rooms.get(room)

    async def messages(self, room: str, *, after_revision: int = 0, limit: int = 200) -> Sequence[RoomMessage]:
        changed = [m for m in self._messages.values() if m.room == room and m.revision > after_revision]
        return sorted(changed, key=lambda message: message.seq)[-limit:]

    def _make(self, kind: str, name: str, topic: str, *, is_private: bool = False, person: str | None = None) -> str:
        room = self._next("r")
        self._rooms[room] = BuiltInRoom(
            id=room,
            kind=kind,
            name=name,
            topic=topic,
            is_private=is_private,
            is_archived=False,
            person=person,
            members=(),
            revision=0,
        )
        self._on_commit(frozenset({"rooms", f"room:{room}"}))
        return room

    def _change(self, room: str, **changes: Any) -> int:
        before = self._there(room)
        self._rooms[room] = replace(before, **changes, revision=before.revision + 1)
        self._on_commit(frozenset({f"room:{room}", *({"rooms"} if changes else ())}))
        return before.revision + 1

    def _say(self, message: RoomMessage) -> None:
        self._messages[message.id] = replace(message, revision=self._there(message.room).revision + 1)
        self._change(message.room)

    def _there(self, room: str) -> BuiltInRoom:
        if room not in self._rooms:
            raise LookupError(f"there is no room {room}")
        return self._rooms[room]

    def _said(self, message: str) -> RoomMessage:
        if message not in self._messages:
            raise LookupError(f"there is no message {message}")
        return self._messages[message]

    def _next(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"


def _may_enter(room: BuiltInRoom, person: str, *, sees_all: bool) -> bool:
    if room.kind == "direct":
        return room.person == person
    return not room.is_private or sees_all or person in room.members
