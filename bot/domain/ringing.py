"""Ringing: the calling begins for what alerts did, unless their group has rung often enough lately."""

from bot.domain import escalation
from bot.domain.decision import Draft
from bot.domain.opening import page_reason
from bot.domain.phrases import describe
from bot.domain.refusal import Value
from bot.domain.timeline import EventKind


def ring(draft: Draft, *, is_rise: bool) -> None:
    """Begin the calling anew. Beyond the repeat limit of the group nobody is called, and the timeline says why.

    A rise in severity rings whatever the limit, and so does what is as bad as its `always_from`.
    """
    limit, incident = draft.rules.repeat, draft.incident
    if limit is None:
        escalation.start(draft, page_reason(incident))
        return
    lately = tuple(at for at in incident.rings if at > draft.now - limit.within)
    if len(lately) >= limit.rings and not is_rise and not incident.severity.is_at_least(limit.always_from):
        about: dict[str, Value] = {"count": len(lately), "within": describe(limit.within), "rule": incident.rule}
        draft.happened(EventKind.RING_SPARED, about)
        return
    draft.change(rings=(*lately, draft.now)[-limit.rings :])
    escalation.start(draft, page_reason(draft.incident))
