"""Storms, and the groups that folded into them."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row

ON: Final = text("ended_at IS NULL")
"""The condition of the index of the storm that is on."""


class StormRow(Row, table=True):
    """One storm, under its incident. `values` counts its alerts by label and value."""

    __tablename__ = "storms"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "incident"], ["incidents.tenant", "incidents.id"]),
        Index("ux_storms_on", "tenant", unique=True, sqlite_where=ON, postgresql_where=ON),
    )

    tenant: str = Field(primary_key=True)
    incident: str = Field(primary_key=True)
    began_at: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant)
    above_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(sa_type=Instant)
    beside: list[str] = Field(sa_type=Json)
    values_: dict[str, Any] = Field(sa_type=Json, sa_column_kwargs={"name": "label_values"})


class FoldedGroupRow(Row, table=True):
    """A group that folded into a storm, and when it first did."""

    __tablename__ = "storm_groups"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "incident"], ["incidents.tenant", "incidents.id"]),
        Index("ix_storm_groups_at", "tenant", "at"),
    )

    tenant: str = Field(primary_key=True)
    incident: str = Field(primary_key=True)
    group_key: str = Field(primary_key=True)
    service: str | None
    at: datetime = Field(sa_type=Instant)
