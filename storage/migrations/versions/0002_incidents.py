"""Incidents, what stands beside them, their alerts and their timers."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import make_append_only
from storage.tables.base import Instant, Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", SEQ, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("group_key", sa.String(), nullable=True),
        sa.Column("opened_by", sa.String(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("roles", Json(), nullable=False),
        sa.Column("alerts_total", sa.Integer(), nullable=False),
        sa.Column("alerts_firing", sa.Integer(), nullable=False),
        sa.Column("escalation_state", sa.String(), nullable=False),
        sa.Column("escalation_policy", sa.String(), nullable=True),
        sa.Column("escalation_sent", sa.Integer(), nullable=False),
        sa.Column("escalation_due_at", Instant(), nullable=True),
        sa.Column("escalation_episode", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", Instant(), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("mitigated_at", Instant(), nullable=True),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("quiet_at", Instant(), nullable=True),
        sa.Column("update_due_at", Instant(), nullable=True),
        sa.Column("commander_due_at", Instant(), nullable=True),
        sa.Column("quiet_due_at", Instant(), nullable=True),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_incidents")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_incidents_tenant")),
        sa.UniqueConstraint("tenant", "number", name=op.f("uq_incidents_tenant_number")),
    )
    op.create_index(
        op.f("ix_incidents_open"),
        "incidents",
        ["tenant", "number"],
        sqlite_where=sa.text("status IN ('triage', 'investigating', 'mitigated')"),
        postgresql_where=sa.text("status IN ('triage', 'investigating', 'mitigated')"),
    )
    op.create_index(
        op.f("ix_incidents_resolved_group"),
        "incidents",
        ["tenant", "group_key", "resolved_at"],
        sqlite_where=sa.text("status = 'resolved'"),
        postgresql_where=sa.text("status = 'resolved'"),
    )
    op.create_index(
        op.f("ux_incidents_open_group"),
        "incidents",
        ["tenant", "group_key"],
        unique=True,
        sqlite_where=sa.text("status IN ('triage', 'investigating', 'mitigated')"),
        postgresql_where=sa.text("status IN ('triage', 'investigating', 'mitigated')"),
    )
    op.create_table(
        "incident_participants",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "incident", "person", name=op.f("pk_incident_participants")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"],
            ["incidents.tenant", "incidents.id"],
            name=op.f("fk_incident_participants_tenant_incident"),
        ),
    )
    op.create_index(
        op.f("ix_incident_participants_tenant_person_incident"),
        "incident_participants",
        ["tenant", "person", "incident"],
    )
    op.create_table(
        "timeline",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("fields", Json(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_timeline")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_timeline_tenant_incident")
        ),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_timeline_tenant_id")),
    )
    op.create_index(op.f("ix_timeline_incident"), "timeline", ["tenant", "incident", "occurred_at", "seq"])
    make_append_only("timeline")
    op.create_table(
        "pages",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_pages")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_pages_tenant_incident")
        ),
    )
    op.create_index(op.f("ix_pages_incident"), "pages", ["tenant", "incident", "requested_at"])
    op.create_table(
        "followups",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("remind_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_followups")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_followups_tenant_incident")
        ),
    )
    op.create_index(op.f("ix_followups_incident"), "followups", ["tenant", "incident", "created_at"])
    op.create_table(
        "incident_rooms",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("card_message", sa.String(), nullable=True),
        sa.Column("card_hash", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "incident", "chat", name=op.f("pk_incident_rooms")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_incident_rooms_tenant_incident")
        ),
        sa.UniqueConstraint(
            "tenant",
            "chat",
            "workspace",
            "room",
            "thread",
            name=op.f("uq_incident_rooms_tenant_chat_workspace_room_thread"),
        ),
    )
    op.create_table(
        "alerts",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("labels", Json(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("incident", sa.String(), nullable=True),
        sa.Column("group_key", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_alerts")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_alerts_tenant_incident")
        ),
    )
    op.create_index(
        op.f("ix_alerts_ended"),
        "alerts",
        ["tenant", "source", "resolved_at"],
        sqlite_where=sa.text("state = 'resolved'"),
        postgresql_where=sa.text("state = 'resolved'"),
    )
    op.create_index(
        op.f("ix_alerts_incident"),
        "alerts",
        ["tenant", "incident"],
        sqlite_where=sa.text("incident IS NOT NULL"),
        postgresql_where=sa.text("incident IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_alerts_live"),
        "alerts",
        ["tenant", "id"],
        sqlite_where=sa.text("state <> 'resolved'"),
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_index(
        op.f("ux_alerts_live"),
        "alerts",
        ["tenant", "source", "fingerprint"],
        unique=True,
        sqlite_where=sa.text("state <> 'resolved'"),
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_table(
        "alert_reports",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("count", SEQ, nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_alert_reports")),
        sa.ForeignKeyConstraint(
            ["tenant", "id"],
            ["alerts.tenant", "alerts.id"],
            name=op.f("fk_alert_reports_tenant_id"),
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "timers",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "subject", name=op.f("pk_timers")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_timers_tenant_incident")
        ),
    )
    op.create_index(op.f("ix_timers_due"), "timers", ["due_at"])
    op.create_index(op.f("ix_timers_incident"), "timers", ["tenant", "incident"])
