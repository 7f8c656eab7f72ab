"""The middle step: a decision is stored, whole, in the unit of work that it was made in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.domain.access import SYSTEM
from bot.domain.actions import Action, AlertsChanged, StormGrew
from bot.domain.decide import decide
from bot.domain.decision import Decision
from bot.domain.incident import Incident, TimerKind
from bot.domain.postmortem import is_owed
from bot.domain.timeline import Actor, Event
from bot.ports.records import AuditEntry, NewEffect, PageRecord
from bot.ports.store import Unit
from handlers.auditing import beside, changed
from handlers.desk import Desk
from handlers.postmortem_keeping import owed
from handlers.spreading import spread

SPARED: Final = "the incident ended before this call was made"


_COUNTING: Final = frozenset({AlertsChanged.__name__, StormGrew.__name__})


@dataclass(slots=True)
class Ledger:
    """What decisions leave to be written, so that many of them cost few statements.

    `begun` are the timers of incidents that are new.
    """

    tallies: list[Incident] = field(default_factory=list)
    begun: dict[str, Mapping[TimerKind, datetime]] = field(default_factory=dict)
    events: list[tuple[str, Event]] = field(default_factory=list)
    effects: list[NewEffect] = field(default_factory=list)
    pages: list[PageRecord] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)

    async def write(self, unit: Unit, now: datetime) -> None:
        """Write all of it, in the order in which it was decided, and be empty again.

        Raises `Conflict` when an incident was changed meanwhile.
        """
        await unit.incidents.tally(self.tallies)
        if self.begun:
            await unit.timers.begin(self.begun)
        await unit.timeline.add_many(self.events, now)
        await unit.pages.add(self.pages)
        await unit.outbox.add(self.effects, now)
        await unit.audit.add(self.audit)
        self.tallies, self.begun, self.events, self.effects, self.pages, self.audit = [], {}, [], [], [], []


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
        acknowledges_only=decision.acknowledges_only,
        spares_pages=decision.spares_pages,
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
    only_tally = before is not None and decision.incident.only_counts(before)
    if before is None:
        after = await unit.incidents.add(decision.incident)
        desk.metrics.incidents_opened.labels(after.severity.name).inc()
    elif only_tally and ledger is not None:
        after = replace(decision.incident, version=decision.incident.version + 1)
        ledger.tallies.append(after)
    else:
        after = await unit.incidents.save(decision.incident)
    book = ledger if ledger is not None else Ledger()
    if decision.acknowledges_pages or decision.spares_pages:
        await book.write(unit, now)
    if decision.acknowledges_pages:
        await unit.pages.acknowledge(after.id, decision.acknowledges_only)
    if decision.spares_pages:
        await unit.pages.spare(after.id, SPARED)
    effects, pages = spread(decision.effects, after, org, desk.chats, now, unfit=desk.unfit_for(after))
    book.events.extend((after.id, event) for event in decision.events)
    book.effects.extend(effects)
    book.pages.extend(pages)
    owes = before is not None and is_owed(after, before.status, org.rules.postmortem_from)
    if owes and (begun := await owed(desk, unit, after, actor, token)) is not None:
        book.events.extend((after.id, event) for event in begun.events)
        book.effects.extend(begun.effects)
        book.audit.append(begun.audit)
    if not (only_tally and what in _COUNTING):
        # Alerts that merely join or end are in the timeline; the audit is about what was decided, and by whom.
        was, is_now = changed(before, after)
        is_now |= beside(decision)
        book.audit.append(AuditEntry(now, str(actor), token, what, after.ref, before=was, after=is_now))
    await _keep_timers(unit, book, before, after)
    if decision.followups:
        await unit.followups.save(decision.followups)
    if ledger is None:
        await book.write(unit, now)
    return after


async def _keep_timers(unit: Unit, book: Ledger, before: Incident | None, after: Incident) -> None:
    if before is None or after.id in book.begun:
        book.begun[after.id] = after.timers()
    elif before.timers() != after.timers():
        await unit.timers.set_for(after.id, after.timers())


async def reload(unit: Unit, incident_id: str) -> Incident | None:
    """Return the incident as it is now, for Tocsin itself."""
    return await unit.incidents.get(incident_id, SYSTEM)
