"""The inbox: deliveries as they came, and which kinds of broken ones were announced already."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.tables.base import Instant, Row, Seq, Words

PENDING: Final = text("state = 'pending'")
"""The condition of the index of the queue. A query says it in these very words, or it is not used."""

QUARANTINED: Final = text("state = 'quarantined'")


class DeliveryRow(Row, table=True):
    """One authenticated request. `seq` is the order of receipt; the body stands in `inbox_bodies`.

    It refers to no other table: whatever else is broken, a delivery can be stored.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        Index("ix_inbox_pending", "tenant", "source", "seq", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_inbox_quarantined", "tenant", "seq", sqlite_where=QUARANTINED, postgresql_where=QUARANTINED),
    )

    seq: int = Field(default=None, primary_key=True, sa_type=Seq)
    tenant: str
    id: str
    source: str
    kind: str
    received_at: datetime = Field(sa_type=Instant)
    state: str
    attempts: int
    error: str | None = Field(sa_type=Words)
    shape: str | None = Field(sa_type=Words)
    finished_at: datetime | None = Field(sa_type=Instant)
    size_bytes: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class BodyRow(Row, table=True):
    """The body of a delivery, byte for byte; it goes with its delivery.

    It stands apart because SQLite writes a changed row anew from end to end: with 25 KB in the row, noting that a
    delivery is done would cost as much as storing it did. It has no key of its own, hence no tenant.
    """

    __tablename__ = "inbox_bodies"
    __table_args__ = (ForeignKeyConstraint(["seq"], ["inbox.seq"], ondelete="CASCADE"),)

    seq: int = Field(primary_key=True, sa_type=Seq, sa_column_kwargs={"autoincrement": False})
    body: bytes


class QuarantineNoticeRow(Row, table=True):
    """A source and shape of broken delivery that was announced, so that it is announced once."""

    __tablename__ = "quarantine_notices"

    tenant: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    shape: str = Field(primary_key=True)
    announced_at: datetime = Field(sa_type=Instant)


class ActivityRow(Row, table=True):
    """What a source has sent, counted as it is worked through: it outlives the deliveries."""

    __tablename__ = "source_activity"

    tenant: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    last_at: datetime = Field(sa_type=Instant)
    deliveries: int = Field(sa_type=Seq)
    errors: int = Field(sa_type=Seq)
    last_error: str | None = Field(sa_type=Words)


class RefusalsRow(Row, table=True):
    """What was refused at a source's door. Of a source whose every request is, this is all there is."""

    __tablename__ = "source_refusals"

    tenant: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    last_at: datetime = Field(sa_type=Instant)
    count: int = Field(sa_type=Seq)
    last_why: str = Field(sa_type=Words)
