"""Leases: who works on which lane, and until when."""

from datetime import datetime

from sqlmodel import Field

from storage.tables.base import Instant, Row


class LeaseRow(Row, table=True):
    """A lane that is being worked on; a free lane has no row. Writes under the lease compare `token`."""

    __tablename__ = "leases"

    tenant: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)
    owner: str
    token: str
    expires_at: datetime = Field(sa_type=Instant)
