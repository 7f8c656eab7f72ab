"""Tenants, the numbers that each counts for itself, and the versions of its configuration."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Seq


class TenantRow(Row, table=True):
    """An organisation that shares nothing with the others but the database."""

    __tablename__ = "tenants"

    name: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=Instant)


class CounterRow(Row, table=True):
    """A number that only grows, such as that of the tenant's last incident."""

    __tablename__ = "counters"

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    name: str = Field(primary_key=True)
    value: int = Field(sa_type=Seq)


class ConfigurationRow(Row, table=True):
    """One version of the configuration, kept for ever, since decisions refer to it. It holds no secret."""

    __tablename__ = "configurations"
    __table_args__ = (UniqueConstraint("tenant", "id"), Index("ix_configurations_newest", "tenant", "seq"))

    seq: int = Field(default=None, primary_key=True, sa_type=Seq)
    tenant: str = Field(foreign_key="tenants.name")
    id: str
    digest: str
    body: dict[str, Any] = Field(sa_type=Json)
    loaded_at: datetime = Field(sa_type=Instant)
