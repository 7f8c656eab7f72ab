"""The records that storage keeps and hands out: frozen values that every layer may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, Generic, TypeVar

from bot.domain.effects import Effect
from bot.domain.timeline import Event
from bot.ports.chat import RoomRef

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """An authenticated HTTP request on its way to the inbox. `kind` is the source's parser, `source` its name."""

    tenant: str
    source: str
    kind: str
    body: bytes
    received_at: datetime


class DeliveryState(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    DONE = "done"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A stored request. `seq` is the order of receipt; `note` counts duplicates and explains what was set aside."""

    seq: int
    id: str
    tenant: str
    source: str
    kind: str
    body: bytes
    received_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    error: str | None = None


class LaneKind(StrEnum):
    """The kinds of lanes. Effect lanes are claimed in this order: pages first."""

    INBOX = "inbox"
    UPDATE = "update"
    PAGE = "page"
    ROOM = "room"
    DIRECT = "direct"
    ANNOUNCE = "announce"
    CARD = "card"


LaneKey = tuple[str, LaneKind, str]
"""What tells a lane apart: its tenant, its kind and its name."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one lane until `expires_at`; `token` is checked by every write made under it.

    `is_takeover`: the lane was not given back by the one who had it, so its head may have been told already.
    """

    tenant: str
    kind: LaneKind
    lane: str
    token: str
    expires_at: datetime
    is_takeover: bool = False

    @property
    def key(self) -> LaneKey:
        """What tells the lane apart."""
        return self.tenant, self.kind, self.lane


class Merging(Enum):
    """What becomes of an effect while another waits in its lane: it is left out, which GENTLY is all; or that one is
    due AT_ONCE, too.
    """

    NEVER = "never"
    GENTLY = "gently"
    AT_ONCE = "at once"


@dataclass(frozen=True, slots=True)
class NewEffect:
    """An effect on its way to the outbox. `key` is its idempotency key, unique in the tenant.

    Within (lane_kind, lane) effects are performed in the order in which they were stored. One that `merges`
    is left out while another waits in its lane: whoever performs that one looks at how things then are.
    `due_at`: not before then; None: at once. `is_unknown`: it was tried already, and may have happened.
    """

    key: str
    lane_kind: LaneKind
    lane: str
    chat: str
    effect: Effect
    incident: str | None
    page: str | None = None
    merges: Merging = Merging.NEVER
    due_at: datetime | None = None
    is_unknown: bool = False


class EffectState(StrEnum):
    """What became of an effect."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class StoredEffect:
    """An effect in the outbox. `is_unknown`: its last try may have happened. `progress` is the delivery's own note."""

    seq: int
    id: str
    tenant: str
    key: str
    lane_kind: LaneKind
    lane: str
    chat: str
    effect: Effect
    incident: str | None
    page: str | None
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    is_unknown: bool = False
    state: EffectState = EffectState.PENDING
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come. `subject` is the incident's id, or the follow-up's for follow-up timers."""

    tenant: str
    kind: str
    subject: str
    due_at: datetime


class PageState(StrEnum):
    """What became of one call by one channel.

    - queued: it waits for its turn; unknown: it was made, perhaps, and is looked for before it is made again.
    - sent: the channel has taken it. acknowledged: it had been queued, sent or unknown when a person answered.
    - failed: it could not be made, or its incident ended before; the page's `reason` says which.
    """

    QUEUED = "queued"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One call of one person by one channel (the chat's name). `step` 0: by hand. `reason`: why it failed."""

    id: str
    incident: str
    person: str
    channel: str
    step: int
    episode: int
    state: PageState
    requested_at: datetime
    sent_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RoomLink:
    """The room of an incident in one chat, and the message that is its card there.

    `ends_told` says of how many of its alerts people have read there that they are over.
    """

    incident: str
    ref: RoomRef
    name: str
    card_message: str | None = None
    card_hash: str | None = None
    ends_told: int = 0


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A timeline event as recorded."""

    id: str
    incident: str
    event: Event
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """A change that a source told of. `service` is None where its labels lead to none; `changed_at` is its word."""

    id: str
    source: str
    service: str | None
    summary: str
    changed_at: datetime
    recorded_at: datetime
    url: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceActivity:
    """What a source has sent: how many deliveries were worked through, how many could not be read whole, and when."""

    source: str
    last_at: datetime
    deliveries: int
    errors: int
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class SourceRefusals:
    """How many requests of a source were refused at the door, when last, and why that one was."""

    source: str
    last_at: datetime
    count: int
    last_why: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which subject, when, by which credential, with the values before and after. Append-only."""

    at: datetime
    actor: str
    token: str
    action: str
    subject: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandReceipt:
    """A line that was taken. `answer` is None while it has not been carried out."""

    id: str
    tenant: str
    chat: str
    key: str
    line: Mapping[str, Any]
    received_at: datetime
    answer: Mapping[str, Any] | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Window(Generic[T]):
    """One part of a list; `next_cursor` asks for the part after it, None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None
