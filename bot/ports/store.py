"""What Tocsin asks of its memory: one unit of work for a tenant, queues that survive, and what chats remember."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final, Protocol

from bot.domain.access import Access, Viewer
from bot.domain.alert import Alert, AlertState, LiveAlert
from bot.domain.followup import Followup
from bot.domain.incident import Incident, Status, TimerKind
from bot.domain.organisation import Account
from bot.domain.timeline import Event
from bot.ports.changes import Changes
from bot.ports.chat import RoomRef
from bot.ports.chat_updates import Update
from bot.ports.heartbeats import Heartbeats
from bot.ports.history import History
from bot.ports.hushing import Inhibitors, Silences
from bot.ports.postmortems import Postmortems
from bot.ports.records import (
    AuditEntry,
    CommandReceipt,
    Delivery,
    DeliveryState,
    Due,
    LaneKey,
    LaneKind,
    Lease,
    NewDelivery,
    NewEffect,
    PageRecord,
    PageState,
    RoomLink,
    SourceActivity,
    SourceRefusals,
    StoredEffect,
    StoredEvent,
    Window,
)
from bot.ports.retention import Retention
from bot.ports.storms import Storms
from bot.ports.swings import Swings


class Conflict(Exception):
    """Someone else changed it first: load again and decide again."""


class LeaseLost(Exception):
    """The lane was taken over by another worker; nothing of this unit was written."""


class DatabaseMoved(Exception):
    """The file of a SQLite database is open, and no longer the one under its name: what it takes is lost at the end."""


class BadCursor(ValueError):
    """This cursor did not come with a list of this kind; ask for the list from its beginning."""


class Urgency(IntEnum):
    """Who goes first where there is only one writer."""

    COMMAND = 0
    INTAKE = 1
    PROCESSING = 2

    @staticmethod
    def of_lanes(kinds: Collection[LaneKind]) -> "Urgency":
        """Return how urgent the writes about lanes are: calls and what people do go before intake, all else behind."""
        return Urgency.PROCESSING if _PATIENT.issuperset(kinds) else Urgency.COMMAND


_PATIENT: Final = frozenset(LaneKind) - {LaneKind.PAGE, LaneKind.UPDATE}


class Incidents(Protocol):
    """Incidents, each read on behalf of a viewer: what they may not see does not exist for them."""

    async def next_number(self) -> int:
        """Take the tenant's next incident number; never given twice, a gap is possible."""
        ...

    async def add(self, incident: Incident) -> Incident:
        """Store a new incident; returns it with version 1. Raises `Conflict` when its open group key is taken."""
        ...

    async def save(self, incident: Incident) -> Incident:
        """Store a changed incident where `incident.version` is still the stored one; returns it one version on.

        Raises `Conflict` when it is not.
        """
        ...

    async def tally(self, incidents: Sequence[Incident]) -> None:
        """Store many incidents of which nothing but the tally of alerts has changed, each a version on, or none.

        They come as `save` would return them. Raises `Conflict` when one was changed meanwhile.
        """
        ...

    async def get(self, incident_id: str, viewer: Viewer) -> Incident | None:
        """Return the incident with this id."""
        ...

    async def by_number(self, number: int, viewer: Viewer) -> Incident | None:
        """Return the incident with this number."""
        ...

    async def in_room(self, room: RoomRef, viewer: Viewer) -> Incident | None:
        """Return the incident whose room this is."""
        ...

    async def open_ids(self) -> Sequence[str]:
        """Return the ids of every open incident, oldest first, for Tocsin itself."""
        ...

    async def many(self, incident_ids: Collection[str]) -> Mapping[str, Incident]:
        """Return incidents by id, for Tocsin itself."""
        ...

    async def joinable(self, group_keys: Collection[str], resolved_since: datetime) -> Mapping[str, Incident]:
        """Return by group key the incident that a new alert joins: the open one, else the newest resolved since."""
        ...

    async def broken(self, services: Collection[str]) -> Sequence[Incident]:
        """Return the open incidents of these services of which an alert fires, oldest first.

        Private ones, and those that are not real, are left out: others must not hear of them.
        """
        ...

    async def window(
        self, statuses: Collection[Status], viewer: Viewer, *, cursor: str | None = None, limit: int = 100
    ) -> Window[Incident]:
        """Return incidents of these statuses, newest first."""
        ...


