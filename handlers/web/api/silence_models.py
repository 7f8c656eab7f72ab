"""What the API answers with about silences; see `handlers.web.api.models`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from handlers.web.api.models import Model


class Silence(Model):
    """Alerts that call nobody for a while, by a person's word."""

    ref: str
    state: Literal["active", "pending", "expired"]
    match: str = Field(description="Its matchers; empty for a whole service.")
    service: str | None
    is_maintenance: bool
    author: str
    reason: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    holds: int = Field(description="How many firing alerts it holds back now.")
    hidden: int = Field(description="How many alerts it has held back in all.")


class Holder(Model):
    """A maintenance window or an inhibiting rule of tocsin.yaml."""

    kind: Literal["maintenance", "inhibition"]
    name: str
    ends_at: datetime | None = Field(description="When the window that is open now closes.")
    holds: int = Field(description="How many firing alerts it holds back now.")
    hidden: int = Field(description="How many alerts it has held back in all, under this name.")


class SilencePreview(Model):
    """What a silence would hide of the alerts of the last 7 days."""

    recent: int
    firing: int
    critical: int
    titles: Sequence[str]
    is_cut: bool = Field(description="There were more alerts than were looked at.")


class SilenceAnswer(Model):
    """The silence that was begun (null for a dry run), and what it hides."""

    silence: Silence | None
    preview: SilencePreview
