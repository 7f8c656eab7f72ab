"""Incidents know the rule and the runbook of their alerts, and the services that suffer from them."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Json, Words

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("rule", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("runbook", Words(), nullable=True))
    op.add_column("incidents", sa.Column("dependants", Json(), nullable=True))
    op.add_column("incidents", sa.Column("rings", Json(), nullable=True))
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
    op.drop_column("incidents", "rings")
    op.drop_column("incidents", "dependants")
    op.drop_column("incidents", "runbook")
    op.drop_column("incidents", "rule")
