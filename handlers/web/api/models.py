"""What the API answers with. These names are a contract: fields are added, never renamed or taken away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.access import Visibility
from bot.domain.alert import AlertState
from bot.domain.incident import Kind, Status
from bot.domain.noise import Advice
from bot.domain.refusal import Value
from bot.domain.timeline import EventKind
from bot.ports.records import DeliveryState, EffectState, PageState

T = TypeVar("T")

SeverityName = Literal["SEV1", "SEV2", "SEV3", "SEV4", "SEV5"]


class Model(BaseModel):
    """What every answer is made of. Instants are in UTC, written as RFC 3339; people are named as in tocsin.yaml."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Page(Model, Generic[T]):
    """One part of a list, newest first."""

    items: Sequence[T]
    next: str | None = Field(description="Pass it as `cursor` to get what follows; null at the end.")


class Room(Model):
    """A room of an incident."""

    chat: str
    id: str
    name: str


class Incident(Model):
    """An incident, as lists show it."""

    ref: str
    title: str
    severity: SeverityName
    status: Status
    kind: Kind
    visibility: Visibility
    service: str | None
    alert_count: int
    rooms: Sequence[Room]
    opened_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    version: int


class Alert(Model):
    """An alert, from its first report to its resolve."""

    fingerprint: str
    source: str
    service: str | None
    state: AlertState
    severity: SeverityName
    labels: Mapping[str, str]
    incident: str | None = Field(description="The incident's ref.")
    first_at: datetime
    last_at: datetime
    count: int = Field(description="How often it was reported.")
    flaps: int = Field(description="How often it came back while it was held as flapping.")
    reason: str | None = Field(description="Why it is suppressed, held, gathered in a storm, or over.")
    held_by: str | None = Field(
        description="What holds it back: a silence's ref, `maintenance:NAME`, `inhibition:...`."
    )


class TimelineEvent(Model):
    """One fact of an incident's timeline, and the sentence for it."""

    id: str
    kind: EventKind
    occurred_at: datetime
    recorded_at: datetime
    actor: str = Field(description="A person's name, or `tocsin:` and the part of Tocsin that did it.")
    fields: Mapping[str, Value]
    text: str


class PageSent(Model):
    """One call of one person by one channel. `step` 0: somebody called by hand. `reason`: why it failed."""

    person: str
    channel: str
    step: int
    state: PageState
    requested_at: datetime
    sent_at: datetime | None
    reason: str | None


class Followup(Model):
    """Work that an incident left behind."""

    id: str
    text: str
    owner: str
    due_at: datetime
    created_by: str
    created_at: datetime
    done_at: datetime | None


class PostmortemAnswer(Model):
    """One answer of a postmortem."""

    question: str
    person: str
    text: str
    at: datetime


class Postmortem(Model):
    """What was learnt from an incident."""

    state: str
    answers: Sequence[PostmortemAnswer]


class Dependant(Model):
    """A service that suffers from an incident. `incident` is its own one's ref; null: its alerts joined this one."""

    service: str
    incident: str | None


class StormValue(Model):
    """How many alerts of a storm have one value of a label."""

    value: str
    count: int


class StormLabel(Model):
    """The most frequent values of a label among a storm's alerts, the most frequent first."""

    label: str
    values: Sequence[StormValue]


class Storm(Model):
    """What is gathered in a storm's incident, and what it has in common."""

    groups: int = Field(description="How many groups of alerts were gathered.")
    services: int = Field(description="Of how many services.")
    first_at: datetime
    last_at: datetime
    ended_at: datetime | None = Field(description="Since when newcomers open incidents of their own again.")
    top: Sequence[StormLabel]
    beside: Sequence[str] = Field(description="The latest incidents beside it that critical alerts opened.")


class IncidentDetail(Incident):
    """An incident with all that belongs to it."""

    alerts: Sequence[Alert]
    team: str | None = Field(description="The team that owns it.")
    rule: str | None = Field(description="The rule of tocsin.yaml that holds for its alerts.")
    runbook: str | None
    dashboards: Sequence[str]
    depends_on: Sequence[str] = Field(description="Services that its own one depends on.")
    dependants: Sequence[Dependant] = Field(description="Services that depend on it and suffer from this.")
    timeline: Sequence[TimelineEvent]
    pages: Sequence[PageSent]
    roles: Mapping[str, str] = Field(description="Who does what; the names of responders have commas between them.")
    followups: Sequence[Followup]
    postmortem: Postmortem | None
    storm: Storm | None = Field(description="Null unless it is a storm's incident.")


class Delivery(Model):
    """One request that a source sent."""

    id: str
    source: str
    state: DeliveryState
    received_at: datetime
    error: str | None


class Effect(Model):
    """Something to be done outside: a message, a page, a room."""

    id: str
    kind: str
    chat: str
    lane: str
    incident: str | None = Field(description="The incident's ref.")
    state: EffectState
    attempts: int
    created_at: datetime
    due_at: datetime
    error: str | None


class RuleQuality(Model):
    """How the alerts of one rule did."""

    rule: str = Field(description="The alert's name: its label `alertname`, else its title.")
    source: str
    service: str | None
    fired: int
    paged: int = Field(description="For how many of its alerts somebody was called while they fired.")
    acknowledged: int = Field(description="For how many of those somebody answered.")
    actionable_share: float | None = Field(description="`acknowledged` of `paged`; null: nobody was called.")
    calls: int = Field(description="Calls of people.")
    night_calls: int = Field(description="Those from 22:00 up to 07:00 in the called person's zone.")
    flaps: int = Field(
        description="How often one of its alerts fired again within an hour of its end, or while it was held as flapping."
    )
    median_duration_seconds: float | None = Field(description="Null: none has ended yet.")
    noise: int = Field(description="Calls in vain, flaps and calls at night together: what one could do without.")
    advice: Advice | None = Field(description="Why the rule should be tuned or deleted.")


class NoiseReport(Page[RuleQuality]):
    """The quality of alerts over a time, the noisiest rule first."""

    since: datetime
    until: datetime = Field(description="Earlier than asked for where there were too many alerts to count.")


class Done(Model):
    """It was done."""

    ok: bool


class CommandAnswer(Model):
    """What the one who wrote the line would see."""

    ok: bool = Field(
        description="False for a mistake of the actor's: nothing was done, and `reply` says why. True for what is so already."
    )
    reply: str
    incident: str | None = Field(description="The ref of the incident that the line is about, if one was found.")


class Mistake(Model):
    """One part of a request that is wrong."""

    where: str
    what: str


class ProblemDocument(Model):
    """Why a request was not fulfilled (RFC 9457)."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    type: str
    title: str
    status: int
    detail: str
    errors: Sequence[Mistake] = Field((), description="What is wrong where, for a request with mistakes.")


class Source(Model):
    """A source of alerts. `addresses` are methods and URLs; nothing has come from it yet where `last_at` is null."""

    name: str
    kind: str
    addresses: Sequence[str]
    in_file: bool
    last_at: datetime | None
    deliveries: int
    errors: int
    last_error: str | None
    refused: int
    last_refusal: str | None


class Change(Model):
    """A change that a source told of. `service` is null where its labels lead to none."""

    id: str
    source: str
    service: str | None
    summary: str
    url: str | None
    labels: Mapping[str, str]
    changed_at: datetime
    recorded_at: datetime


class Heartbeat(Model):
    """Something that must be heard of again and again; `missed_at` is null while it is."""

    name: str
    service: str | None
    severity: SeverityName
    every_seconds: int
    grace_seconds: int
    beat_at: datetime | None
    missed_at: datetime | None
