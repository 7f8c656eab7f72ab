"""The middle step: a decision is stored, whole, in the unit of work that it was made in."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from bot.domain.access import SYSTEM
from bot.domain.actions import Action
from bot.domain.decide import decide
from bot.domain.decision import Decision
from bot.domain.effects import Announce, CloseRoom, DrawCard, Effect, Invite, OpenRoom, Page, Say, Tell
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation, Person
from bot.domain.timeline import Actor, Event
from bot.ids import new_id
from bot.ports.records import AuditEntry, LaneKind, NewEffect, PageRecord, PageState
from bot.ports.store import Unit
from handlers.desk import Desk

BUILT_IN = "room"
"""The name of the built-in chat, in which everyone can be reached."""


@dataclass(slots=True)
class Ledger:
    """What decisions leave to be written, so that many of them cost few statements."""

    tallies: list[Incident] = field(default_factory=list)
    events: list[tuple[str, Event]] = field(default_factory=list)
    effects: list[NewEffect] = field(default_factory=list)
    pages: list[PageRecord] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)

    async def write(self, unit: Unit, now: datetime) -> None:
        """Write all of it, in the order in which it was decided, and be empty again.

        Raises `Conflict` when an incident was changed meanwhile.
        """
        await unit.incidents.tally(self.tallies)
        await unit.timeline.add_many(self.events, now)
        await unit.pages.add(self.pages)
        await unit.outbox.add(self.effects, now)
        await unit.audit.add(self.audit)
        self.tallies, self.events, self.effects, self.pages, self.audit = [], [], [], [], []


async def act(
    desk: Desk,
    unit: Unit,
    incident: Incident,
    action: Action,
    actor: Actor,
    *,
    token: str = "",
    ledger: Ledger | None = None,
) -> Decision:
    """Decide an action on an incident and store what follows; returns the decision with the incident as stored.

    Raises `Refusal` when it may not be done and `Conflict` when the incident was changed meanwhile: load it again.
    """
    decision = decide(incident, action, actor, desk.now(), desk.organisation())
    stored = await keep(desk, unit, incident, decision, actor, what=type(action).__name__, token=token, ledger=ledger)
    return Decision(
        incident=stored,
        events=decision.events,
        effects=decision.effects,
        followups=decision.followups,
        reply=decision.reply,
        acknowledges_pages=decision.acknowledges_pages,
    )


async def keep(
    desk: Desk,
    unit: Unit,
    before: Incident | None,
    decision: Decision,
    actor: Actor,
    *,
    what: str,
    token: str = "",
    ledger: Ledger | None = None,
) -> Incident:
    """Store a decision: the incident, its timeline, pages, effects, timers, follow-ups and the audit.

    `before` is None for a new incident. A decision that changed nothing writes nothing. With a `ledger`, what many
    decisions write is left in it, for the caller to write once.
    """
    if before is not None and decision.incident == before and not decision.events and not decision.effects:
        return before
    now, org = desk.now(), desk.organisation()
    only_tally = before is not None and replace(before, alerts=decision.incident.alerts) == decision.incident
    if before is None:
        after = await unit.incidents.add(decision.incident)
        desk.metrics.incidents_opened.labels(after.severity.name).inc()
    elif only_tally and ledger is not None:
        after = replace(decision.incident, version=decision.incident.version + 1)
        ledger.tallies.append(after)
    else:
        after = await unit.incidents.save(decision.incident)
    book = ledger if ledger is not None else Ledger()
    if decision.acknowledges_pages:
        await book.write(unit, now)
        await unit.pages.acknowledge(after.id)
    effects, pages = spread(decision.effects, after, org, desk.chats, now)
    book.events.extend((after.id, event) for event in decision.events)
    book.effects.extend(effects)
    book.pages.extend(pages)
    if not only_tally:
        # Alerts that merely join or end are in the timeline; the audit is about what was decided.
        book.audit.append(_audit(before, after, actor=actor, what=what, token=token, now=now))
    if before is None or before.timers() != after.timers():
        await unit.timers.set_for(after.id, after.timers())
    if decision.followups:
        await unit.followups.save(decision.followups)
    if ledger is None:
        await book.write(unit, now)
    return after


def spread(
    effects: Iterable[Effect], incident: Incident, org: Organisation, chats: Sequence[str], now: datetime
) -> tuple[list[NewEffect], list[PageRecord]]:
    """Turn effects into rows for the chats they concern, and calls into page records, in order.

    Keys are made of the incident, its version and the place in the decision, so that storing a decision twice, which
    the version forbids, could not tell anything twice either.
    """
    rows: list[NewEffect] = []
    pages: list[PageRecord] = []
    effects = tuple(effects)
    closes = any(isinstance(effect, CloseRoom) for effect in effects)
    for place, effect in enumerate(effects):
        key = f"{incident.id}:{incident.version}:{place}"
        match effect:
            case DrawCard() if not closes:
                # In a lane of its own, where one drawing serves all that changed before it.
                rows.extend(
                    NewEffect(
                        f"{key}:{chat}", LaneKind.CARD, f"{incident.id}:{chat}", chat, effect, incident.id, merges=True
                    )
                    for chat in chats
                )
            case OpenRoom() | Invite() | DrawCard() | Say() | CloseRoom():
                rows.extend(
                    NewEffect(f"{key}:{chat}", LaneKind.ROOM, f"{incident.id}:{chat}", chat, effect, incident.id)
                    for chat in chats
                )
            case Announce():
                rows.extend(
                    NewEffect(f"{key}:{chat}", LaneKind.ANNOUNCE, chat, chat, effect, incident.id) for chat in chats
                )
            case Tell():
                rows.extend(
                    NewEffect(f"{key}:{chat}", LaneKind.DIRECT, f"{effect.person}:{chat}", chat, effect, incident.id)
                    for chat in channels_of(org.person(effect.person), chats)
                )
            case Page():
                for chat in channels_of(org.person(effect.person), chats):
                    page = PageRecord(
                        id=new_id(now),
                        incident=incident.id,
                        person=effect.person,
                        channel=chat,
                        step=effect.step,
                        episode=effect.episode,
                        state=PageState.QUEUED,
                        requested_at=now,
                    )
                    pages.append(page)
                    lane = f"{effect.person}:{chat}"
                    rows.append(NewEffect(f"{key}:{chat}", LaneKind.PAGE, lane, chat, effect, incident.id, page.id))
            case _:
                assert_never(effect)
    return rows, pages


def channels_of(person: Person | None, chats: Sequence[str]) -> tuple[str, ...]:
    """Return the chats in which a person can be written to: those with an account, and the built-in room."""
    if person is None:
        return ()
    known = {account.chat for account in person.accounts}
    return tuple(chat for chat in chats if chat == BUILT_IN or chat in known)


def _audit(
    before: Incident | None, after: Incident, *, actor: Actor, what: str, token: str, now: datetime
) -> AuditEntry:
    old, new = (asdict(before) if before else {}), asdict(after)
    changed = {name for name in new if old.get(name) != new[name]}
    return AuditEntry(
        at=now,
        actor=str(actor),
        token=token,
        action=what,
        subject=after.ref,
        before={name: _plain(old[name]) for name in sorted(changed & set(old))},
        after={name: _plain(new[name]) for name in sorted(changed)},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


async def reload(unit: Unit, incident_id: str) -> Incident | None:
    """Return the incident as it is now, for Tocsin itself."""
    return await unit.incidents.get(incident_id, SYSTEM)
