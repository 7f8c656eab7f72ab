"""What happened in an incident, as facts with fields; the sentences are made when someone reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.refusal import Value


class EventKind(StrEnum):
    """Every kind of timeline event. Each has a sentence `timeline.<kind>` in the message catalogue."""

    DECLARED = "declared"
    OPENED_BY_ALERT = "opened_by_alert"
    ALERTS_JOINED = "alerts_joined"
    ALERTS_RESOLVED = "alerts_resolved"
    ALERTS_EXPIRED = "alerts_expired"
    DEPENDANT_JOINED = "dependant_joined"
    DEPENDENCY_BROKE = "dependency_broke"
    ALL_QUIET = "all_quiet"
    FIRING_AGAIN = "firing_again"
    FLAPPING = "flapping"
    STEADY = "steady"
    RING_SPARED = "ring_spared"
    STORM_BEGAN = "storm_began"
    STORM_SPARED = "storm_spared"
    STORM_LEFT = "storm_left"
    STORM_PASSED = "storm_passed"
    SEVERITY_CHANGED = "severity_changed"
    STATUS_CHANGED = "status_changed"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    ROLE_ASSIGNED = "role_assigned"
    NOTE = "note"
    SERVICE_CHANGED = "service_changed"
    UPDATE = "update"
    UPDATE_OVERDUE = "update_overdue"
    COMMANDER_MISSING = "commander_missing"
    PAGED = "paged"
    PAGE_FAILED = "page_failed"
    NOBODY_TO_PAGE = "nobody_to_page"
    ESCALATION_EXHAUSTED = "escalation_exhausted"
    FOLLOWUP_ADDED = "followup_added"
    FOLLOWUP_DONE = "followup_done"
    FOLLOWUP_REMINDED = "followup_reminded"
    SWEPT = "swept"
    POSTMORTEM_OPENED = "postmortem_opened"
    POSTMORTEM_FINISHED = "postmortem_finished"
    POSTMORTEM_WAIVED = "postmortem_waived"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused something: a person by id, or a part of Tocsin by name (`escalation`, `source:prom`)."""

    person: str | None = None
    part: str | None = None

    def __str__(self) -> str:
        return f"person:{self.person}" if self.person is not None else f"tocsin:{self.part}"

    @staticmethod
    def parse(text: str) -> "Actor":
        """Read what `str` wrote."""
        kind, _, name = text.partition(":")
        return Actor(person=name) if kind == "person" else Actor(part=name)


@dataclass(frozen=True, slots=True)
class Event:
    """One fact of the timeline. `occurred_at` is when it happened; the storage adds when it was recorded.

    `fields` holds people by id: under `person`, `owner`, `by`, or comma-separated under `people`.
    """

    kind: EventKind
    actor: Actor
    occurred_at: datetime
    fields: Mapping[str, Value] = field(default_factory=dict)
    schema: int = 1
