"""What chats report and what their adapters remember."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Seq, Words

PENDING: Final = text("state = 'pending'")
"""The condition of the index of the queue. A query says it in these very words, or it is not used."""


class UpdateRow(Row, table=True):
    """Something that a chat reported, as it came. `seq` is the order of receipt."""

    __tablename__ = "chat_updates"
    __table_args__ = (
        UniqueConstraint("tenant", "chat", "key"),
        Index("ix_chat_updates_pending", "tenant", "lane", "seq", sqlite_where=PENDING, postgresql_where=PENDING),
    )

    seq: int = Field(default=None, primary_key=True, sa_type=Seq)
    tenant: str
    chat: str
    lane: str
    key: str
    body: dict[str, Any] | None = Field(sa_type=Json)
    received_at: datetime = Field(sa_type=Instant)
    state: str
    attempts: int
    error: str | None = Field(sa_type=Words)
    finished_at: datetime | None = Field(sa_type=Instant)


class ChatMemoryRow(Row, table=True):
    """One thing that a chat's adapter must remember, such as what a button's token stands for."""

    __tablename__ = "chat_memory"
    __table_args__ = (Index("ix_chat_memory_expiry", "expires_at"),)

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    chat: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: dict[str, Any] = Field(sa_type=Json)
    expires_at: datetime | None = Field(sa_type=Instant)
