"""Moves between statuses: mitigate, resolve, reopen, cancel, close."""

from bot.domain import escalation
from bot.domain.actions import Cancel, Mitigate, Reopen, Resolve
from bot.domain.decision import Decision, Draft
from bot.domain.effects import CloseRoom, Invite, OpenRoom
from bot.domain.incident import EscalationState, Status
from bot.domain.refusal import Refusal
from bot.domain.reminders import plan
from bot.domain.timeline import EventKind
from bot.domain.transitions import check_move, check_reopening


def mitigate(draft: Draft, action: Mitigate) -> Decision:
    """The harm has stopped. Whoever says so has it: the calling ends, and nobody is asked to lead any more."""
    _move(draft, Status.MITIGATED, action.summary)
    draft.change(mitigated_at=draft.now, commander_due_at=None)
    acknowledged(draft)
    return draft.decide("mitigated")


def resolve(draft: Draft, action: Resolve) -> Decision:
    """It is over: nothing is ahead of it any more. A mitigation that was skipped happened now.

    Alerts may still fire: they ring again only when one begins anew or gets worse. The reply counts them.
    """
    _move(draft, Status.RESOLVED, action.summary)
    _end(draft)
    draft.change(resolved_at=draft.now, mitigated_at=draft.incident.mitigated_at or draft.now)
    draft.announce(EventKind.STATUS_CHANGED, {"status": Status.RESOLVED.value, "summary": action.summary})
    return draft.decide("resolved", firing=draft.incident.alerts.firing)


def cancel(draft: Draft, action: Cancel) -> Decision:
    """It was no incident: the room closes."""
    _move(draft, Status.CANCELLED, action.reason)
    _end(draft)
    draft.change(closed_at=draft.now)
    draft.announce(EventKind.STATUS_CHANGED, {"status": Status.CANCELLED.value, "summary": action.reason})
    draft.effects.append(CloseRoom())
    return draft.decide("cancelled")


def close(draft: Draft) -> Decision:
    """Nothing is left to do: the room closes. Follow-ups go on being remembered."""
    _move(draft, Status.CLOSED, "")
    draft.change(closed_at=draft.now)
    draft.effects.append(CloseRoom())
    return draft.decide("closed")


def reopen(draft: Draft, action: Reopen) -> Decision:
    """Take it back to investigating, with a reason. Whoever reopens it has it; `page` calls others."""
    if not action.reason.strip():
        raise Refusal("reopen.reason", ref=draft.incident.ref)
    back_to_work(draft, action.reason)
    draft.change(acknowledged_at=None, acknowledged_by=None)
    acknowledged(draft)
    return draft.decide("reopened")


def back_to_work(draft: Draft, reason: str) -> None:
    """Return a mitigated or ended incident to investigating, its room open again and its reminders set."""
    before = draft.incident.status
    check_reopening(draft.incident)
    draft.change(status=Status.INVESTIGATING, mitigated_at=None, resolved_at=None, closed_at=None, quiet_due_at=None)
    if before is not Status.MITIGATED:
        draft.effects.append(OpenRoom())
    draft.happened(EventKind.REOPENED, {"reason": reason, "before": before.value})
    draft.announce(EventKind.REOPENED, {"reason": reason})
    plan(draft)


def acknowledged(draft: Draft) -> None:
    """Note that the acting person has it, in the room: the calling ends and triage becomes investigating.

    The first one answers every call. Whoever was called after that is wanted besides, and answers for themselves.
    """
    is_first = draft.incident.escalation.state is not EscalationState.ACKNOWLEDGED
    escalation.stop(draft, EscalationState.ACKNOWLEDGED)
    if draft.incident.status is Status.TRIAGE:
        draft.change(status=Status.INVESTIGATING)
    draft.change(acknowledged_at=draft.incident.acknowledged_at or draft.now)
    draft.change(acknowledged_by=draft.incident.acknowledged_by or draft.actor.person)
    if draft.actor.person is not None:
        join(draft, draft.actor.person)
    draft.acknowledges_pages = is_first or draft.actor.person is not None
    draft.acknowledges_only = None if is_first else draft.actor.person


def join(draft: Draft, person: str) -> None:
    """Let a person (id) take part, and bring them into the room."""
    if person not in draft.incident.participants:
        draft.change(participants=(*draft.incident.participants, person))
        draft.effects.append(Invite((person,)))


def _move(draft: Draft, wanted: Status, summary: str) -> None:
    before = draft.incident.status
    check_move(draft.incident.ref, before, wanted)
    draft.change(status=wanted)
    fields = {"before": before.value, "status": wanted.value, "summary": summary}
    draft.happened(EventKind.STATUS_CHANGED, fields)


def _end(draft: Draft) -> None:
    if draft.incident.escalation.state is EscalationState.RUNNING:
        escalation.stop(draft, EscalationState.STOPPED)
    draft.change(update_due_at=None, commander_due_at=None, quiet_due_at=None)
    draft.spares_pages = True
