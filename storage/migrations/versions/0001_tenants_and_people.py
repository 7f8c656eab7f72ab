"""Tenants, their people, their secrets and the versions of their configuration."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tenants",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tenants")),
    )
    op.create_table(
        "counters",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", SEQ, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_counters")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_counters_tenant")),
    )
    op.create_table(
        "configurations",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("loaded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_configurations")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_configurations_tenant")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_configurations_tenant_id")),
    )
    op.create_index(op.f("ix_configurations_newest"), "configurations", ["tenant", "seq"])
    op.create_table(
        "people",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("access", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_people")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_people_tenant")),
        sa.UniqueConstraint("tenant", "name", name=op.f("uq_people_tenant_name")),
    )
    op.create_table(
        "accounts",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("linked_by", sa.String(), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "chat", "workspace", "user_id", name=op.f("pk_accounts")),
        sa.ForeignKeyConstraint(
            ["tenant", "person"], ["people.tenant", "people.id"], name=op.f("fk_accounts_tenant_person")
        ),
    )
    op.create_index(op.f("ix_accounts_tenant_person"), "accounts", ["tenant", "person"])
    op.create_table(
        "account_tokens",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "token_hash", name=op.f("pk_account_tokens")),
        sa.ForeignKeyConstraint(
            ["tenant", "person"], ["people.tenant", "people.id"], name=op.f("fk_account_tokens_tenant_person")
        ),
    )
    op.create_table(
        "secrets",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("rotated_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_secrets")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_secrets_tenant")),
    )
    op.create_table(
        "credentials",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_credentials")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_credentials_tenant")),
        sa.ForeignKeyConstraint(
            ["tenant", "person"], ["people.tenant", "people.id"], name=op.f("fk_credentials_tenant_person")
        ),
    )
    op.create_index(op.f("ux_credentials_hash"), "credentials", ["tenant", "kind", "key_hash"], unique=True)
