"""What must not be read from a stolen database: secrets encrypted, bearer keys hashed."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from storage.tables.base import Instant, Row


class SecretRow(Row, table=True):
    """A secret, encrypted under TOCSIN_SECRET_KEY."""

    __tablename__ = "secrets"

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    name: str = Field(primary_key=True)
    ciphertext: bytes
    created_at: datetime = Field(sa_type=Instant)
    rotated_at: datetime | None = Field(sa_type=Instant)


class CredentialRow(Row, table=True):
    """A bearer key, by its hash. `kind`: webhook, api, login or session; `name` is what the audit calls it."""

    __tablename__ = "credentials"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "person"], ["people.tenant", "people.id"]),
        Index("ux_credentials_hash", "tenant", "kind", "key_hash", unique=True),
    )

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    id: str = Field(primary_key=True)
    kind: str
    name: str
    key_hash: str
    person: str | None
    source: str | None
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(sa_type=Instant)
