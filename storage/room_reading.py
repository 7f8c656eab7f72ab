"""Built-in rooms and their messages, as they are read."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import RowMapping, and_, case, or_, select

from bot.ports.store import BuiltInRoom, RoomMessage
from storage.tables import MemberRow, MessageRow, RoomRow
from storage.work import Work

_ROOMS = RoomRow.__table__
_MEMBERS = MemberRow.__table__
_MESSAGES = MessageRow.__table__

INCIDENT_KEY: Final = "incident:{}"
"""An incident room's key; the prefix keeps those that others hand in apart from the lobby's and direct rooms'."""

_MOST_ROOMS: Final = 1_000


async def room(work: Work, room_id: str) -> BuiltInRoom | None:
    """Return one room."""
    row = await work.row(select(_ROOMS).where(work.mine(_ROOMS), _ROOMS.c.id == room_id))
    if row is None:
        return None
    return _room(row, (await _members(work, [room_id])).get(room_id, ()))


async def room_under(work: Work, key: str) -> str | None:
    """Return the id of the room that was made under a key."""
    row = await work.row(select(_ROOMS.c.id).where(work.mine(_ROOMS), _ROOMS.c.key == key))
    return None if row is None else str(row["id"])


async def message_under(work: Work, key: str) -> str | None:
    """Return the id of the message that was posted under a key."""
    row = await work.row(select(_MESSAGES.c.id).where(work.mine(_MESSAGES), _MESSAGES.c.key == key))
    return None if row is None else str(row["id"])


async def done_under(work: Work, key: str) -> tuple[str, str] | None:
    """Return (room, message) posted under a key, or (room, '') made under it."""
    posted = select(_MESSAGES.c.room, _MESSAGES.c.id).where(work.mine(_MESSAGES), _MESSAGES.c.key == key)
    row = await work.row(posted)
    if row is not None:
        return row["room"], row["id"]
    made = await room_under(work, INCIDENT_KEY.format(key))
    return None if made is None else (made, "")


async def rooms_for(work: Work, person: str, *, sees_all: bool) -> Sequence[BuiltInRoom]:
    """Return the rooms a person may enter: the lobby, their own, then the open and the archived, each newest first.

    Of those that have been archived longest, whatever is beyond a thousand is left out. Nobody sees another's own room.
    """
    theirs = select(_MEMBERS.c.room).where(work.mine(_MEMBERS), _MEMBERS.c.person == person)
    is_own = and_(_ROOMS.c.kind == "direct", _ROOMS.c.person == person)
    may_enter = or_(_ROOMS.c.is_private.is_(False), _ROOMS.c.id.in_(theirs))
    others = _ROOMS.c.kind != "direct" if sees_all else and_(_ROOMS.c.kind != "direct", may_enter)
    statement = (
        select(_ROOMS)
        .where(work.mine(_ROOMS), or_(is_own, others))
        .order_by(
            case({"lobby": 0, "direct": 1}, value=_ROOMS.c.kind, else_=2), _ROOMS.c.is_archived, _ROOMS.c.id.desc()
        )
        .limit(_MOST_ROOMS)
    )
    rows = await work.rows(statement)
    members = await _members(work, [row["id"] for row in rows])
    return [_room(row, members.get(row["id"], ())) for row in rows]


async def messages(work: Work, room_id: str, after_revision: int, limit: int) -> Sequence[RoomMessage]:
    """Return the last `limit` messages of a room that are new or changed after a revision, in order of their making."""
    statement = (
        select(_MESSAGES)
        .where(work.mine(_MESSAGES), _MESSAGES.c.room == room_id, _MESSAGES.c.revision > after_revision)
        .order_by(_MESSAGES.c.seq.desc())
        .limit(limit)
    )
    return [_message(row) for row in reversed(await work.rows(statement))]


async def _members(work: Work, room_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    if not room_ids:
        return {}
    statement = (
        select(_MEMBERS.c.room, _MEMBERS.c.person)
        .where(work.mine(_MEMBERS), work.among(_MEMBERS.c.room, room_ids))
        .order_by(_MEMBERS.c.room, _MEMBERS.c.person)
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in await work.rows(statement):
        found[row["room"]] = (*found.get(row["room"], ()), row["person"])
    return found


def _room(row: RowMapping, members: tuple[str, ...]) -> BuiltInRoom:
    fields = {name: value for name, value in row.items() if name not in {"tenant", "key", "created_at"}}
    return BuiltInRoom(**fields, members=members)


def _message(row: RowMapping) -> RoomMessage:
    return RoomMessage(**{name: value for name, value in row.items() if name not in {"tenant", "key"}})
