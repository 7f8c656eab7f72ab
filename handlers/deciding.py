"""The middle step: a decision is stored, whole, in the unit of work that it was made in."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, assert_never

from bot.domain.access import SYSTEM
from bot.domain.actions import Action
from bot.domain.decide import decide
from bot.domain.decision import Decision
from bot.domain.effects import Announce, CloseRoom, DrawCard, Effect, Invite, OpenRoom, Page, Say, Tell
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation, Person
from bot.domain.timeline import Actor
from bot.ids import new_id
from bot.ports.records import AuditEntry, LaneKind, NewEffect, PageRecord, PageState
from bot.ports.store import Unit
from handlers.desk import Desk

BUILT_IN = "room"
"""The name of the built-in chat, in which everyone can be reached."""


async def act(desk: Desk, unit: Unit, incident: Incident, action: Action, actor: Actor, *, token: str = "") -> Decision:
    """Decide an action on an incident and store what follows; returns the decision with the incident as stored.

    Raises `Refusal` when it may not be done and `Conflict` when the incident was changed meanwhile: load it again.
    """
    decision = decide(incident, action, actor, desk.now(), desk.organisation())
    stored = await keep(desk, unit, incident, decision, actor, what=type(action).__name__, token=token)
    return Decision(
        incident=stored,
        events=decision.events,
        effects=decision.effects,
        followups=decision.followups,
        reply=decision.reply,
        acknowledges_pages=decision.acknowledges_pages,
    )


async def keep(
    desk: Desk, unit: Unit, before: Incident | None, decision: Decision, actor: Actor, *, what: str, token: str = ""
) -> Incident:
    """Store a decision: the incident, its timeline, pages, effects, timers, follow-ups and the audit.

    `before` is None for a new incident. A decision that changed nothing writes nothing.
    """
    if before is not None and decision.incident == before and not decision.events and not decision.effects:
        return before
    now, org = desk.now(), desk.organisation()
    if before is None:
        after = await unit.incidents.add(decision.incident)
        desk.metrics.incidents_opened.labels(after.severity.name).inc()
    else:
        after = await unit.incidents.save(decision.incident)
    await unit.timeline.add(after.id, decision.events, now)
    if decision.acknowledges_pages:
        await unit.pages.acknowledge(after.id)
    effects, pages = spread(decision.effects, after, org, desk.chats, now)
    await unit.pages.add(pages)
    await unit.outbox.add(effects, now)
    await unit.timers.set_for(after.id, after.timers())
    if decision.followups:
        await unit.followups.save(decision.followups)
    await unit.audit.add([_audit(before, after, actor=actor, what=what, token=token, now=now)])
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
    for place, effect in enumerate(effects):
        key = f"{incident.id}:{incident.version}:{place}"
        match effect:
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