class Alerts(Protocol):
    """Alerts; at most one live alert for each (source, fingerprint)."""

    async def live(self, source: str, fingerprints: Collection[str]) -> dict[str, LiveAlert]:
        """Return the live alerts among these fingerprints of a source, by fingerprint."""
        ...

    async def reported_since(self, source: str, fingerprints: Collection[str], since: datetime) -> set[str]:
        """Return those of which a report was received at or after an instant: an older one is overtaken."""
        ...

    async def add(self, alerts: Sequence[Alert]) -> None:
        """Store new alerts, many at a time."""
        ...

    async def absorbed(self, alerts: Collection[LiveAlert]) -> None:
        """Write what was absorbed: state, severity, incident, reports added, last report, end, reason, what holds."""
        ...

    async def reword(self, source: str, fingerprint: str, *, title: str | None, summary: str | None) -> None:
        """Give the live alert with this fingerprint, if there is one, another title or summary; None leaves it."""
        ...

    async def of_incident(self, incident_id: str, *, limit: int = 500) -> Sequence[Alert]:
        """Return an incident's alerts, firing ones first."""
        ...

    async def latest(self, source: str, fingerprint: str, ended_since: datetime) -> Alert | None:
        """Return the live alert with this fingerprint, else the one that ended last, if that was since an instant."""
        ...

    async def suppressed_sources(self, reason: str) -> Sequence[str]:
        """Return the sources that have alerts which are suppressed for this reason."""
        ...

    async def suppressed(self, source: str, reason: str, *, limit: int) -> Sequence[Alert]:
        """Return alerts of a source that are suppressed for this reason, oldest first."""
        ...

    async def get(self, alert_id: str) -> Alert | None:
        """Return one alert."""
        ...

    async def stale_sources(self, before: datetime) -> Sequence[str]:
        """Return the sources that have live alerts last reported before an instant; see `stale`."""
        ...

    async def stale(self, source: str, before: datetime, *, limit: int) -> Mapping[str, Sequence[LiveAlert]]:
        """Return live alerts of a source last reported before an instant, by incident id ('' for none).

        Those of the longest silence come first. What is held back is left out: nobody has heard of it yet.
        """
        ...

    async def held(self) -> Mapping[str, Sequence[str]]:
        """Return the keys by which live alerts are held back, each with the sources of those alerts."""
        ...

    async def held_count(self, keys: Collection[str]) -> Mapping[str, int]:
        """Return how many live alerts are held back by each of these keys; one that holds none is missing."""
        ...

    async def held_by(self, source: str, keys: Collection[str], *, after: str = "", limit: int) -> Sequence[Alert]:
        """Return live alerts of a source that are held back by these keys, by id, from behind an id on."""
        ...

    async def window(
        self, states: Collection[AlertState], viewer: Viewer, *, cursor: str | None = None, limit: int = 100
    ) -> Window[Alert]:
        """Return alerts of these states, newest first, without those of incidents the viewer may not see."""
        ...


class Timeline(Protocol):
    """The timelines; events are only ever added."""

    async def add(self, incident_id: str, events: Sequence[Event], recorded_at: datetime) -> None:
        """Record events in this order."""
        ...

    async def add_many(self, events: Sequence[tuple[str, Event]], recorded_at: datetime) -> None:
        """Record events of several incidents (by id), in this order."""
        ...

    async def of(self, incident_id: str, *, limit: int = 500) -> Sequence[StoredEvent]:
        """Return the last `limit` events in the order in which they occurred, then were recorded."""
        ...


class Pages(Protocol):
    """Every call of a person by a channel."""

    async def add(self, pages: Sequence[PageRecord]) -> None:
        """Store new pages. That a call is made once is the business of its effect's key."""
        ...

    async def get(self, page_id: str) -> PageRecord | None:
        """Return one page."""
        ...

    async def mark(self, page_id: str, state: PageState, at: datetime, reason: str | None = None) -> None:
        """Set a page's state; `sent_at` is set with SENT, and `reason` says why it failed.

        An acknowledged page stays so, and a failed one does not become unknown.
        """
        ...

    async def acknowledge(self, incident_id: str, person: str | None = None) -> None:
        """Mark every queued, sent or unknown page of the incident acknowledged, or those of one person (id)."""
        ...

    async def spare(self, incident_id: str, reason: str) -> None:
        """Mark every queued or unknown page of the incident failed for this reason: it is not to be told any more."""
        ...

    async def calling(self, person: str) -> int:
        """Return to how many open incidents a person (id) is called by a page that is neither answered nor failed."""
        ...

    async def of(self, incident_id: str) -> Sequence[PageRecord]:
        """Return an incident's pages, oldest first."""
        ...


