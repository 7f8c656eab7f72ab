"""What people do inside an incident: acknowledge, change severity, take roles, note, call others, give updates."""

from dataclasses import replace

from bot.domain import escalation
from bot.domain.access import Role
from bot.domain.actions import (
    AddFollowup,
    AddNote,
    Assign,
    FinishFollowup,
    GiveUpdate,
    Join,
    PagePeople,
    RecordChange,
    SetSeverity,
)
from bot.domain.decision import Decision, Draft
from bot.domain.effects import Tell
from bot.domain.followup import done
from bot.domain.incident import EscalationState
from bot.domain.lifecycle import acknowledged, join
from bot.domain.message import Message
from bot.domain.opening import page_reason
from bot.domain.refusal import Already, Refusal
from bot.domain.reminders import plan, plan_update, unchanged
from bot.domain.timeline import EventKind
from bot.domain.transitions import check_open


def acknowledge(draft: Draft) -> Decision:
    """Someone has it: the calling ends and triage becomes investigating. Doing it twice changes nothing.

    Somebody else may answer as well, such as a person whom the first one called: their pages end, the room hears of
    it, and they are told who has it. A source says no name: what it acknowledges, the first person may still take.
    """
    check_open(draft.incident)
    incident = draft.incident
    if draft.actor.person is None and incident.escalation.state is EscalationState.ACKNOWLEDGED:
        return unchanged(draft)
    holder = incident.acknowledged_by if incident.escalation.state is EscalationState.ACKNOWLEDGED else None
    if holder is not None and draft.actor.person == holder:
        return Decision(incident, reply=Message("reply.already_acknowledged", {"ref": incident.ref, "person": holder}))
    acknowledged(draft)
    if holder is None:
        draft.happened(EventKind.ACKNOWLEDGED)
        return draft.decide("acknowledged")
    draft.happened(EventKind.ACKNOWLEDGED, {"person": holder})
    return draft.decide("already_acknowledged", person=holder)


def set_severity(draft: Draft, action: SetSeverity) -> Decision:
    """Change the severity. A person who raises it is at it, so nobody is called again; `page` does that.

    Alerts change it again only when they get worse than they have been. A rise never puts off an update that was owed
    sooner; a milder severity owes its next update by its own interval.
    """
    check_open(draft.incident)
    before = draft.incident.severity
    if action.severity is before:
        raise Already("severity.already", ref=draft.incident.ref, severity=before.name)
    tally = draft.incident.alerts
    if tally.total and tally.worst is None:
        # From now on the severity is a person's word, and says no more what the alerts had brought.
        draft.change(alerts=replace(tally, worst=before))
    draft.change(severity=action.severity)
    fields = {"before": before.name, "severity": action.severity.name, "reason": action.reason}
    draft.happened(EventKind.SEVERITY_CHANGED, fields)
    if action.severity.is_worse_than(before):
        draft.announce(EventKind.SEVERITY_CHANGED, fields)
    else:
        draft.change(update_due_at=None)
    plan(draft)
    return draft.decide("severity", severity=action.severity.name)


def assign(draft: Draft, action: Assign) -> Decision:
    """Give a role to someone. One person holds each role but responder. Taking the lead oneself acknowledges."""
    check_open(draft.incident)
    role, person = action.role, action.person
    if draft.org.person(person) is None:
        raise Refusal("person.gone", ref=draft.incident.ref)
    if (role, person) in draft.incident.roles:
        raise Already("role.already", ref=draft.incident.ref, role=role.value, person=person)
    kept = tuple(held for held in draft.incident.roles if role is Role.RESPONDER or held[0] is not role)
    draft.change(roles=(*kept, (role, person)))
    join(draft, person)
    draft.happened(EventKind.ROLE_ASSIGNED, {"role": role.value, "person": person})
    if role is Role.COMMANDER:
        draft.change(commander_due_at=None)
        if person == draft.actor.person:
            acknowledged(draft)
    if person != draft.actor.person:
        about = {"ref": draft.incident.ref, "title": draft.incident.title, "role": role.value, "by": str(draft.actor)}
        draft.effects.append(Tell(person, Message("tell.role", about)))
    return draft.decide("assigned", role=role.value, person=person)


