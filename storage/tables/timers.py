"""Timers: what is due when."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from storage.tables.base import Instant, Row


class TimerRow(Row, table=True):
    """One timer. `subject` is the incident's id, the follow-up's, the heartbeat's name, the id of a storm's incident,
    or what happens to a silence.

    `incident` is the incident's in the first two cases; the others don't follow from one.
    """

    __tablename__ = "timers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "incident"], ["incidents.tenant", "incidents.id"]),
        Index("ix_timers_due", "due_at"),
        Index("ix_timers_incident", "tenant", "incident"),
    )

    tenant: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    incident: str | None
    due_at: datetime = Field(sa_type=Instant)
