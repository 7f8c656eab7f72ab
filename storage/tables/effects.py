"""The outbox: effects that were decided and are to be performed, lane by lane, in order."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Seq, Words

PENDING: Final = text("state = 'pending'")
"""The condition of the index of the queue. A query says it in these very words, or it is not used."""

DEAD: Final = text("state = 'dead'")


class EffectRow(Row, table=True):
    """One effect. `key` makes it unique; within (lane_kind, lane) `seq` is the order of performing."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "key"),
        Index(
            "ix_outbox_pending", "lane_kind", "tenant", "lane", "seq", sqlite_where=PENDING, postgresql_where=PENDING
        ),
        Index("ix_outbox_dead", "tenant", "seq", sqlite_where=DEAD, postgresql_where=DEAD),
    )

    seq: int = Field(default=None, primary_key=True, sa_type=Seq)
    tenant: str
    id: str
    key: str
    lane_kind: str
    lane: str
    chat: str
    effect: dict[str, Any] = Field(sa_type=Json)
    incident: str | None
    page: str | None
    created_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    attempts: int
    is_unknown: bool
    state: str
    error: str | None = Field(sa_type=Words)
    finished_at: datetime | None = Field(sa_type=Instant)