class Followups(Protocol):
    """Follow-ups."""

    async def save(self, followups: Sequence[Followup]) -> None:
        """Store new or changed follow-ups, with their reminder timers."""
        ...

    async def get(self, followup_id: str) -> Followup | None:
        """Return one follow-up."""
        ...

    async def of(self, incident_id: str) -> Sequence[Followup]:
        """Return an incident's follow-ups, in the order of their making."""
        ...


class Rooms(Protocol):
    """Which room belongs to which incident: at most one for each chat."""

    async def link(self, link: RoomLink) -> None:
        """Link a room. Linking the same again is fine; another room for the same incident and chat: `Conflict`."""
        ...

    async def of(self, incident_id: str) -> Sequence[RoomLink]:
        """Return the rooms of an incident."""
        ...

    async def find(self, incident_id: str, chat: str) -> RoomLink | None:
        """Return the room of an incident in a chat."""
        ...

    async def of_many(self, incident_ids: Collection[str]) -> Mapping[str, Sequence[RoomLink]]:
        """Return the rooms of several incidents, by incident id."""
        ...

    async def set_card(self, incident_id: str, chat: str, message: str, card_hash: str) -> None:
        """Remember which message is the incident's card there, and what it shows."""
        ...

    async def set_ends_told(self, incident_id: str, chat: str, ends: int) -> None:
        """Remember of how many of the incident's alerts it was said there that they are over."""
        ...

    async def unlink(self, ref: RoomRef) -> None:
        """Forget a room that is not there any more; one that was forgotten already is no error."""
        ...


class Outbox(Protocol):
    """Effects within a unit of work."""

    async def add(self, effects: Sequence[NewEffect], at: datetime) -> None:
        """Store effects, due at once; one whose key is there already is left as it is."""
        ...

    async def hold(self, effect: StoredEffect) -> None:
        """Keep others from merging into it until the commit; what they merged before is visible from here on."""
        ...

    async def done(self, effect: StoredEffect, at: datetime) -> None:
        """Note that it happened."""
        ...

    async def again(self, effect: StoredEffect, due_at: datetime, reason: str, *, is_unknown: bool) -> None:
        """Put it off: one more attempt is behind it, its lane waits for it."""
        ...

    async def dead(self, effect: StoredEffect, at: datetime, reason: str) -> None:
        """Give it up for good, visibly; its lane goes on."""
        ...

    async def window(self, state: str, *, cursor: str | None = None, limit: int = 100) -> Window[StoredEffect]:
        """Return effects of a state (pending, done, dead), newest first."""
        ...

    async def revive(self, effect_id: str, at: datetime) -> bool:
        """Make a dead effect due again, and its page queued; false when there is none."""
        ...


class Timers(Protocol):
    """Timers within a unit of work; one for each (kind, subject)."""

    async def set_for(self, incident_id: str, due: Mapping[TimerKind, datetime]) -> None:
        """Make these the timers of an incident; others it had are removed.

        Follow-up timers stay, and those of a kind that only a newer replica knows.
        """
        ...

    async def begin(self, due: Mapping[str, Mapping[TimerKind, datetime]]) -> None:
        """Set the timers of incidents (ids) that have none yet."""
        ...

    async def of_many(self, incident_ids: Collection[str]) -> Mapping[str, Mapping[TimerKind, datetime]]:
        """Return the timers of several incidents; one without any is missing.

        Follow-up timers are left out, and those of a kind that only a newer replica knows.
        """
        ...

    async def consume(self, due: Due) -> bool:
        """Remove this very timer; false when it was moved, removed or taken by another replica: then do nothing."""
        ...


class Audit(Protocol):
    """The audit trail: entries are only ever added."""

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        """Record entries."""
        ...

    async def window(self, *, cursor: str | None = None, limit: int = 100) -> Window[AuditEntry]:
        """Return entries, newest first."""
        ...


class Commands(Protocol):
    """Lines that people wrote, so that each is carried out once."""

    async def take(self, receipt: CommandReceipt) -> CommandReceipt | None:
        """Store a line; None when it is new, else what is stored under its (chat, key)."""
        ...

    async def answered(self, receipt_id: str, answer: Mapping[str, Any]) -> None:
        """Note its answer."""
        ...

    async def attempted(self, receipt_id: str) -> None:
        """Count a try, so that a line that breaks Tocsin is not tried for ever."""
        ...

    async def unanswered(self, before: datetime, *, limit: int = 50) -> Sequence[CommandReceipt]:
        """Return lines taken before an instant and not yet answered, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person as configured, on the way to the one table that holds names and addresses."""

    name: str
    access: Access
    timezone: str
    language: str
    email: str | None
    accounts: tuple[Account, ...]


