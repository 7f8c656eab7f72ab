"""Inbox, outbox and leases; lines that people wrote, and the audit trail."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import make_append_only
from storage.tables.base import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("shape", sa.String(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_inbox")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_inbox_tenant_id")),
    )
    op.create_index(
        op.f("ix_inbox_pending"),
        "inbox",
        ["tenant", "source", "seq"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        op.f("ix_inbox_quarantined"),
        "inbox",
        ["tenant", "seq"],
        sqlite_where=sa.text("state = 'quarantined'"),
        postgresql_where=sa.text("state = 'quarantined'"),
    )
    op.create_table(
        "inbox_bodies",
        sa.Column("seq", SEQ, nullable=False, autoincrement=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_inbox_bodies")),
        sa.ForeignKeyConstraint(["seq"], ["inbox.seq"], name=op.f("fk_inbox_bodies_seq"), ondelete="CASCADE"),
    )
    op.create_table(
        "quarantine_notices",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
        sa.Column("announced_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "shape", name=op.f("pk_quarantine_notices")),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane_kind", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("effect", Json(), nullable=False),
        sa.Column("incident", sa.String(), nullable=True),
        sa.Column("page", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("is_unknown", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_outbox_tenant_id")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_outbox_tenant_key")),
    )
    op.create_index(
        op.f("ix_outbox_dead"),
        "outbox",
        ["tenant", "seq"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        op.f("ix_outbox_pending"),
        "outbox",
        ["lane_kind", "tenant", "lane", "seq"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "leases",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "lane", name=op.f("pk_leases")),
    )
    op.create_table(
        "commands",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("line", Json(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("answer", Json(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_commands")),
        sa.UniqueConstraint("tenant", "chat", "key", name=op.f("uq_commands_tenant_chat_key")),
    )
    op.create_index(
        op.f("ix_commands_unanswered"),
        "commands",
        ["tenant", "received_at"],
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.create_table(
        "audit",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", Json(), nullable=False),
        sa.Column("after", Json(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_audit_tenant_id")),
    )
    op.create_index(op.f("ix_audit_newest"), "audit", ["tenant", "seq"])
    make_append_only("audit")
