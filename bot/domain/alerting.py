"""What the coming and going of its alerts does to an incident."""

from bot.domain import escalation
from bot.domain.actions import AlertsChanged, PageLost, Resolve
from bot.domain.decision import Decision, Draft
from bot.domain.incident import AlertTally, EscalationState
from bot.domain.lifecycle import back_to_work, resolve
from bot.domain.opening import page_reason
from bot.domain.organisation import ResolveMode
from bot.domain.refusal import Value
from bot.domain.reminders import plan, unchanged
from bot.domain.timeline import EventKind


def alerts_changed(draft: Draft, change: AlertsChanged) -> Decision:
    """Take over what a batch of reports said.

    Firing rings again when the incident had ended, when all its alerts had fallen silent, or when it became worse.
    An alert that joins an incident somebody looks after rings nobody.
    """
    before = draft.incident
    firing = max(0, before.alerts.firing + change.fired - change.resolved - change.expired)
    draft.change(alerts=AlertTally(total=before.alerts.total + change.fired, firing=firing))
    titles = "; ".join(change.titles)
    tell = before.is_open
    if change.resolved:
        counts = {"count": change.resolved, "firing": firing}
        draft.happened(EventKind.ALERTS_RESOLVED, counts, tell=tell and not change.fired)
    if change.expired:
        hours = int(draft.org.rules.alert_expiry.total_seconds() // 3600)
        draft.happened(EventKind.ALERTS_EXPIRED, {"count": change.expired, "hours": hours}, tell=tell, loud=True)
    if change.fired:
        draft.happened(EventKind.ALERTS_JOINED, {"count": change.fired, "titles": titles}, tell=False)
    _ring(draft, change, was_quiet=before.alerts.firing == 0 and before.alerts.total > 0)
    if firing == 0 and (change.resolved or change.expired):
        _fell_silent(draft)
    return draft.decide("alerts")


def quiet_due(draft: Draft) -> Decision:
    """Resolve an incident whose alerts have all been silent for the quiet time; a stale timer does nothing."""
    due_at = draft.incident.quiet_due_at
    if not draft.incident.is_open or due_at is None or due_at > draft.now or draft.incident.alerts.firing:
        return unchanged(draft)
    return resolve(draft, Resolve())


def page_lost(draft: Draft, lost: PageLost) -> Decision:
    """Say aloud that a page did not get through, and take the next step at once if this one was the current."""
    about: dict[str, Value] = {"person": lost.person, "channel": lost.channel, "step": lost.step}
    draft.happened(EventKind.PAGE_FAILED, {**about, "reason": lost.reason}, loud=True)
    current = draft.incident.escalation
    is_current = (lost.step, lost.episode) == (current.sent, current.episode)
    if current.state is EscalationState.RUNNING and is_current:
        draft.change(escalation=escalation.due_now(current, draft.now))
        escalation.advance(draft, page_reason(draft.incident))
    return draft.decide("page_lost")


def _ring(draft: Draft, change: AlertsChanged, *, was_quiet: bool) -> None:
    titles = "; ".join(change.titles)
    worst = change.worst
    rings = False
    worse = worst is not None and worst.is_worse_than(draft.incident.severity)
    if not draft.incident.is_open and (change.fired or worse):
        back_to_work(draft, titles)
        rings = True
    elif change.fired and was_quiet:
        draft.happened(EventKind.FIRING_AGAIN, {"titles": titles}, loud=True)
        rings = True
    if change.fired:
        draft.change(quiet_at=None, quiet_due_at=None)
    if worst is not None and worse:
        fields = {"before": draft.incident.severity.name, "severity": worst.name, "reason": titles}
        draft.change(severity=worst)
        draft.happened(EventKind.SEVERITY_CHANGED, fields, loud=True)
        draft.announce(EventKind.SEVERITY_CHANGED, fields)
        plan(draft)
        rings = True
    if rings:
        escalation.start(draft, page_reason(draft.incident))


def _fell_silent(draft: Draft) -> None:
    draft.change(quiet_at=draft.now)
    if not draft.incident.is_open:
        return
    resolves_at = None
    if draft.org.rules.resolve is ResolveMode.AUTO:
        resolves_at = draft.now + draft.org.rules.quiet_time
        draft.change(quiet_due_at=resolves_at)
    if draft.incident.escalation.state is EscalationState.RUNNING:
        escalation.stop(draft, EscalationState.STOPPED)
    at = resolves_at.isoformat() if resolves_at is not None else None
    draft.happened(EventKind.ALL_QUIET, {"resolves_at": at}, actions=("resolve",))
