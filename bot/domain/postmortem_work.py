"""One action that comes out of a postmortem: what kind it is, who does it, by when, and how it is known to be done."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.domain.organisation import Organisation, Person
from bot.domain.phrases import Misread, parse_when
from bot.domain.postmortem import Part
from bot.domain.postmortem_fault import Misfit, person_in
from bot.domain.text import nearest

KINDS: Final = ("detect", "mitigate", "prevent", "repair", "process")
PRIORITIES: Final = ("P1", "P2", "P3", "P4", "P5")
FIELDS: Final = ("kind", "what", "owner", "due", "priority", "test")

_SEGMENT: Final = re.compile(r"[;\n]")
_MARKS: Final = (
    ("owner", re.compile(r"(?:owner|by whom|who)\b[:=]?\s*(.*)", re.IGNORECASE | re.DOTALL)),
    ("due", re.compile(r"(?:due|by|until)\b[:=]?\s*(.*)", re.IGNORECASE | re.DOTALL)),
    ("priority", re.compile(r"(?:priority\b[:=]?\s*)?(p[0-9])", re.IGNORECASE)),
    ("test", re.compile(r"(?:done when|done if|test)\b[:=]?\s*(.*)", re.IGNORECASE | re.DOTALL)),
)
# What a sentence that says what to do does not begin with. Articles, pronouns and the like; a wish is no action.
_NO_VERB: Final = (
    "a an the this that these those we i you he she it they somebody someone nobody our my your their no not more less "
    "better worse should could would must need needs to for of in on at with without from by there here maybe please "
    "consider"
)
_NO_VERBS: Final = frozenset(_NO_VERB.split())
_ENDINGS: Final = ("tion", "sion", "ment", "ness", "ing")
# Verbs that end like nouns or -ing forms.
_YET_A_VERB: Final = (
    "bring ping sing string ring mention question position provision implement document experiment supplement comment "
    "augment segment increment decrement station partition transition commission"
)
_YET_VERBS: Final = frozenset(_YET_A_VERB.split())


def read(given: Mapping[str, str], org: Organisation, person: Person, now: datetime) -> Part:
    """Return an action with all that makes it one. Raises `Misfit` at the first thing that is wanted."""
    text = given.get("text", "").strip()
    parts = _from_text(text) if text else {name: given.get(name, "").strip() for name in FIELDS}
    field = dict.fromkeys(FIELDS, "text") if text else {name: name for name in FIELDS}
    kind = parts["kind"].casefold()
    if kind not in KINDS:
        like = nearest(kind, KINDS) if kind else None
        raise Misfit(field["kind"], "postmortem.action_kind", given=kind, like=like, kinds=", ".join(KINDS))
    what = parts["what"]
    if not _begins_with_verb(what):
        raise Misfit(field["what"], "postmortem.action_verb", given=what)
    if not parts["owner"]:
        raise Misfit(field["owner"], "postmortem.action_owner")
    owner = person_in(parts["owner"], org, person)
    if owner is None:
        like = nearest(parts["owner"].removeprefix("@"), (one.name for one in org.people))
        raise Misfit(field["owner"], "person.unknown", given=parts["owner"], like=like)
    due_at = _due(parts["due"], field["due"], now, person.timezone or org.timezone)
    priority = parts["priority"].upper()
    if priority not in PRIORITIES:
        raise Misfit(field["priority"], "postmortem.action_priority", given=priority)
    if not parts["test"]:
        raise Misfit(field["test"], "postmortem.action_test")
    return {
        "kind": kind,
        "text": what,
        "owner": owner.id,
        "due_at": due_at.isoformat(),
        "priority": priority,
        "test": parts["test"],
    }


def written(part: Part, org: Organisation) -> str:
    """Return an action as words, as one could have written it."""
    owner = org.person(str(part["owner"]))
    name = owner.name if owner is not None else part["owner"]
    due = datetime.fromisoformat(str(part["due_at"]))
    return f"{part['kind']}: {part['text']}; owner {name}; due {due:%Y-%m-%d}; {part['priority']}; done when {part['test']}"


def _from_text(text: str) -> dict[str, str]:
    first, *others = (segment.strip() for segment in _SEGMENT.split(text))
    kind, colon, what = first.partition(":")
    parts = dict.fromkeys(FIELDS, "")
    parts["kind"], parts["what"] = (kind.strip(), what.strip()) if colon else ("", first)
    for segment in others:
        for name, mark in _MARKS:
            if (found := mark.fullmatch(segment)) is not None:
                parts[name] = found[1].strip()
                break
    return parts


def _begins_with_verb(what: str) -> bool:
    """Whether it may well begin with a verb; no dictionary is asked, so only what surely is none is refused."""
    first = re.match(r"\w+", what)
    if first is None:
        return False
    word = first[0].casefold()
    if word in _YET_VERBS:
        return True
    return not word[0].isdigit() and word not in _NO_VERBS and not word.endswith(_ENDINGS)


def _due(text: str, field: str, now: datetime, zone: str) -> datetime:
    if not text:
        raise Misfit(field, "postmortem.action_due", given=text)
    try:
        return parse_when(text, now, zone)
    except Misread:
        raise Misfit(field, "postmortem.action_due", given=text) from None
