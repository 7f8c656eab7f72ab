"""Alerts, of each source and fingerprint at most one live, and how often they were reported."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKeyConstraint, Index, TextClause, text
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Seq, Words

LIVE: Final = text("state <> 'resolved'")
"""The condition of the indexes of live alerts. A query says it in these very words, or they are not used."""

ENDED: Final = text("state = 'resolved'")
HELD: Final = text("state <> 'resolved' AND held_by IS NOT NULL")
_LIVE_WITH_INCIDENT = text("state <> 'resolved' AND incident IS NOT NULL")
_ENDED_WITH_INCIDENT = text("state = 'resolved' AND incident IS NOT NULL")


def _of_incident(name: str, condition: TextClause) -> Index:
    """In the order in which they are shown, since a card shows the first few of thousands."""
    return Index(name, "tenant", "incident", "id", sqlite_where=condition, postgresql_where=condition)


class AlertRow(Row, table=True):
    """One alert from its first report to its resolve; what every report changes stands in `alert_reports`."""

    __tablename__ = "alerts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "incident"], ["incidents.tenant", "incidents.id"]),
        Index(
            "ux_alerts_live", "tenant", "source", "fingerprint", unique=True, sqlite_where=LIVE, postgresql_where=LIVE
        ),
        Index("ix_alerts_live", "tenant", "id", sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_alerts_ended", "tenant", "source", "resolved_at", sqlite_where=ENDED, postgresql_where=ENDED),
        Index("ix_alerts_held", "tenant", "held_by", "source", "id", sqlite_where=HELD, postgresql_where=HELD),
        _of_incident("ix_alerts_incident_live", _LIVE_WITH_INCIDENT),
        _of_incident("ix_alerts_incident_ended", _ENDED_WITH_INCIDENT),
    )

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    source: str
    fingerprint: str = Field(sa_type=Words)
    state: str
    severity: int
    title: str = Field(sa_type=Words)
    labels: dict[str, Any] = Field(sa_type=Json)
    first_at: datetime = Field(sa_type=Instant)
    service: str | None
    incident: str | None
    group_key: str | None
    summary: str = Field(sa_type=Words)
    url: str | None = Field(sa_type=Words)
    reason: str | None
    resolved_at: datetime | None = Field(sa_type=Instant)
    held_by: str | None


class ReportsRow(Row, table=True):
    """How many reports of an alert came, and when the last one did.

    It stands apart because most reports change nothing else: a database writes a changed row anew from end to end,
    and these rows are a tenth of an alert's size, many to a page, and in no index but their own.
    """

    __tablename__ = "alert_reports"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "id"], ["alerts.tenant", "alerts.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False, "postgresql_with": {"fillfactor": 70}},
    )

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    count: int = Field(sa_type=Seq)
    last_at: datetime = Field(sa_type=Instant)
    flaps: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class SwingRow(Row, table=True):
    """How an alert came and went lately; a row only while that matters."""

    __tablename__ = "swings"
    __table_args__ = (Index("ix_swings_steady", "tenant", "steady_at"),)

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    source: str = Field(primary_key=True)
    fingerprint: str = Field(primary_key=True, sa_type=Words)
    times: list[str] = Field(sa_type=Json)
    is_firing: bool
    is_flapping: bool
    steady_at: datetime = Field(sa_type=Instant)
