"""What holds alerts back: silences, and the alerts that inhibit others."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from storage.tables.base import Instant, Row, Seq, Words


class SilenceRow(Row, table=True):
    """One silence; what falls due for it stands in `timers`."""

    __tablename__ = "silences"
    __table_args__ = (Index("ix_silences_end", "tenant", "ends_at"),)

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    number: int = Field(sa_type=Seq, primary_key=True)
    matchers: str = Field(sa_type=Words)
    service: str | None
    author: str
    reason: str = Field(sa_type=Words)
    is_maintenance: bool
    created_at: datetime = Field(sa_type=Instant)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    hidden: int = Field(sa_type=Seq)


class InhibitorRow(Row, table=True):
    """An alert that holds others back, by a rule and what they have in common; it counts while the alert is live."""

    __tablename__ = "inhibitors"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "alert"], ["alerts.tenant", "alerts.id"], ondelete="CASCADE"),
        Index("ix_inhibitors_alert", "tenant", "alert"),
    )

    tenant: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    alert: str = Field(primary_key=True)
    is_target: bool
