"""Incidents and what stands beside them: participants, timeline, pages, follow-ups, room links."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Seq, Words

OPEN: Final = text("status IN ('triage', 'investigating', 'mitigated')")
"""The condition of the indexes of open incidents. A query says it in these very words, or they are not used."""

RESOLVED: Final = text("status = 'resolved'")
GROUPED: Final = text("group_key IS NOT NULL")


def _of_incident() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant", "incident"], ["incidents.tenant", "incidents.id"])


class IncidentRow(Row, table=True):
    """An incident. `version` grows with every change; a save compares it."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("tenant", "number"),
        Index(
            "ux_incidents_open_group",
            "tenant",
            "group_key",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "ix_incidents_resolved_group",
            "tenant",
            "group_key",
            "resolved_at",
            sqlite_where=RESOLVED,
            postgresql_where=RESOLVED,
        ),
        Index("ix_incidents_open_service", "tenant", "service", "number", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_incidents_open", "tenant", "number", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_incidents_grouped", "tenant", "opened_at", sqlite_where=GROUPED, postgresql_where=GROUPED),
    )

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    id: str = Field(primary_key=True)
    number: int = Field(sa_type=Seq)
    title: str = Field(sa_type=Words)
    severity: int
    status: str
    kind: str
    visibility: str
    service: str | None
    team: str | None
    group_key: str | None
    rule: str | None
    runbook: str | None = Field(sa_type=Words)
    dependants: list[list[str | None]] | None = Field(sa_type=Json)
    opened_by: str | None
    opened_at: datetime = Field(sa_type=Instant)
    roles: list[list[str]] = Field(sa_type=Json)
    rings: list[str] | None = Field(sa_type=Json)
    alerts_total: int
    alerts_firing: int
    alerts_worst: int | None
    escalation_state: str
    escalation_policy: str | None
    escalation_sent: int
    escalation_due_at: datetime | None = Field(sa_type=Instant)
    escalation_episode: int
    acknowledged_at: datetime | None = Field(sa_type=Instant)
    acknowledged_by: str | None
    mitigated_at: datetime | None = Field(sa_type=Instant)
    resolved_at: datetime | None = Field(sa_type=Instant)
    closed_at: datetime | None = Field(sa_type=Instant)
    quiet_at: datetime | None = Field(sa_type=Instant)
    update_due_at: datetime | None = Field(sa_type=Instant)
    commander_due_at: datetime | None = Field(sa_type=Instant)
    quiet_due_at: datetime | None = Field(sa_type=Instant)
    configuration: str
    version: int


class ParticipantRow(Row, table=True):
    """Who takes part in an incident, in the order of joining: they may see it when it is private."""

    __tablename__ = "incident_participants"
    __table_args__ = (_of_incident(), Index(None, "tenant", "person", "incident"))

    tenant: str = Field(primary_key=True)
    incident: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    position: int


class EventRow(Row, table=True):
    """A timeline event: facts, never sentences. A trigger keeps it from being changed."""

    __tablename__ = "timeline"
    __table_args__ = (
        _of_incident(),
        UniqueConstraint("tenant", "id"),
        Index("ix_timeline_incident", "tenant", "incident", "occurred_at", "seq"),
    )

    seq: int = Field(default=None, primary_key=True, sa_type=Seq)
    tenant: str
    id: str
    incident: str
    kind: str
    schema_version: int
    actor: str
    fields_: dict[str, Any] = Field(sa_type=Json, sa_column_kwargs={"name": "fields"})
    occurred_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)


class PageRow(Row, table=True):
    """One call of one person by one channel. That it is made once is the outbox key's business."""

    __tablename__ = "pages"
    __table_args__ = (_of_incident(), Index("ix_pages_incident", "tenant", "incident", "requested_at"))

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    incident: str
    person: str
    channel: str
    step: int
    episode: int
    state: str
    requested_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(sa_type=Instant)
    reason: str | None = Field(sa_type=Words)


class FollowupRow(Row, table=True):
    """Work that an incident leaves behind."""

    __tablename__ = "followups"
    __table_args__ = (_of_incident(), Index("ix_followups_incident", "tenant", "incident", "created_at"))

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    incident: str
    text: str = Field(sa_type=Words)
    owner: str
    created_by: str
    created_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    remind_at: datetime | None = Field(sa_type=Instant)
    done_at: datetime | None = Field(sa_type=Instant)


class RoomLinkRow(Row, table=True):
    """Which room belongs to which incident: one for each chat, and a room to no second incident."""

    __tablename__ = "incident_rooms"
    __table_args__ = (_of_incident(), UniqueConstraint("tenant", "chat", "workspace", "room", "thread"))

    tenant: str = Field(primary_key=True)
    incident: str = Field(primary_key=True)
    chat: str = Field(primary_key=True)
    workspace: str
    room: str
    thread: str
    name: str
    card_message: str | None
    card_hash: str | None
    ends_told: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
