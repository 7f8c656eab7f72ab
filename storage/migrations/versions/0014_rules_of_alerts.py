"""Incidents know the rule and the runbook of their alerts, and the services that suffer from them."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Json, Words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("rule", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("runbook", Words(), nullable=True))
    op.add_column("incidents", sa.Column("dependants", Json(), nullable=True))
    op.add_column("incidents", sa.Column("rings", Json(), nullable=True))
    op.add_column("alert_reports", sa.Column("flaps", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "swings",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("fingerprint", Words(), nullable=False),
        sa.Column("times", Json(), nullable=False),
        sa.Column("is_firing", sa.Boolean(), nullable=False),
        sa.Column("is_flapping", sa.Boolean(), nullable=False),
        sa.Column("steady_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "fingerprint", name=op.f("pk_swings")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_swings_tenant")),
    )
    op.create_index(op.f("ix_swings_steady"), "swings", ["tenant", "steady_at"])
    is_open = sa.text("status IN ('triage', 'investigating', 'mitigated')")
    op.create_index(
        op.f("ix_incidents_open_service"),
        "incidents",
        ["tenant", "service", "number"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_incidents_open_service"), table_name="incidents")
    op.drop_table("swings")
    op.drop_column("alert_reports", "flaps")
    op.drop_column("incidents", "rings")
    op.drop_column("incidents", "dependants")
    op.drop_column("incidents", "runbook")
    op.drop_column("incidents", "rule")
