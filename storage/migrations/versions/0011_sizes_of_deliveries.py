"""How large a delivery's body is stands beside it, so that their sum is known without reading the bodies."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default, so that a replica of the version before can go on storing deliveries.
    op.add_column("inbox", sa.Column("size_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    length = "octet_length" if op.get_bind().dialect.name == "postgresql" else "length"
    op.execute(
        f"UPDATE inbox SET size_bytes = coalesce((SELECT {length}(body) FROM inbox_bodies b WHERE b.seq = inbox.seq), 0)"  # noqa: S608
    )


def downgrade() -> None:
    op.drop_column("inbox", "size_bytes")
