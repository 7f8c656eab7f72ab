"""Everything that can be done to an incident: by a person, by its alerts, or by a timer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.access import Role
from bot.domain.followup import Followup
from bot.domain.organisation import Target
from bot.domain.severity import Severity


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Someone has it: stop calling others. A second person may have it too."""


@dataclass(frozen=True, slots=True)
class SetSeverity:
    """Give it another severity; nobody is called for that, since the person who does it is at it."""

    severity: Severity
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a role to a person (id)."""

    role: Role
    person: str


@dataclass(frozen=True, slots=True)
class Join:
    """Let a person (id) take part, whatever the status: they may see it when it is private."""

    person: str


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write something into the timeline. `occurred_at` is when it happened, now if None."""

    text: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """Something was changed in the incident's service, which may be why; written down, and nobody is called for it."""

    summary: str
    url: str | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PagePeople:
    """Call more people, now and whatever the escalation does."""

    targets: tuple[Target, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GiveUpdate:
    """Tell everyone how it stands. `next_in` overrides when the next update is due."""

    text: str
    next_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Mitigate:
    """The harm has stopped; the cause may not be gone."""

    summary: str = ""


@dataclass(frozen=True, slots=True)
class Resolve:
    """It is over."""

    summary: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    """It is not over after all, or mitigation did not hold; wants a reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """It was no incident."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing is left to do in it."""


@dataclass(frozen=True, slots=True)
class AddFollowup:
    """Remember work for later."""

    followup: Followup


@dataclass(frozen=True, slots=True)
class FinishFollowup:
    """The work is done."""

    followup: Followup


@dataclass(frozen=True, slots=True)
class Joined:
    """Alerts of a service join the incident of one that it depends on, by this way; `policy` pages for the service."""

    service: str
    way: tuple[str, ...]
    policy: str | None
    team: str | None
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertsChanged:
    """What one batch of alert reports meant for this incident, in order of receipt.

    `fired` alerts began, `resolved` ended, `expired` were never heard of again. An alert that began and ended in the
    batch counts in both. `worst` is the worst severity among those that fire and are new or worse. `titles` names a few.
    `joined` are the services whose alerts are among them because they depend on the incident's own. `flapping` and
    `steady` are titles of alerts that were found so, the former after so many `turns` at most; `held` of the `fired` were
    found so as they began. `left` names incidents
    that have taken alerts of this one: critical, they are gathered in a storm no longer.
    """

    fired: int = 0
    resolved: int = 0
    expired: int = 0
    worst: Severity | None = None
    titles: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()
    flapping: tuple[str, ...] = ()
    turns: int = 0
    held: int = 0
    steady: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DependencyBroke:
    """A service that the incident's own depends on has an incident now, too."""

    service: str
    ref: str


@dataclass(frozen=True, slots=True)
class StormGrew:
    """What folded into a storm's incident. `beside` names incidents that critical alerts opened meanwhile.

    `begins`: the storm had passed, and has begun anew.
    """

    alerts: AlertsChanged
    beside: tuple[str, ...] = ()
    begins: bool = False


@dataclass(frozen=True, slots=True)
class StormPassed:
    """The storm of this incident is over: so many groups folded. `titles` names some of the alerts that still fire."""

    groups: int
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EscalationDue:
    """The time of the next step of the escalation has come."""


@dataclass(frozen=True, slots=True)
class UpdateDue:
    """The time by which an update was owed has come."""


@dataclass(frozen=True, slots=True)
class CommanderDue:
    """The time by which someone should lead has come."""


@dataclass(frozen=True, slots=True)
class QuietDue:
    """The quiet time after the last alert's resolve has passed."""


@dataclass(frozen=True, slots=True)
class FollowupDue:
    """The time to remind a follow-up's owner has come."""

    followup: Followup


@dataclass(frozen=True, slots=True)
class PageLost:
    """A page could not be delivered for good; the next step must not wait for it.

    `may_be_heard`: another call of the same step, of this person or somebody else, may still be heard, so that the next
    step is not hurried.
    """

    person: str
    channel: str
    step: int
    episode: int
    reason: str
    may_be_heard: bool = False


@dataclass(frozen=True, slots=True)
class Sweep:
    """The sweeper looks: an open incident must have something ahead of it."""


Action = (
    Acknowledge
    | SetSeverity
    | Assign
    | Join
    | AddNote
    | RecordChange
    | PagePeople
    | GiveUpdate
    | Mitigate
    | Resolve
    | Reopen
    | Cancel
    | Close
    | AddFollowup
    | FinishFollowup
    | AlertsChanged
    | DependencyBroke
    | StormGrew
    | StormPassed
    | EscalationDue
    | UpdateDue
    | CommanderDue
    | QuietDue
    | FollowupDue
    | PageLost
    | Sweep
)
