"""What chats report and what their adapters remember."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Json, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "chat_updates",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", Json(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", Words(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_chat_updates")),
        sa.UniqueConstraint("tenant", "chat", "key", name=op.f("uq_chat_updates_tenant_chat_key")),
    )
    op.create_index(
        op.f("ix_chat_updates_pending"),
        "chat_updates",
        ["tenant", "lane", "seq"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "chat_memory",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "chat", "kind", "key", name=op.f("pk_chat_memory")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_chat_memory_tenant")),
    )
    op.create_index(op.f("ix_chat_memory_expiry"), "chat_memory", ["expires_at"])
