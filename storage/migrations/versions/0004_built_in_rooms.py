"""The built-in rooms."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_rooms")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_rooms_tenant")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_rooms_tenant_key")),
    )
    op.create_index(
        op.f("ux_rooms_direct"),
        "rooms",
        ["tenant", "person"],
        unique=True,
        sqlite_where=sa.text("kind = 'direct'"),
        postgresql_where=sa.text("kind = 'direct'"),
    )
    op.create_index(
        op.f("ux_rooms_lobby"),
        "rooms",
        ["tenant"],
        unique=True,
        sqlite_where=sa.text("kind = 'lobby'"),
        postgresql_where=sa.text("kind = 'lobby'"),
    )
    op.create_table(
        "room_members",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "room", "person", name=op.f("pk_room_members")),
        sa.ForeignKeyConstraint(
            ["tenant", "room"], ["rooms.tenant", "rooms.id"], name=op.f("fk_room_members_tenant_room")
        ),
    )
    op.create_index(op.f("ix_room_members_tenant_person_room"), "room_members", ["tenant", "person", "room"])
    op.create_table(
        "room_messages",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("content", Json(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("is_loud", sa.Boolean(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("edited_at", Instant(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_room_messages")),
        sa.ForeignKeyConstraint(
            ["tenant", "room"], ["rooms.tenant", "rooms.id"], name=op.f("fk_room_messages_tenant_room")
        ),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_room_messages_tenant_id")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_room_messages_tenant_key")),
    )
    op.create_index(op.f("ix_room_messages_revision"), "room_messages", ["tenant", "room", "revision"])
