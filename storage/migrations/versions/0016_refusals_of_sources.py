"""What was refused at each source's door, which leaves no delivery to count."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "source_refusals",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("count", SEQ, nullable=False),
        sa.Column("last_why", Words(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", name=op.f("pk_source_refusals")),
    )


def downgrade() -> None:
    op.drop_table("source_refusals")
