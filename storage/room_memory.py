"""What the built-in rooms remember, and how it changes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update

from bot.ids import new_id
from bot.ports.store import BuiltInRoom, RoomMessage, Urgency
from storage import room_reading
from storage.database import Database
from storage.tables import MemberRow, MessageRow, RoomRow
from storage.tables.base import storable
from storage.work import Work

_ROOMS = RoomRow.__table__
_MEMBERS = MemberRow.__table__
_MESSAGES = MessageRow.__table__

_LOBBY_KEY: Final = "lobby"


class SqlRoomMemory:
    """See `bot.ports.store.RoomMemory`.

    Every change gives its room the next revision, under the room's lock until the commit: whoever has seen a revision
    has seen all before it. A change of what is so already is none. All writes go first, since a person looks on.
    """

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def open(self, key: str, name: str, topic: str, *, is_private: bool, at: datetime) -> str:
        return await self._make(
            "incident", room_reading.INCIDENT_KEY.format(key), at, name=name, topic=topic, is_private=is_private
        )

    async def lobby(self, at: datetime) -> str:
        return await self._make("lobby", _LOBBY_KEY, at, name="lobby")

    async def direct(self, person: str, at: datetime) -> str:
        return await self._make("direct", f"direct:{person}", at, name="direct", is_private=True, person=person)

    async def set_archived(self, room: str, *, is_archived: bool) -> None:
        await self._set(room, "is_archived", is_archived)

    async def set_topic(self, room: str, topic: str) -> None:
        await self._set(room, "topic", storable(topic))

    async def invite(self, room: str, people: Collection[str]) -> None:
        async with self._database.write(self._tenant, Urgency.PROCESSING) as work:
            there = await _locked(work, room)
            known = {row["person"] for row in await work.rows(select(_MEMBERS.c.person).where(*_in(work, room)))}
            new = [person for person in dict.fromkeys(people) if person not in known]
            if new:
                await work.put(_MEMBERS, [{"room": room, "person": person} for person in new])
                await _bump(work, room, there + 1)
                work.touched.add("rooms")

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
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            there = await room_reading.message_under(work, key)
            if there is not None:
                return there
            revision = await _locked(work, room) + 1
            message = {
                "id": new_id(at),
                "room": room,
                "key": key,
                "author": author,
                "content": dict(content),
                "at": at,
                "is_loud": is_loud,
                "is_pinned": False,
                "edited_at": None,
                "revision": revision,
            }
            if not await work.put_new(_MESSAGES, message):
                # Another replica posted it between the look and the lock.
                return await room_reading.message_under(work, key) or ""
            await _bump(work, room, revision)
            return str(message["id"])

    async def edit(self, message: str, content: Mapping[str, Any], at: datetime) -> None:
        await self._change(message, {"content": dict(content)}, {"edited_at": at})

    async def pin(self, message: str) -> None:
        await self._change(message, {"is_pinned": True}, {})

    async def find(self, key: str) -> tuple[str, str] | None:
        async with self._database.read(self._tenant) as work:
            return await room_reading.done_under(work, key)

    async def rooms(self, person: str, *, sees_all: bool) -> Sequence[BuiltInRoom]:
        async with self._database.read(self._tenant) as work:
            return await room_reading.rooms_for(work, person, sees_all=sees_all)

    async def room(self, room: str) -> BuiltInRoom | None:
        async with self._database.read(self._tenant) as work:
            return await room_reading.room(work, room)

    async def messages(self, room: str, *, after_revision: int = 0, limit: int = 200) -> Sequence[RoomMessage]:
        async with self._database.read(self._tenant) as work:
            return await room_reading.messages(work, room, after_revision, limit)

    async def _make(self, kind: str, key: str, at: datetime, **fields: Any) -> str:
        async with self._database.read(self._tenant) as work:
            if (there := await room_reading.room_under(work, key)) is not None:
                return there
        room = {
            "id": new_id(at),
            "key": key,
            "kind": kind,
            "name": storable(fields["name"]),
            "topic": storable(fields.get("topic", "")),
            "is_private": fields.get("is_private", False),
            "is_archived": False,
            "person": fields.get("person"),
            "revision": 0,
            "created_at": at,
        }
        # A call waits for the room of the person who is called.
        urgency = Urgency.COMMAND if kind == "direct" else Urgency.PROCESSING
        async with self._database.write(self._tenant, urgency) as work:
            if not await work.put_new(_ROOMS, room):
                return await room_reading.room_under(work, key) or ""
            work.touched.update(("rooms", f"room:{room['id']}"))
        return str(room["id"])

    async def _set(self, room: str, column: str, value: str | bool) -> None:  # noqa: FBT001 - it is what the column holds
        async with self._database.write(self._tenant, Urgency.PROCESSING) as work:
            revision = await _locked(work, room) + 1
            statement = update(_ROOMS).where(work.mine(_ROOMS), _ROOMS.c.id == room, _ROOMS.c[column] != value)
            if await work.change(statement, {column: value, "revision": revision}):
                work.touched.update(("rooms", f"room:{room}"))

    async def _change(self, message: str, values: Mapping[str, Any], besides: Mapping[str, Any]) -> None:
        """Give a message these values, and the others with them, unless it has them."""
        this = (_MESSAGES.c.tenant == self._tenant, _MESSAGES.c.id == message)
        async with self._database.write(self._tenant, Urgency.PROCESSING) as work:
            there = await work.row(select(_MESSAGES).where(*this))
            if there is None:
                raise LookupError(f"there is no message {message}")
            if all(there[name] == value for name, value in values.items()):
                return
            revision = await _locked(work, there["room"]) + 1
            await work.change(update(_MESSAGES).where(*this), {**values, **besides, "revision": revision})
            await _bump(work, there["room"], revision)


def _in(work: Work, room: str) -> tuple[Any, ...]:
    return work.mine(_MEMBERS), _MEMBERS.c.room == room


async def _locked(work: Work, room: str) -> int:
    """Return the room's revision, which nobody else changes before our commit."""
    statement = select(_ROOMS.c.revision).where(work.mine(_ROOMS), _ROOMS.c.id == room).with_for_update()
    row = await work.row(statement)
    if row is None:
        raise LookupError(f"there is no room {room}")
    return int(row["revision"])


async def _bump(work: Work, room: str, revision: int) -> None:
    await work.change(update(_ROOMS).where(work.mine(_ROOMS), _ROOMS.c.id == room), {"revision": revision})
    work.touched.add(f"room:{room}")
