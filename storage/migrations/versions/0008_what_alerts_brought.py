"""Incidents know the worst severity that alerts have brought."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("alerts_worst", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("incidents", "alerts_worst")