def bring(draft: Draft, action: Join) -> Decision:
    """Let somebody take part, and bring them into the room; who does so already changes nothing."""
    if action.person in draft.incident.participants:
        return unchanged(draft)
    draft.redraws = False
    join(draft, action.person)
    return draft.decide("done")


def add_note(draft: Draft, action: AddNote) -> Decision:
    """Write into the timeline; allowed whatever the status, since what happened is remembered afterwards too."""
    if not action.text.strip():
        raise Refusal("note.empty")
    if action.occurred_at is not None and action.occurred_at > draft.now:
        raise Refusal("note.future")
    draft.redraws = False
    draft.happened(EventKind.NOTE, {"text": action.text}, occurred_at=action.occurred_at)
    return draft.decide("noted")


def record_change(draft: Draft, action: RecordChange) -> Decision:
    """Write down that something was changed, as of when it was; a time ahead of ours counts as now."""
    check_open(draft.incident)
    draft.redraws = False
    fields = {"text": action.summary, "url": action.url}
    draft.happened(EventKind.SERVICE_CHANGED, fields, occurred_at=min(action.occurred_at, draft.now))
    return draft.decide("noted")


def page_people(draft: Draft, action: PagePeople) -> Decision:
    """Call more people now, beside the escalation and as none of its steps: it goes on as if nobody had been called."""
    check_open(draft.incident)
    everyone = (person for target in action.targets for person in escalation.people_of(target, draft.org, draft.now))
    people = tuple(dict.fromkeys(everyone))
    if not people:
        raise Refusal("page.nobody", ref=draft.incident.ref)
    reason = page_reason(draft.incident)
    if action.reason:
        reason = Message("page.asked", {**reason.fields, "by": str(draft.actor), "reason": action.reason})
    escalation.page(draft, people, escalation.BY_HAND, reason)
    return draft.decide("paged", people=",".join(people))


def give_update(draft: Draft, action: GiveUpdate) -> Decision:
    """Tell everyone how it stands, and set when the next update is owed."""
    check_open(draft.incident)
    if not action.text.strip():
        raise Refusal("update.empty")
    plan_update(draft, action.next_in)
    due_at = draft.incident.update_due_at
    next_at = due_at.isoformat() if due_at is not None else None
    draft.happened(EventKind.UPDATE, {"text": action.text, "next_at": next_at})
    draft.announce(EventKind.UPDATE, {"text": action.text})
    return draft.decide("updated", next_at=next_at)


def add_followup(draft: Draft, action: AddFollowup) -> Decision:
    """Remember work for later; allowed whatever the status."""
    followup = action.followup
    if draft.org.person(followup.owner) is None:
        raise Refusal("person.gone", ref=draft.incident.ref)
    if followup.due_at <= draft.now:
        raise Refusal("followup.past", due_at=followup.due_at.isoformat())
    draft.redraws = False
    draft.followups.append(followup)
    about = {"text": followup.text, "owner": followup.owner, "due_at": followup.due_at.isoformat()}
    draft.happened(EventKind.FOLLOWUP_ADDED, about)
    if followup.owner != draft.actor.person:
        fields = {"ref": draft.incident.ref, "title": draft.incident.title, "by": str(draft.actor), **about}
        draft.effects.append(Tell(followup.owner, Message("tell.followup", fields)))
    return draft.decide("followup_added", **about)


def finish_followup(draft: Draft, action: FinishFollowup) -> Decision:
    """Note that the work is done; doing it twice changes nothing."""
    if not action.followup.is_open:
        return unchanged(draft)
    draft.redraws = False
    draft.followups.append(done(action.followup, draft.now))
    draft.happened(EventKind.FOLLOWUP_DONE, {"text": action.followup.text, "owner": action.followup.owner})
    return draft.decide("followup_done", text=action.followup.text)
