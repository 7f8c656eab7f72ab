"""How an incident begins: declared by a person, or opened by its alerts."""

from collections.abc import Mapping

from bot.domain import escalation
from bot.domain.actions import AlertsChanged
from bot.domain.context import context_of
from bot.domain.decision import Decision, Draft
from bot.domain.effects import DrawCard, OpenRoom
from bot.domain.incident import AlertTally, Incident
from bot.domain.lifecycle import join
from bot.domain.message import Message
from bot.domain.refusal import Value
from bot.domain.reminders import plan
from bot.domain.timeline import EventKind


def declare(draft: Draft, *, rings: bool) -> Decision:
    """Open an incident that a person declares; `rings` says whether its policy's people are called.

    The incident of the draft is new: its number, id, title, severity, service, policy and visibility are set.
    """
    begin(draft, EventKind.DECLARED, {})
    opener = draft.incident.opened_by
    if opener is not None:
        join(draft, opener)
    if rings:
        escalation.start(draft, page_reason(draft.incident))
    return draft.decide("declared", title=draft.incident.title, severity=draft.incident.severity.name)


def open_by_alerts(draft: Draft, change: AlertsChanged) -> Decision:
    """Open an incident for alerts that began together, and call its policy's people."""
    draft.change(alerts=AlertTally(total=change.fired, firing=change.fired, worst=change.worst))
    if draft.rules.repeat is not None:
        draft.change(rings=(draft.now,))
    begin(draft, EventKind.OPENED_BY_ALERT, {"count": change.fired, "titles": "; ".join(change.titles)})
    escalation.start(draft, page_reason(draft.incident))
    return draft.decide("opened")


def page_reason(incident: Incident) -> Message:
    """Return what a person who is called for this incident reads first."""
    fields = {"ref": incident.ref, "title": incident.title, "severity": incident.severity.name}
    return Message("page.incident", {**fields, "service": incident.service})


def begin(draft: Draft, kind: EventKind, fields: Mapping[str, Value]) -> None:
    """Open the room of a new incident, and say how it began."""
    incident = draft.incident
    draft.effects.extend((OpenRoom(), DrawCard()))
    about = {"severity": incident.severity.name, "service": incident.service}
    context = context_of(incident, draft.org)
    at_hand = {
        "team": context.team,
        "runbook": context.runbook,
        "dashboards": " ".join(context.dashboards),
        "depends_on": ", ".join(context.depends_on),
    }
    draft.happened(kind, {**about, **fields, **{name: value for name, value in at_hand.items() if value}})
    draft.announce(kind, {**about, **fields})
    plan(draft)
