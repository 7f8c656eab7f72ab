"""What the coming and going of its alerts does to an incident."""

from bot.domain import escalation
from bot.domain.actions import AlertsChanged, PageLost, Resolve
from bot.domain.decision import Decision, Draft
from bot.domain.dependants import joined
from bot.domain.effects import TellEnds
from bot.domain.incident import AlertTally, EscalationState, Status
from bot.domain.lifecycle import back_to_work, resolve
from bot.domain.opening import page_reason
from bot.domain.organisation import ResolveMode
from bot.domain.phrases import describe
from bot.domain.refusal import Value
from bot.domain.reminders import plan, unchanged
from bot.domain.ringing import ring
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind

TITLES_NAMED = 3


def alerts_changed(draft: Draft, change: AlertsChanged) -> Decision:
    """Take over what a batch of reports said.

    Firing rings again when the incident had ended or was mitigated, when all its alerts had fallen silent, when
    everyone had been called in vain, or when it became worse than alerts had made it so far: a person who has set a
    milder severity is not contradicted by more of the same. A return by which an alert is found to flap rings only while
    nobody has acknowledged. An alert that joins an incident somebody looks after rings
    nobody, and neither do alerts that are over by the time they are heard of.
    """
    before = draft.incident
    take_over(draft, change)
    if draft.incident == before and not draft.events:
        return unchanged(draft)
    return draft.decide("alerts")


def take_over(draft: Draft, change: AlertsChanged) -> None:
    """Do what `alerts_changed` says, to a draft that others go on with."""
    before = draft.incident
    was_firing = before.alerts.firing
    firing = max(0, was_firing + change.fired - change.resolved - change.expired - len(change.left))
    known = before.alerts.worst or before.severity
    rise = change.worst if firing and change.worst is not None and change.worst.is_worse_than(known) else None
    worst = rise or before.alerts.worst
    total = max(0, before.alerts.total + change.fired - len(change.left))
    draft.change(alerts=AlertTally(total=total, firing=firing, worst=worst))
    _record(draft, change)
    for one in change.joined:
        joined(draft, one)
    if firing:
        _ring(draft, change, rise, was_quiet=was_firing == 0 and before.alerts.total > 0)
    elif was_firing or change.fired:
        _fell_silent(draft, is_sure=not change.expired)


def quiet_due(draft: Draft) -> Decision:
    """Resolve an incident whose alerts have all been silent for the quiet time; a stale timer does nothing.

    A time that no longer counts, since an alert fires or the organisation wants to be asked, is taken away.
    """
    due_at = draft.incident.quiet_due_at
    if not draft.incident.is_open or due_at is None or due_at > draft.now:
        return unchanged(draft)
    if draft.incident.alerts.firing or draft.rules.resolve is not ResolveMode.AUTO:
        draft.change(quiet_due_at=None)
        return draft.decide("nothing")
    return resolve(draft, Resolve())


def page_lost(draft: Draft, lost: PageLost) -> Decision:
    """Say aloud that a page did not get through, and take the next step at once if nobody of the current one is left.

    Once the incident has ended it is written down only.
    """
    about: dict[str, Value] = {"person": lost.person, "channel": lost.channel, "step": lost.step}
    draft.happened(EventKind.PAGE_FAILED, {**about, "reason": lost.reason}, tell=draft.incident.is_open, loud=True)
    current = draft.incident.escalation
    is_current = (lost.step, lost.episode) == (current.sent, current.episode)
    if current.state is EscalationState.RUNNING and is_current and not lost.may_be_heard:
        escalation.hasten(draft, page_reason(draft.incident))
    return draft.decide("page_lost")


def _record(draft: Draft, change: AlertsChanged) -> None:
    tell = draft.incident.is_open
    if change.resolved:
        counts = {"count": change.resolved, "firing": draft.incident.alerts.firing}
        draft.happened(EventKind.ALERTS_RESOLVED, counts, tell=False)
        if tell and not change.fired:
            draft.effects.append(TellEnds())
    if change.expired:
        hours = int(draft.org.rules.alert_expiry.total_seconds() // 3600)
        draft.happened(EventKind.ALERTS_EXPIRED, {"count": change.expired, "hours": hours}, tell=tell, loud=True)
    if change.flapping:
        flaps: dict[str, Value] = {"turns": change.turns, "within": describe(draft.rules.flap_window)}
        draft.happened(EventKind.FLAPPING, {**_named(change.flapping), **flaps}, tell=tell, loud=True)
    if change.steady:
        draft.happened(EventKind.STEADY, _named(change.steady), tell=tell)
    if change.left:
        left: dict[str, Value] = {"count": len(change.left), "titles": "; ".join(change.left)}
        draft.happened(EventKind.STORM_LEFT, left, tell=tell, loud=True)
    if change.fired:
        about: dict[str, Value] = {"count": change.fired, "titles": "; ".join(change.titles)}
        draft.happened(EventKind.ALERTS_JOINED, about, tell=False)


def _named(titles: tuple[str, ...]) -> dict[str, Value]:
    return {"count": len(titles), "titles": "; ".join(tuple(dict.fromkeys(titles))[:TITLES_NAMED])}


def _ring(draft: Draft, change: AlertsChanged, rise: Severity | None, *, was_quiet: bool) -> None:
    incident, titles = draft.incident, "; ".join(change.titles)
    # A person may have made it worse than that already.
    worse = rise is not None and rise.is_worse_than(incident.severity)
    if not change.fired and not worse:
        return
    # A storm calls once: what folds into it makes it worse without another call, unless that becomes critical.
    rings = worse and (not incident.is_storm or draft.org.storm.is_spared(rise))
    if not incident.is_open or incident.status is Status.MITIGATED:
        back_to_work(draft, titles)
        rings = True
    elif was_quiet and change.held == change.fired and incident.escalation.state is EscalationState.ACKNOWLEDGED:
        pass  # it was said that what flaps calls nobody, and somebody looks after it
    elif was_quiet:
        draft.happened(EventKind.FIRING_AGAIN, {"titles": titles}, loud=True)
        rings = not incident.is_storm or incident.escalation.state is not EscalationState.ACKNOWLEDGED
    elif incident.escalation.state is EscalationState.EXHAUSTED:
        rings = True
    if incident.quiet_at is not None or incident.quiet_due_at is not None:
        draft.change(quiet_at=None, quiet_due_at=None)
    if rise is not None and worse:
        fields = {"before": incident.severity.name, "severity": rise.name, "reason": titles}
        draft.change(severity=rise)
        draft.happened(EventKind.SEVERITY_CHANGED, fields, loud=True)
        draft.announce(EventKind.SEVERITY_CHANGED, fields)
        plan(draft)
    if rings:
        ring(draft, is_rise=worse)


def _fell_silent(draft: Draft, *, is_sure: bool) -> None:
    """Note that no alert fires any more.

    When the last ones were only not heard of any more, that is no sign that all is well: the calling goes on, and
    nothing resolves by itself.
    """
    draft.change(quiet_at=draft.now)
    if not draft.incident.is_open:
        return
    resolves_at = None
    if is_sure and draft.rules.resolve is ResolveMode.AUTO:
        resolves_at = draft.now + draft.rules.quiet_time
    draft.change(quiet_due_at=resolves_at)
    if is_sure and draft.incident.escalation.state is EscalationState.RUNNING:
        escalation.stop(draft, EscalationState.STOPPED)
    at = resolves_at.isoformat() if resolves_at is not None else None
    draft.happened(EventKind.ALL_QUIET, {"resolves_at": at}, actions=("resolve",))
