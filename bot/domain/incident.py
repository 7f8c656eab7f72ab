"""The incident: one frozen value that holds all that later decisions need to know of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from bot.domain.access import Role, Visibility
from bot.domain.severity import Severity
from bot.domain.storm import STORM_GROUP


class Status(StrEnum):
    """Where an incident stands. Open: triage, investigating and mitigated."""

    TRIAGE = "triage"
    INVESTIGATING = "investigating"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


OPEN_STATUSES = frozenset({Status.TRIAGE, Status.INVESTIGATING, Status.MITIGATED})


class Kind(StrEnum):
    """Whether it really happened; only real incidents count in figures."""

    REAL = "real"
    DRILL = "drill"
    TEST = "test"
    BACKFILLED = "backfilled"


class EscalationState(StrEnum):
    """How far the calling of people has come."""

    NONE = "none"
    RUNNING = "running"
    ACKNOWLEDGED = "acknowledged"
    EXHAUSTED = "exhausted"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Escalation:
    """The progress of one escalation: `sent` steps are behind it, the next is due at `due_at`.

    `episode` counts the escalations of this incident: alerts that ring it again start another.
    """

    state: EscalationState = EscalationState.NONE
    policy: str | None = None
    sent: int = 0
    due_at: datetime | None = None
    episode: int = 0


@dataclass(frozen=True, slots=True)
class AlertTally:
    """How many alerts belong to the incident, how many of them fire, and the worst severity that they have brought.

    Without `worst`, which incidents of older releases lack, the incident's own severity counts for it.
    """

    total: int = 0
    firing: int = 0
    worst: Severity | None = None


@dataclass(frozen=True, slots=True)
class Dependant:
    """A service that suffers from what an incident is about: its alerts joined, or it has the incident `ref`."""

    service: str
    ref: str | None = None


class TimerKind(StrEnum):
    """Every kind of timer; `handlers/timers` has one file for each."""

    ESCALATE = "escalate"
    UPDATE = "update"
    COMMANDER = "commander"
    QUIET = "quiet"
    FOLLOWUP = "followup"
    HEARTBEAT = "heartbeat"
    STORM = "storm"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident at one moment. Every change is a new value, stored with `version` one higher.

    `rings` are the last times at which its alerts rang, kept where its rule limits them.
    """

    id: str
    number: int
    title: str
    severity: Severity
    opened_at: datetime
    status: Status = Status.TRIAGE
    kind: Kind = Kind.REAL
    visibility: Visibility = Visibility.OPEN
    service: str | None = None
    team: str | None = None
    group_key: str | None = None
    rule: str | None = None
    runbook: str | None = None
    dependants: tuple[Dependant, ...] = ()
    opened_by: str | None = None
    roles: tuple[tuple[Role, str], ...] = ()
    participants: tuple[str, ...] = ()
    rings: tuple[datetime, ...] = ()
    alerts: AlertTally = field(default_factory=AlertTally)
    escalation: Escalation = field(default_factory=Escalation)
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    quiet_at: datetime | None = None
    update_due_at: datetime | None = None
    commander_due_at: datetime | None = None
    quiet_due_at: datetime | None = None
    configuration: str = ""
    version: int = 0

    @property
    def ref(self) -> str:
        """The name by which people call it."""
        return f"INC-{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether work on it goes on: triage, investigating or mitigated."""
        return self.status in OPEN_STATUSES

    @property
    def is_storm(self) -> bool:
        """Whether alerts of many groups fold into it."""
        return self.group_key == STORM_GROUP

    def only_counts(self, before: "Incident") -> bool:
        """Whether nothing has changed since but how many alerts there are."""
        return self.alerts != before.alerts and _BESIDE_COUNTS(self) == _BESIDE_COUNTS(before)

    @property
    def has_room(self) -> bool:
        """Whether its room is open: until it is closed or cancelled."""
        return self.status not in {Status.CLOSED, Status.CANCELLED}

    @property
    def commander(self) -> str | None:
        """The person (id) who leads, or None."""
        return next((person for role, person in self.roles if role is Role.COMMANDER), None)

    def timers(self) -> Mapping[TimerKind, datetime]:
        """Return what is due when. Timers are derived from the incident, so that a lost one can be made again."""
        if not self.is_open:
            return {}
        due = {
            TimerKind.ESCALATE: self.escalation.due_at if self.escalation.state is EscalationState.RUNNING else None,
            TimerKind.UPDATE: self.update_due_at,
            TimerKind.COMMANDER: self.commander_due_at,
            TimerKind.QUIET: self.quiet_due_at,
        }
        return {kind: at for kind, at in due.items() if at is not None}


_BESIDE_COUNTS = attrgetter(*(one.name for one in fields(Incident) if one.name not in {"alerts", "version"}))
