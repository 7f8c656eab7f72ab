"""Changes that sources tell of, what each source has sent, and heartbeats with timers of no incident."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Json, Words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("summary", Words(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("url", Words(), nullable=True),
        sa.Column("labels", Json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_changes")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_changes_tenant")),
    )
    op.create_index(op.f("ix_changes_service"), "changes", ["tenant", "service", "id"])
    op.create_table(
        "source_activity",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("deliveries", SEQ, nullable=False),
        sa.Column("errors", SEQ, nullable=False),
        sa.Column("last_error", Words(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "source", name=op.f("pk_source_activity")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("watched_since", Instant(), nullable=False),
        sa.Column("beat_at", Instant(), nullable=True),
        sa.Column("missed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_heartbeats")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_heartbeats_tenant")),
    )
    op.create_table(
        "pulse",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("up_since", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_pulse")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_pulse_tenant")),
    )
    # SQLite can't change a column where it stands.
    with op.batch_alter_table("timers") as timers:
        timers.alter_column("incident", existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM timers WHERE incident IS NULL")
    with op.batch_alter_table("timers") as timers:
        timers.alter_column("incident", existing_type=sa.String(), nullable=False)
    op.drop_table("pulse")
    op.drop_table("heartbeats")
    op.drop_table("source_activity")
    op.drop_index(op.f("ix_changes_service"), table_name="changes")
    op.drop_table("changes")
