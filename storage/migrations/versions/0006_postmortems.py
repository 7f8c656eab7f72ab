"""Postmortems: the scripts that they began with, how far they have come, and every version of every answer."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import Instant, Json, Words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "postmortem_scripts",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_postmortem_scripts")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=op.f("fk_postmortem_scripts_tenant")),
    )
    op.create_table(
        "postmortems",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("script", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("current", sa.String(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("waived_by", sa.String(), nullable=True),
        sa.Column("waived_reason", Words(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_postmortems")),
        sa.ForeignKeyConstraint(
            ["tenant", "incident"], ["incidents.tenant", "incidents.id"], name=op.f("fk_postmortems_tenant_incident")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "script"],
            ["postmortem_scripts.tenant", "postmortem_scripts.digest"],
            name=op.f("fk_postmortems_tenant_script"),
        ),
        sa.UniqueConstraint("tenant", "incident", name=op.f("uq_postmortems_tenant_incident")),
    )
    op.create_table(
        "postmortem_answers",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("postmortem", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("text", Words(), nullable=False),
        sa.Column("parts", Json(), nullable=False),
        sa.Column("skipped", Words(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_postmortem_answers")),
        sa.ForeignKeyConstraint(
            ["tenant", "postmortem"],
            ["postmortems.tenant", "postmortems.id"],
            name=op.f("fk_postmortem_answers_tenant_postmortem"),
        ),
        sa.UniqueConstraint(
            "tenant",
            "postmortem",
            "question",
            "account",
            "item",
            "number",
            name=op.f("uq_postmortem_answers_tenant_postmortem_question_account_item_number"),
        ),
    )