class People(Protocol):
    """The one place of names and addresses; everything else names people by id."""

    async def sync(self, entries: Sequence[PersonEntry], at: datetime) -> Mapping[str, str]:
        """Make the table say what is configured, matching by name; returns ids by name.

        Who is no longer configured loses access and accounts but keeps the id, since history refers to it.
        """
        ...

    async def names(self, ids: Collection[str]) -> Mapping[str, str]:
        """Return names by id, also of people who have left."""
        ...

    async def behind(self, account: Account) -> str | None:
        """Return the person (id) whom this account belongs to."""
        ...

    async def linked(self) -> Mapping[str, Sequence[Account]]:
        """Return the accounts that people linked themselves, by person; configured ones are not among them."""
        ...

    async def link(self, account: Account, person: str, by: str, at: datetime) -> bool:
        """Note whom an account belongs to, and by what that is known; false when it belongs to somebody already."""
        ...

    async def offer(self, token_hash: str, person: str, expires_at: datetime) -> None:
        """Keep the hash of a token by which a person may link an account once."""
        ...

    async def redeem(self, token_hash: str, at: datetime) -> str | None:
        """Use a token up; returns its person, or None when there is none, it was used, or it is too old."""
        ...


class Configurations(Protocol):
    """Every version of the configuration that decisions were made under."""

    async def keep(self, digest: str, body: Mapping[str, Any], at: datetime) -> tuple[str, str | None]:
        """Store a version unless its digest is the newest's; returns its id, and that of the newest before.

        They are the same when nothing has changed; at the very first there is none before. `body` holds no secret.
        """
        ...


class Deliveries(Protocol):
    """Deliveries within a unit of work."""

    async def finish(self, seqs: Collection[int], at: datetime) -> None:
        """Note deliveries as processed. Raises `LeaseLost` when one of them waits no more: it would count twice."""
        ...

    async def quarantine(self, seq: int, at: datetime, error: str, shape: str) -> bool:
        """Set one aside; true when it is to be announced: the first of its source and shape within a month."""
        ...

    async def attempted(self, seq: int) -> int:
        """Count a failed try; returns how many there were."""
        ...

    async def add(self, delivery: NewDelivery) -> None:
        """Put one into the inbox together with what else this unit writes: for what Tocsin itself reports."""
        ...

    async def is_waiting(self, source: str, kind: str, body: bytes) -> bool:
        """Say whether a delivery of this source and kind with this very body waits to be worked on."""
        ...

    async def get(self, delivery_id: str) -> Delivery | None:
        """Return one with its body; None also when it was cleared away."""
        ...

    async def note(self, activity: SourceActivity) -> None:
        """Add to what is known of what a source sent."""
        ...

    async def activity(self) -> Mapping[str, SourceActivity]:
        """Return what every source has sent, by its name."""
        ...

    async def note_refused(self, refusals: SourceRefusals) -> None:
        """Add to what is known of what was refused at a source's door."""
        ...

    async def refused(self) -> Mapping[str, SourceRefusals]:
        """Return what was refused of every source, by its name."""
        ...

    async def replay(self, *, source: str | None = None) -> int:
        """Make quarantined deliveries pending again, their error kept as a sign of it; returns how many."""
        ...

    async def window(
        self, states: Collection[DeliveryState], *, cursor: str | None = None, limit: int = 100
    ) -> Window[Delivery]:
        """Return deliveries of these states, newest first, without their bodies."""
        ...


class Unit(Protocol):
    """A unit of work for one tenant: all that is written in it is written together or not at all."""

    tenant: str
    incidents: Incidents
    alerts: Alerts
    changes: Changes
    heartbeats: Heartbeats
    swings: Swings
    timeline: Timeline
    pages: Pages
    followups: Followups
    postmortems: Postmortems
    storms: Storms
    rooms: Rooms
    outbox: Outbox
    timers: Timers
    audit: Audit
    commands: Commands
    people: People
    configurations: Configurations
    deliveries: Deliveries
    history: History
    silences: Silences
    inhibitors: Inhibitors


