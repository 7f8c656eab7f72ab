"""What the built-in rooms remember: one transaction a call, and what was done under a key is not done again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, literal, or_, select, true, union_all

from bot.ids import new_id
from bot.ports.store import BuiltInRoom, RoomMessage, Urgency
from storage.database import Database
from storage.tables import MemberRow, MessageRow, RoomRow
from storage.work import Work

_ROOMS: Final = RoomRow.__table__
_MEMBERS: Final = MemberRow.__table__
_MESSAGES: Final = MessageRow.__table__
_LOBBY: Final = "lobby"
_DIRECT: Final = "direct"
_INCIDENT: Final = "incident"


class SqlRoomMemory:
    """See `bot.ports.store.RoomMemory`.

    A room's revision is raised under its row's lock before a message is written, so that a reader who has seen a
    revision has seen every change up to it, with any number of replicas.
    """

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    async def open(self, key: str, name: str, topic: str, *, is_private: bool, at: datetime) -> str:
        return await self._room(key, _INCIDENT, name, at, topic=topic, is_private=is_private)

    async def lobby(self, at: datetime) -> str:
        return await self._room(_LOBBY, _LOBBY, "incidents", at)

    async def direct(self, person: str, at: datetime) -> str:
        return await self._room(f"{_DIRECT}:{person}", _DIRECT, "pages", at, is_private=True, person=person)

    async def set_archived(self, room: str, *, is_archived: bool) -> None:
        await self._change_room(room, is_archived=is_archived)

    async def set_topic(self, room: str, topic: str) -> None:
        await self._change_room(room, topic=topic)

    async def invite(self, room: str, people: Collection[str]) -> None:
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            await self._next_revision(work, room)
            statement = work.insert(_MEMBERS).on_conflict_do_nothing()
            rows = [{"tenant": self._tenant, "room": room, "person": person} for person in people]
            if rows:
                await work.connection.execute(statement, rows)

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
        message_id = new_id(at)
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            revision = await self._next_revision(work, room)
            values = {
                "id": message_id,
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
            if await work.put_new(_MESSAGES, values):
                return message_id
            row = await work.row(select(_MESSAGES.c.id).where(work.mine(_MESSAGES), _MESSAGES.c.key == key))
            assert row is not None
            return str(row["id"])

    async def edit(self, message: str, content: Mapping[str, Any], at: datetime) -> None:
        await self._change_message(message, content=dict(content), edited_at=at)

    async def pin(self, message: str) -> None:
        await self._change_message(message, is_pinned=True)

    async def find(self, key: str) -> tuple[str, str] | None:
        rooms = select(_ROOMS.c.id.label("room"), literal("").label("message")).where(
            _ROOMS.c.tenant == self._tenant, _ROOMS.c.key == key
        )
        messages = select(_MESSAGES.c.room.label("room"), _MESSAGES.c.id.label("message")).where(
            _MESSAGES.c.tenant == self._tenant, _MESSAGES.c.key == key
        )
        async with self._database.read(self._tenant) as work:
            row = await work.row(union_all(rooms, messages))
        return (row["room"], row["message"]) if row is not None else None

    async def rooms(self, person: str, *, sees_all: bool) -> Sequence[BuiltInRoom]:
        member = select(_MEMBERS.c.room).where(_MEMBERS.c.tenant == self._tenant, _MEMBERS.c.person == person)
        is_open = (_ROOMS.c.is_private.is_(False)) & (_ROOMS.c.kind != _DIRECT)
        is_theirs = (_ROOMS.c.kind == _DIRECT) & (_ROOMS.c.person == person)
        enters = or_(is_open, is_theirs, (_ROOMS.c.kind != _DIRECT) & _ROOMS.c.id.in_(member))
        everything = or_(_ROOMS.c.kind != _DIRECT, is_theirs)
        async with self._database.read(self._tenant) as work:
            condition = everything if sees_all else enters
            rows = await work.rows(select(_ROOMS).where(work.mine(_ROOMS), condition).order_by(_ROOMS.c.id.desc()))
            members = await self._members(work, [row["id"] for row in rows])
        return [_room(row, members.get(row["id"], ())) for row in rows]

    async def room(self, room: str) -> BuiltInRoom | None:
        async with self._database.read(self._tenant) as work:
            row = await work.row(select(_ROOMS).where(work.mine(_ROOMS), _ROOMS.c.id == room))
            if row is None:
                return None
            members = await self._members(work, [room])
        return _room(row, members.get(room, ()))

    async def messages(self, room: str, *, after_revision: int = 0, limit: int = 200) -> Sequence[RoomMessage]:
        statement = (
            select(_MESSAGES)
            .where(
                _MESSAGES.c.tenant == self._tenant,
                _MESSAGES.c.room == room,
                _MESSAGES.c.revision > after_revision if after_revision else true(),
            )
            .order_by(_MESSAGES.c.seq.desc())
            .limit(limit)
        )
        async with self._database.read(self._tenant) as work:
            rows = await work.rows(statement)
        return [_message(row) for row in reversed(rows)]

    async def _room(
        self,
        key: str,
        kind: str,
        name: str,
        at: datetime,
        *,
        topic: str = "",
        is_private: bool = False,
        person: str | None = None,
    ) -> str:
        find = select(_ROOMS.c.id).where(_ROOMS.c.tenant == self._tenant, _ROOMS.c.key == key)
        async with self._database.read(self._tenant) as work:
            if (row := await work.row(find)) is not None:
                return str(row["id"])
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            values = {
                "id": new_id(at),
                "key": key,
                "kind": kind,
                "name": name,
                "topic": topic,
                "is_private": is_private,
                "is_archived": False,
                "person": person,
                "revision": 0,
                "created_at": at,
            }
            if await work.put_new(_ROOMS, values):
                work.touched.add("rooms")
            row = await work.row(find)
            assert row is not None
            return str(row["id"])

    async def _change_room(self, room: str, **values: Any) -> None:
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            await self._next_revision(work, room)
            await work.change(_ROOMS.update().where(work.mine(_ROOMS), _ROOMS.c.id == room).values(**values))

    async def _change_message(self, message: str, **values: Any) -> None:
        async with self._database.write(self._tenant, Urgency.COMMAND) as work:
            mine = (work.mine(_MESSAGES), _MESSAGES.c.id == message)
            row = await work.row(select(_MESSAGES.c.room).where(*mine))
            if row is None:
                raise LookupError(f"there is no message {message}")
            revision = await self._next_revision(work, row["room"])
            await work.change(_MESSAGES.update().where(*mine).values(**values, revision=revision))

    async def _next_revision(self, work: Work, room: str) -> int:
        statement = (
            _ROOMS.update()
            .where(work.mine(_ROOMS), _ROOMS.c.id == room)
            .values(revision=_ROOMS.c.revision + 1)
            .returning(_ROOMS.c.revision)
        )
        row = await work.row(statement)
        if row is None:
            raise LookupError(f"there is no room {room}")
        work.touched.update({"rooms", f"room:{room}"})
        return int(row["revision"])

    async def _members(self, work: Work, rooms: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        statement = (
            select(_MEMBERS.c.room, _MEMBERS.c.person)
            .where(work.mine(_MEMBERS), work.among(_MEMBERS.c.room, rooms))
            .order_by(_MEMBERS.c.person)
        )
        found: dict[str, tuple[str, ...]] = {}
        for row in await work.rows(statement):
            found[row["room"]] = (*found.get(row["room"], ()), row["person"])
        return found


def _room(row: RowMapping, members: tuple[str, ...]) -> BuiltInRoom:
    return BuiltInRoom(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        topic=row["topic"],
        is_private=row["is_private"],
        is_archived=row["is_archived"],
        person=row["person"],
        members=members,
        revision=row["revision"],
    )


def _message(row: RowMapping) -> RoomMessage:
    return RoomMessage(**{name: value for name, value in row.items() if name not in {"tenant", "key"}})
