"""Changes that sources told of: releases and the like, which may be why something broke."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Words


class ChangeRow(Row, table=True):
    """One change. Its id grows with time, so that the newest are the last of an index."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_service", "tenant", "service", "id"),)

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    id: str = Field(primary_key=True)
    source: str
    service: str | None
    summary: str = Field(sa_type=Words)
    changed_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    url: str | None = Field(sa_type=Words)
    labels: dict[str, Any] = Field(sa_type=Json)
