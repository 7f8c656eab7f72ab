"""People and their accounts: the one place of names and addresses, so that erasure touches one place."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Instant, Row


class PersonRow(Row, table=True):
    """A person. `access` is empty for who has left; their id stays, since history refers to it."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("tenant", "name"),)

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    id: str = Field(primary_key=True)
    name: str
    email: str | None
    timezone: str
    language: str
    access: int | None
    created_at: datetime = Field(sa_type=Instant)
    left_at: datetime | None = Field(sa_type=Instant)


class AccountRow(Row, table=True):
    """One way a chat knows a person. `linked_by`: configuration, email (verified) or token."""

    __tablename__ = "accounts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "person"], ["people.tenant", "people.id"]),
        Index(None, "tenant", "person"),
    )

    tenant: str = Field(primary_key=True)
    chat: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    person: str
    linked_by: str
    linked_at: datetime = Field(sa_type=Instant)


class AccountTokenRow(Row, table=True):
    """A single-use token by which a person links an account of theirs; only its hash is kept."""

    __tablename__ = "account_tokens"
    __table_args__ = (ForeignKeyConstraint(["tenant", "person"], ["people.tenant", "people.id"]),)

    tenant: str = Field(primary_key=True)
    token_hash: str = Field(primary_key=True)
    person: str
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(sa_type=Instant)
