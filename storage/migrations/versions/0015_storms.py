"""Storms, the groups that folded into them, and how much of its alerts' ends an incident's room was told."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Json

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ON = sa.text("ended_at IS NULL")
GROUPED = sa.text("group_key IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "storms",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("above_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("beside", Json(), nullable=False),
        sa.Column("label_values", Json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "incident", name=op.f("pk_storms")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_storms_tenant_incident")
        ),
    )
    op.create_index(op.f("ux_storms_on"), "storms", ["tenant"], unique=True, sqlite_where=ON, postgresql_where=ON)
    op.create_table(
        "storm_groups",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("group_key", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "incident", "group_key", name=op.f("pk_storm_groups")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_storm_groups_tenant_incident")
        ),
    )
    op.create_index(op.f("ix_storm_groups_at"), "storm_groups", ["tenant", "at"])
    op.create_index(
        op.f("ix_incidents_grouped"),
        "incidents",
        ["tenant", "opened_at"],
        sqlite_where=GROUPED,
        postgresql_where=GROUPED,
    )
    op.add_column("incident_rooms", sa.Column("ends_told", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE incident_rooms SET ends_told = (SELECT alerts_total - alerts_firing FROM incidents"
        " WHERE incidents.tenant = incident_rooms.tenant AND incidents.id = incident_rooms.incident)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM timers WHERE kind = 'storm'")
    with op.batch_alter_table("incident_rooms") as rooms:
        rooms.drop_column("ends_told")
    op.drop_index(op.f("ix_incidents_grouped"), table_name="incidents")
    op.drop_index(op.f("ix_storm_groups_at"), table_name="storm_groups")
    op.drop_table("storm_groups")
    op.drop_index(op.f("ux_storms_on"), table_name="storms")
    op.drop_table("storms")
