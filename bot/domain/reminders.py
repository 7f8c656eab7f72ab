"""Reminders: an update that is owed, a commander who is missing, a follow-up that is due, and the sweeper's look."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.decision import Decision, Draft
from bot.domain.effects import Tell
from bot.domain.followup import Followup, reminded
from bot.domain.incident import EscalationState, Incident, Status
from bot.domain.message import Message
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind

STALE_AFTER = timedelta(hours=24)
"""An open incident that owes no regular update is asked about once a day, so that none is forgotten."""

WANTS_COMMANDER = Severity.SEV3
"""From this severity on, someone should lead."""


def plan(draft: Draft) -> None:
    """Set what is ahead of an open incident: its next update and, while nobody leads, the reminder of that.

    What was due sooner stays due: people were told of it. A mitigated incident asks for no commander.
    """
    before = draft.incident
    plan_update(draft)
    wants = before.severity.is_at_least(WANTS_COMMANDER) and before.commander is None
    asks_at = draft.now + draft.org.rules.commander_within
    draft.change(
        update_due_at=_sooner(before.update_due_at, draft.incident.update_due_at),
        commander_due_at=_sooner(before.commander_due_at, asks_at)
        if wants and before.status is not Status.MITIGATED
        else None,
    )


def plan_update(draft: Draft, next_in: timedelta | None = None) -> None:
    """Set when the next update is owed: after `next_in`, else by severity, else a day."""
    interval = next_in or draft.org.rules.update_interval(draft.incident.severity) or STALE_AFTER
    draft.change(update_due_at=draft.now + interval)


def update_due(draft: Draft) -> Decision:
    """Remind the room and the commander that an update is owed; a stale timer does nothing."""
    due_at = draft.incident.update_due_at
    if not draft.incident.is_open or due_at is None or due_at > draft.now:
        return unchanged(draft)
    draft.happened(EventKind.UPDATE_OVERDUE, {"due_at": due_at.isoformat()}, loud=True)
    _tell_commander(draft, "remind.update")
    plan_update(draft)
    return draft.decide("reminded")


def commander_due(draft: Draft) -> Decision:
    """Say that nobody leads, while nobody does; the next reminder waits three times as long."""
    due_at = draft.incident.commander_due_at
    if not draft.incident.is_open or due_at is None or due_at > draft.now:
        return unchanged(draft)
    if draft.incident.commander is not None:
        draft.change(commander_due_at=None)
        return draft.decide("reminded")
    draft.happened(EventKind.COMMANDER_MISSING, loud=True, actions=("lead",))
    draft.change(commander_due_at=draft.now + 3 * draft.org.rules.commander_within)
    return draft.decide("reminded")


def followup_due(draft: Draft, followup: Followup) -> Decision:
    """Remind the owner of a follow-up and its room, also when the incident is closed long since.

    The work of an owner who has left is not forgotten: whoever wrote it down is reminded.
    """
    later = reminded(followup, draft.now)
    if later is None:
        return unchanged(draft)
    draft.redraws = False
    draft.followups.append(later)
    about = {"text": followup.text, "owner": followup.owner, "due_at": followup.due_at.isoformat()}
    draft.happened(EventKind.FOLLOWUP_REMINDED, about)
    message = Message("remind.followup", {"ref": draft.incident.ref, "title": draft.incident.title, **about})
    owner = followup.owner if draft.org.person(followup.owner) is not None else followup.created_by
    draft.effects.append(Tell(owner, message))
    return draft.decide("reminded")


def sweep(draft: Draft) -> Decision:
    """Give an open incident that has nothing ahead of it a next step: the escalation's, else an update's."""
    incident = draft.incident
    if not incident.is_open:
        return unchanged(draft)
    running = incident.escalation.state is EscalationState.RUNNING
    if incident.update_due_at is not None and not (running and incident.escalation.due_at is None):
        return unchanged(draft)
    if incident.update_due_at is None:
        plan_update(draft)
    if running and incident.escalation.due_at is None:
        draft.change(escalation=replace(incident.escalation, due_at=draft.now))
    draft.happened(EventKind.SWEPT, tell=False)
    return draft.decide("swept")


def unchanged(draft: Draft) -> Decision:
    """Return the decision that changes nothing and says nothing."""
    return Decision(draft.incident, reply=Message("reply.nothing", {"ref": draft.incident.ref}))


def _sooner(before: datetime | None, planned: datetime | None) -> datetime | None:
    return min((at for at in (before, planned) if at is not None), default=None)


def _tell_commander(draft: Draft, key: str) -> None:
    incident: Incident = draft.incident
    if incident.commander is not None:
        message = Message(key, {"ref": incident.ref, "title": incident.title})
        draft.effects.append(Tell(incident.commander, message))
