"""What the audit keeps of a change: the fields that differ, before and after, as plain JSON values."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.domain.decision import Decision
from bot.domain.effects import Page

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def changed(before: "DataclassInstance | None", after: "DataclassInstance") -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields in which two versions of a thing differ; of a new one, all of them."""
    old, new = (asdict(before) if before is not None else {}), asdict(after)
    names = {name for name in new if old.get(name) != new[name]}
    was = {name: _plain(old[name]) for name in sorted(names & set(old))}
    return was, {name: _plain(new[name]) for name in sorted(names)}


def beside(decision: Decision) -> dict[str, Any]:
    """Return what a decision did beside the incident's own fields: kinds of events, people called, follow-ups.

    Of what was written only that it was: the words are in the timeline.
    """
    called = dict.fromkeys(effect.person for effect in decision.effects if isinstance(effect, Page))
    named = {
        "events": [event.kind.value for event in decision.events],
        "called": list(called),
        "followups": [followup.id for followup in decision.followups],
    }
    return {name: value for name, value in named.items() if value}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
