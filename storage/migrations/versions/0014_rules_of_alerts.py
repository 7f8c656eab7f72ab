"""Incidents know the rule and the runbook of their alerts."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Words

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("rule", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("runbook", Words(), nullable=True))


def downgrade() -> None:
    op.drop_column("incidents", "runbook")
    op.drop_column("incidents", "rule")