class Inbox(Protocol):
    """The durable front door for alert deliveries. `taken` counts what this process has taken since its start."""

    taken: int

    async def take(self, delivery: NewDelivery) -> str:
        """Store a delivery and return its id when it is on disk; concurrent calls share a commit.

        Raises `Overloaded` when the backlog is too long: answer 503.
        """
        ...

    async def pending(
        self, lease: Lease, *, taken: Collection[int] = (), limit: int, limit_bytes: int
    ) -> Sequence[Delivery]:
        """Return the lane's next deliveries in order of receipt, without those that were `taken` (`seq`) when asked.

        At least one if there is any.
        """
        ...


class Overloaded(Exception):
    """There is too much to do to take more now; the sender should try again."""


class Leases(Protocol):
    """Leases of lanes that have work that is due."""

    async def claim(
        self,
        kinds: Sequence[LaneKind],
        owner: str,
        now: datetime,
        ttl: timedelta,
        *,
        limit: int,
        resting: Collection[LaneKey] = (),
    ) -> Sequence[Lease]:
        """Take free lanes of these kinds whose head is due, kinds in this order, longest waiting first.

        Those that are `resting` are left alone.
        """
        ...

    async def take(self, lane: LaneKey, owner: str, now: datetime, ttl: timedelta) -> Lease | None:
        """Take this very lane, whether it has work or not; None while somebody else has it."""
        ...

    async def renew(self, lease: Lease, now: datetime, ttl: timedelta) -> Lease:
        """Extend a lease; raises `LeaseLost` when it was taken over."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give a lane back; one lost already is no error."""
        ...

    async def abandon(self, lease: Lease) -> None:
        """Give a lane back in doubt of its head: the next claim is a takeover. One lost already is no error."""
        ...

    async def expire_all(self) -> None:
        """Let every lease end now: for the start of the only process on a database. The next claims are takeovers."""
        ...


class EffectQueue(Protocol):
    """The outbox as its loop sees it."""

    async def pending(self, lease: Lease, now: datetime, *, limit: int) -> Sequence[StoredEffect]:
        """Return the lane's next effects in order, up to and not including the first that is not due."""
        ...


class DueTimers(Protocol):
    """Timers as their loop sees them."""

    async def due(self, now: datetime, *, kinds: Collection[str], limit: int) -> Sequence[Due]:
        """Return timers of these kinds whose time has come, longest overdue first."""
        ...


