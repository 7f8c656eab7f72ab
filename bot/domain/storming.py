"""What a storm does to its incident: it opens, it grows, others open beside it, and it passes."""

from bot.domain import escalation
from bot.domain.actions import StormGrew, StormPassed
from bot.domain.alerting import take_over
from bot.domain.decision import Decision, Draft
from bot.domain.incident import AlertTally
from bot.domain.opening import begin, page_reason
from bot.domain.refusal import Value
from bot.domain.reminders import unchanged
from bot.domain.timeline import EventKind


def open_by_storm(draft: Draft, grown: StormGrew) -> Decision:
    """Open the incident of a storm, and call its policy's people: once, however much folds into it."""
    fired = grown.alerts.fired
    draft.change(alerts=AlertTally(total=fired, firing=fired, worst=grown.alerts.worst))
    begin(draft, EventKind.STORM_BEGAN, _beginning(draft))
    _name(draft, grown)
    escalation.start(draft, page_reason(draft.incident))
    return draft.decide("opened")


def grew(draft: Draft, grown: StormGrew) -> Decision:
    """Take over what folded into a storm, and name what opened beside it. A storm that begins anew calls anew."""
    episode = draft.incident.escalation.episode
    take_over(draft, grown.alerts)
    if grown.begins:
        draft.happened(EventKind.STORM_BEGAN, _beginning(draft), loud=True)
        draft.announce(EventKind.STORM_BEGAN, _beginning(draft))
        if draft.incident.is_open and draft.incident.escalation.episode == episode:
            escalation.start(draft, page_reason(draft.incident))
    _name(draft, grown)
    return draft.decide("alerts")


def passed(draft: Draft, storm: StormPassed) -> Decision:
    """Say once that the storm is over, and what of it still fires; an incident that has ended by then says nothing."""
    if not draft.incident.is_open:
        return unchanged(draft)
    firing = draft.incident.alerts.firing
    fields: dict[str, Value] = {
        "count": storm.groups,
        "firing": firing,
        "titles": "; ".join(storm.titles) or None,
        "more": max(0, firing - len(storm.titles)),
    }
    draft.happened(EventKind.STORM_PASSED, fields, loud=True)
    draft.announce(EventKind.STORM_PASSED, fields)
    return draft.decide("alerts")


def _beginning(draft: Draft) -> dict[str, Value]:
    rules = draft.org.storm
    return {"limit": rules.groups, "seconds": int(rules.within.total_seconds()), "critical": rules.critical.name}


def _name(draft: Draft, grown: StormGrew) -> None:
    # The card names them, too: each was announced where everyone hears it, and a room full of lines helps nobody.
    if grown.beside:
        draft.happened(
            EventKind.STORM_SPARED, {"count": len(grown.beside), "titles": "; ".join(grown.beside)}, tell=False
        )
