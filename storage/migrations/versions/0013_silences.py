"""Silences, the alerts that inhibit others, and what holds an alert back."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HELD = sa.text("state <> 'resolved' AND held_by IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "silences",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("number", SEQ, nullable=False),
        sa.Column("matchers", Words(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("is_maintenance", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("hidden", SEQ, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_silences")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_silences_tenant")),
    )
    op.create_index(op.f("ix_silences_end"), "silences", ["tenant", "ends_at"])
    op.create_table(
        "inhibitors",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("is_target", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "rule", "key", "alert", name=op.f("pk_inhibitors")),
        sa.ForeignKeyConstraint(
            ["tenant", "alert"],
            ["alerts.tenant", "alerts.id"],
            name=op.f("fk_inhibitors_tenant_alert"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_inhibitors_alert"), "inhibitors", ["tenant", "alert"])
    op.add_column("alerts", sa.Column("held_by", sa.String(), nullable=True))
    op.create_index(
        op.f("ix_alerts_held"),
        "alerts",
        ["tenant", "held_by", "source", "id"],
        sqlite_where=HELD,
        postgresql_where=HELD,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_alerts_held"), table_name="alerts")
    op.drop_column("alerts", "held_by")
    op.drop_index(op.f("ix_inhibitors_alert"), table_name="inhibitors")
    op.drop_table("inhibitors")
    op.drop_index(op.f("ix_silences_end"), table_name="silences")
    op.drop_table("silences")
