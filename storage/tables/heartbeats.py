"""Heartbeats that are waited for, and since when Tocsin could have heard them."""

from datetime import datetime

from sqlmodel import Field

from storage.tables.base import Instant, Row


class HeartbeatRow(Row, table=True):
    """One heartbeat, by its name in the file; when it counts as missed stands in `timers`."""

    __tablename__ = "heartbeats"

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    name: str = Field(primary_key=True)
    watched_since: datetime = Field(sa_type=Instant)
    beat_at: datetime | None = Field(sa_type=Instant)
    missed_at: datetime | None = Field(sa_type=Instant)


class PulseRow(Row, table=True):
    """That Tocsin is up: since when without a gap, and when a replica last said so."""

    __tablename__ = "pulse"

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    up_since: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
