"""The built-in rooms: who may enter, and what was said."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Seq

_LOBBY = text("kind = 'lobby'")
_DIRECT = text("kind = 'direct'")


class RoomRow(Row, table=True):
    """A room. `revision` grows under the row's lock with every change, so that a page asks for what is new."""

    __tablename__ = "rooms"
    __table_args__ = (
        UniqueConstraint("tenant", "key"),
        Index("ux_rooms_lobby", "tenant", unique=True, sqlite_where=_LOBBY, postgresql_where=_LOBBY),
        Index("ux_rooms_direct", "tenant", "person", unique=True, sqlite_where=_DIRECT, postgresql_where=_DIRECT),
    )

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    id: str = Field(primary_key=True)
    key: str
    kind: str
    name: str
    topic: str
    is_private: bool
    is_archived: bool
    person: str | None
    revision: int
    created_at: datetime = Field(sa_type=Instant)


class MemberRow(Row, table=True):
    """Who was brought into a room."""

    __tablename__ = "room_members"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "room"], ["rooms.tenant", "rooms.id"]),
        Index(None, "tenant", "person", "room"),
    )

    tenant: str = Field(primary_key=True)
    room: str = Field(primary_key=True)
    person: str = Field(primary_key=True)


class MessageRow(Row, table=True):
    """A message of a room; `revision` is the room's at its last change."""

    __tablename__ = "room_messages"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "room"], ["rooms.tenant", "rooms.id"]),
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "key"),
        Index("ix_room_messages_revision", "tenant", "room", "revision"),
    )

    seq: int = Field(default=None, primary_key=True, sa_type=Seq)
    tenant: str
    id: str
    room: str
    key: str
    author: str | None
    content: dict[str, Any] = Field(sa_type=Json)
    at: datetime = Field(sa_type=Instant)
    is_loud: bool
    is_pinned: bool
    edited_at: datetime | None = Field(sa_type=Instant)
    revision: int
