"""The first few alerts of an incident are found without going through all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, state in (("live", "state <> 'resolved'"), ("ended", "state = 'resolved'")):
        condition = sa.text(f"{state} AND incident IS NOT NULL")
        op.create_index(
            op.f(f"ix_alerts_incident_{name}"),
            "alerts",
            ["tenant", "incident", "id"],
            sqlite_where=condition,
            postgresql_where=condition,
        )
    op.drop_index(op.f("ix_alerts_incident"), table_name="alerts")


def downgrade() -> None:
    condition = sa.text("incident IS NOT NULL")
    op.create_index(
        op.f("ix_alerts_incident"),
        "alerts",
        ["tenant", "incident"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
    op.drop_index(op.f("ix_alerts_incident_ended"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_incident_live"), table_name="alerts")
