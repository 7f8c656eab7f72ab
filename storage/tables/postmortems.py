"""Postmortems: the scripts that they began with, how far they have come, and every version of every answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Instant, Json, Row, Seq, Words


class ScriptRow(Row, table=True):
    """A version of the questions, kept as long as a postmortem refers to it."""

    __tablename__ = "postmortem_scripts"

    tenant: str = Field(primary_key=True, foreign_key="tenants.name")
    digest: str = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)


class PostmortemRow(Row, table=True):
    """The postmortem of an incident. `version` grows with every change; a save compares it."""

    __tablename__ = "postmortems"
    __table_args__ = (
        UniqueConstraint("tenant", "incident"),
        ForeignKeyConstraint(["tenant", "incident"], ["incidents.tenant", "incidents.id"]),
        ForeignKeyConstraint(["tenant", "script"], ["postmortem_scripts.tenant", "postmortem_scripts.digest"]),
    )

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    incident: str
    script: str
    opened_at: datetime = Field(sa_type=Instant)
    state: str
    owner: str | None
    current: str | None
    is_paused: bool
    opened_by: str | None
    finished_at: datetime | None = Field(sa_type=Instant)
    waived_by: str | None
    waived_reason: str = Field(sa_type=Words)
    version: int


class AnswerRow(Row, table=True):
    """One version of one answer; `seq` is the order in which they were given. Only ever added."""

    __tablename__ = "postmortem_answers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "postmortem"], ["postmortems.tenant", "postmortems.id"]),
        UniqueConstraint("tenant", "postmortem", "question", "account", "item", "number"),
    )

    seq: int = Field(default=None, primary_key=True, sa_type=Seq)
    tenant: str
    id: str
    postmortem: str
    question: str
    account: str
    item: int
    number: int
    person: str | None
    text: str = Field(sa_type=Words)
    parts: list[dict[str, Any]] = Field(sa_type=Json)
    skipped: str | None = Field(sa_type=Words)
    at: datetime = Field(sa_type=Instant)
