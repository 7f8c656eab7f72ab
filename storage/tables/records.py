"""What was asked and what was done: lines that people wrote, and the audit trail."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Seq

UNANSWERED: Final = text("answer IS NULL")


class CommandRow(Row, table=True):
    """A line that someone wrote to Tocsin, and the answer that a redelivery is given again."""

    __tablename__ = "commands"
    __table_args__ = (
        UniqueConstraint("tenant", "chat", "key"),
        Index("ix_commands_unanswered", "tenant", "received_at", sqlite_where=UNANSWERED, postgresql_where=UNANSWERED),
    )

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    chat: str
    key: str
    line: dict[str, Any] = Field(sa_type=Json)
    received_at: datetime = Field(sa_type=Instant)
    answer: dict[str, Any] | None = Field(sa_type=Json)
    attempts: int


class AuditRow(Row, table=True):
    """Who did what to which subject. A trigger keeps it from being changed."""

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("tenant", "id"), Index("ix_audit_newest", "tenant", "seq"))

    seq: int = Field(default=None, primary_key=True, sa_type=Seq)
    tenant: str
    id: str
    at: datetime = Field(sa_type=Instant)
    actor: str
    token: str
    action: str
    subject: str
    before: dict[str, Any] = Field(sa_type=Json)
    after: dict[str, Any] = Field(sa_type=Json)