@dataclass(frozen=True, slots=True)
class BuiltInRoom:
    """A built-in room as its pages need it. `kind`: incident, lobby or direct; `person` owns a direct room."""

    id: str
    kind: str
    name: str
    topic: str
    is_private: bool
    is_archived: bool
    person: str | None
    members: tuple[str, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """A message of a built-in room. `content` is {"text": ...} or {"card": {...}}; author None: Tocsin."""

    id: str
    seq: int
    room: str
    author: str | None
    content: Mapping[str, Any]
    at: datetime
    is_loud: bool
    is_pinned: bool
    edited_at: datetime | None
    revision: int


class RoomMemory(Protocol):
    """What the built-in rooms remember. Every call is one transaction; a `key` done before does nothing again."""

    async def open(self, key: str, name: str, topic: str, *, is_private: bool, at: datetime) -> str:
        """Make an incident room; returns its id."""
        ...

    async def lobby(self, at: datetime) -> str:
        """Return the id of the room where everyone hears everything, making it at first."""
        ...

    async def direct(self, person: str, at: datetime) -> str:
        """Return the id of a person's own room, making it at first."""
        ...

    async def set_archived(self, room: str, *, is_archived: bool) -> None:
        """Close or open a room."""
        ...

    async def set_topic(self, room: str, topic: str) -> None:
        """Set the topic."""
        ...

    async def invite(self, room: str, people: Collection[str]) -> None:
        """Add members."""
        ...

    async def post(
        self,
        room: str,
        key: str,
        content: Mapping[str, Any],
        at: datetime,
        *,
        author: str | None = None,
        is_loud: bool = False,
    ) -> str:
        """Add a message; returns its id. Raises `LookupError` when there is no such room."""
        ...

    async def edit(self, message: str, content: Mapping[str, Any], at: datetime) -> None:
        """Replace a message's content; raises `LookupError` when there is no such message."""
        ...

    async def pin(self, message: str) -> None:
        """Pin a message; raises `LookupError` when there is no such message."""
        ...

    async def find(self, key: str) -> tuple[str, str] | None:
        """Return (room, message or '') of what was done under a key."""
        ...

    async def rooms(self, person: str, *, sees_all: bool) -> Sequence[BuiltInRoom]:
        """Return the rooms a person may enter: open ones, their own, and private ones they are a member of."""
        ...

    async def room(self, room: str) -> BuiltInRoom | None:
        """Return one room."""
        ...

    async def messages(self, room: str, *, after_revision: int = 0, limit: int = 200) -> Sequence[RoomMessage]:
        """Return the last `limit` messages that are new or changed after a revision, in order of their making."""
        ...


class ChatMemory(Protocol):
    """What one chat's adapter must remember, by kind and key. Every call is one transaction."""

    async def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime | None = None) -> None:
        """Remember a value, in place of the one that was there."""
        ...

    async def put_new(
        self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime | None = None
    ) -> bool:
        """Remember a value unless there is one; says whether it was new."""
        ...

    async def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Return what is remembered; None for nothing, and for what has expired."""
        ...

    async def drop(self, kind: str, key: str) -> None:
        """Forget a value; one that is not there is no error."""
        ...


class Updates(Protocol):
    """What chats reported, on disk before the platform is told so."""

    async def take(
        self, updates: Sequence[Update], owner: str, now: datetime, ttl: timedelta, *, limit: int
    ) -> Sequence[Lease]:
        """Store updates and return when they are on disk; those whose key is known are left out.

        Of the lanes that they went into and that nobody holds, at most `limit` are leased in the same commit.
        """
        ...

    async def pending(self, lease: Lease, *, limit: int) -> Sequence[Update]:
        """Return the lane's next updates in order."""
        ...

    async def finish(self, lease: Lease, update: Update, at: datetime, *, error: str | None = None) -> None:
        """Note that an update was handled, or given up with an error. Raises `LeaseLost`."""
        ...

    async def attempted(self, lease: Lease, update: Update) -> int:
        """Count a failed try; returns how many there were. Raises `LeaseLost`."""
        ...


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, for metrics: depth and the age of the oldest by lane kind, and how late timers are."""

    deliveries: int
    lanes: Mapping[LaneKind, tuple[int, timedelta]]
    dead_effects: int
    timer_lateness: timedelta


class Store(Protocol):
    """The memory as a whole. `on_commit` of its maker is called with the topics that a commit touched.

    `commands_waited` counts the urgent writes that had to wait for another one since this process started.
    """

    inbox: Inbox
    leases: Leases
    queue: EffectQueue
    timers: DueTimers

    @property
    def commands_waited(self) -> int: ...

    def read(self, tenant: str) -> AbstractAsyncContextManager[Unit]:
        """Open a unit that only reads; it sees one moment and blocks no writer."""
        ...

    def write(self, tenant: str, urgency: Urgency, *, lease: Lease | None = None) -> AbstractAsyncContextManager[Unit]:
        """Open a unit that commits when it is left without an exception, and rolls back otherwise.

        With a lease, its token is checked first and the lane stays ours until the commit; `LeaseLost` otherwise.
        Never hold one open across a call to the outside.
        """
        ...

    def rooms(self, tenant: str) -> RoomMemory:
        """Return what the built-in rooms of a tenant remember."""
        ...

    def memory(self, tenant: str, chat: str) -> ChatMemory:
        """Return what a chat's adapter remembers for a tenant."""
        ...

    def updates(self, tenant: str) -> Updates:
        """Return what chats reported for a tenant."""
        ...

    def retention(self, tenant: str) -> Retention:
        """Return what a tenant's old rows are cleared out by."""
        ...

    async def forget_expired(self, now: datetime) -> int:
        """Delete what no chat needs to remember any more; returns how much that was."""
        ...

    async def secret(self, tenant: str, name: str, make: Callable[[], bytes]) -> bytes:
        """Return a secret kept encrypted at rest, making and storing it at first."""
        ...

    async def backlog(self, now: datetime) -> Backlog:
        """Return what waits."""
        ...

    async def database_now(self) -> datetime:
        """Ask the database what time it is."""
        ...

    async def check(self) -> None:
        """Return when the database answers and every migration is applied; raises otherwise.

        Raises `DatabaseMoved` when a SQLite file is no longer the one under its name.
        """
        ...

    async def close(self) -> None:
        """Close every connection; what is committed stays."""
        ...


OnCommit = Callable[[frozenset[str]], None]
"""Topics: `inbox`, `updates`, `effects`, `timers`, `room:<id>`, `rooms`."""

DEFAULT_TENANT = "default"
