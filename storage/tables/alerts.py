"""Alerts; of each source and fingerprint at most one is live."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row

_LIVE = text("state <> 'resolved'")
_WITH_INCIDENT = text("incident IS NOT NULL")


class AlertRow(Row, table=True):
    """One alert from its first report to its resolve."""

    __tablename__ = "alerts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "incident"], ["incidents.tenant", "incidents.id"]),
        Index(
            "ux_alerts_live", "tenant", "source", "fingerprint", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
        ),
        Index("ix_alerts_live_last", "tenant", "last_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_alerts_incident", "tenant", "incident", sqlite_where=_WITH_INCIDENT, postgresql_where=_WITH_INCIDENT),
    )

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    source: str
    fingerprint: str
    state: str
    severity: int
    title: str
    labels: dict[str, Any] = Field(sa_type=Json)
    first_at: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant)
    count: int
    service: str | None
    incident: str | None
    group_key: str | None
    summary: str
    url: str | None
    reason: str | None
    resolved_at: datetime | None = Field(sa_type=Instant)
