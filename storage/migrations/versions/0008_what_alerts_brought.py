"""Incidents know the worst severity that alerts have brought; pages know why they failed."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("alerts_worst", sa.Integer(), nullable=True))
    op.add_column("pages", sa.Column("reason", Words(), nullable=True))


def downgrade() -> None:
    op.drop_column("pages", "reason")
    op.drop_column("incidents", "alerts_worst")
