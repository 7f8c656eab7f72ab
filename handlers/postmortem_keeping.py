"""The middle step of a postmortem: what was decided about one is stored, whole, in the unit that it was made in."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.domain.postmortem import Postmortem, first_owner
from bot.domain.postmortem_deciding import Outcome, Sitting, begin, take_up
from bot.domain.timeline import Actor, Event
from bot.ids import new_id
from bot.ports.records import AuditEntry, NewEffect
from bot.ports.store import Unit
from handlers.auditing import changed
from handlers.desk import Desk
from handlers.spreading import spread

ANONYMOUS = "anonymous"
"""Who gave an answer that is kept without its author, for the audit."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored postmortem, and what its caller writes beside it: timeline, outbox, audit."""

    postmortem: Postmortem
    audit: AuditEntry
    events: Sequence[Event] = ()
    effects: Sequence[NewEffect] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed, by whom, by which credential. `before` is None for a postmortem that is opened."""

    incident: Incident
    before: Postmortem | None
    actor: Actor
    token: str = ""


async def sitting_of(desk: Desk, unit: Unit, incident: Incident, actor: Actor) -> Sitting | None:
    """Return how the postmortem of an incident stands, for somebody who acts; None: it has none."""
    postmortem = await unit.postmortems.of(incident.id)
    if postmortem is None:
        return None
    script = await unit.postmortems.script(postmortem.script)
    answers = tuple(await unit.postmortems.answers(postmortem.id))
    return Sitting(incident, postmortem, script, answers, actor, desk.now())


async def owed(desk: Desk, unit: Unit, incident: Incident, actor: Actor, token: str) -> Kept | None:
    """Store that an incident which was just resolved has its postmortem: a new one, or the one it had, taken up again.

    The caller writes the rest of it with what it writes of the resolve. None: it was answered before.
    """
    sitting = await sitting_of(desk, unit, incident, actor)
    if sitting is None:
        return await _stored(desk, unit, opening(desk, incident, actor), Change(incident, None, actor, token))
    if not sitting.postmortem.is_asking:
        return None
    return await _stored(desk, unit, take_up(sitting), Change(incident, sitting.postmortem, actor, token))


def opening(desk: Desk, incident: Incident, actor: Actor) -> Outcome:
    """Decide to open the postmortem of an incident. Raises `Refusal` while it is too early for that."""
    now = desk.now()
    fresh = Postmortem(
        id=new_id(now),
        incident=incident.id,
        script="",
        opened_at=now,
        owner=first_owner(incident, actor.person),
        opened_by=str(actor),
    )
    return begin(fresh, incident, desk.script(), actor)


async def keep_outcome(desk: Desk, unit: Unit, outcome: Outcome, change: Change) -> Postmortem:
    """Store what was decided about a postmortem, and write timeline, outbox and audit with it.

    Raises `Conflict` when others changed it meanwhile: load it again and decide again.
    """
    kept = await _stored(desk, unit, outcome, change)
    now = desk.now()
    await unit.timeline.add(change.incident.id, kept.events, now)
    await unit.outbox.add(kept.effects, now)
    await unit.audit.add([kept.audit])
    return kept.postmortem


async def _stored(desk: Desk, unit: Unit, outcome: Outcome, change: Change) -> Kept:
    if change.before is None:
        after = await unit.postmortems.open(outcome.postmortem, desk.script())
    else:
        after = await unit.postmortems.save(outcome.postmortem)
    await unit.postmortems.add(outcome.answers)
    # Under a cause of its own: the incident may stay at its version while its postmortem goes on.
    cause = f"postmortem:{after.id}:{after.version}"
    unfit = desk.unfit_for(change.incident)
    rows, _ = spread(
        outcome.effects, change.incident, desk.organisation(), desk.chats, desk.now(), cause=cause, unfit=unfit
    )
    return Kept(after, _audit(desk, outcome, after, change), outcome.events, rows)


def _audit(desk: Desk, outcome: Outcome, after: Postmortem, change: Change) -> AuditEntry:
    """Note who changed what; of an answer its question and version, never its words, and no author that is not kept."""
    was, is_now = changed(change.before, after)
    for answer in outcome.answers:
        is_now |= {"question": answer.question, "item": answer.item, "number": answer.number}
        is_now |= {"is_skipped": answer.skipped is not None}
    is_hidden = any(answer.person is None for answer in outcome.answers)
    return AuditEntry(
        at=desk.now(),
        actor=ANONYMOUS if is_hidden else str(change.actor),
        token="" if is_hidden else change.token,
        action=outcome.reply.key.removeprefix("reply."),
        subject=change.incident.ref,
        before=was,
        after=is_now,
    )
