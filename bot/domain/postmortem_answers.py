"""What an answer must have, by the kind of its question; each refusal says what is wanted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from bot.domain import postmortem_times, postmortem_work
from bot.domain.amounts import amounts, said
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation, Person
from bot.domain.postmortem import Part
from bot.domain.postmortem_fault import Misfit, person_in
from bot.domain.postmortem_script import Prompt, PromptKind
from bot.domain.refusal import Value
from bot.domain.text import nearest

MOST_WORDS: Final = 60
SOURCES: Final = ("alert", "monitoring", "customer", "colleague", "partner", "other")
"""How one comes to know of an incident."""

CONDITIONS: Final = ("technical", "process", "organisational", "external")
"""The kinds of conditions, in the sense of contributing factors; a person is none of them."""

NONE_ALIKE: Final = "none"
"""The answer of who knows of no incident like this one."""

_NONE: Final = frozenset({"none", "no", "nothing", "nobody", "لا", "لا شيء"})
_AS_IT_IS: Final = frozenset({"ok", "okay", "yes", "confirmed", "as it is", "نعم"})
_UNKNOWN: Final = re.compile(r"(?:unknown|not known|غير معروف)\b", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_REF: Final = re.compile(r"\bINC-?\d{1,18}\b", re.IGNORECASE)
_UNVERIFIED: Final = re.compile(r"unverified|غير مؤكد", re.IGNORECASE)
_BECAUSE: Final = re.compile(r"\b(?:because|since|reason|due to|so that|as)\b|لأن|بسبب", re.IGNORECASE)
_PARTS: Final = re.compile(r"[;\n]")


@dataclass(frozen=True, slots=True)
class Hearing:
    """What an answer is understood by: the incident, who answers, when, and what was proposed.

    `responders` are the ids of those who took part in the response. `alike` has the earlier incidents that look like this one, a line for each.
    """

    incident: Incident
    org: Organisation
    person: Person
    now: datetime
    times: Mapping[str, datetime | None]
    responders: tuple[str, ...] = ()
    alike: str = ""

    @property
    def zone(self) -> str:
        """The zone in which times are meant."""
        return self.person.timezone or self.org.timezone


@dataclass(frozen=True, slots=True)
class Understood:
    """An answer in the words that are kept, and the things that it names.

    `said` is how they were understood, for who wrote it, where that may be another thing than was meant.
    """

    text: str
    parts: tuple[Part, ...] = ()
    said: str = ""


def understand(prompt: Prompt, given: Mapping[str, str], hearing: Hearing) -> Understood:
    """Read an answer: its `text`, or the fields of its form. Raises `Misfit` where something is wanted."""
    text = given.get("text", "").strip()
    match prompt.kind:
        case PromptKind.TIMES:
            parts = postmortem_times.read(given, hearing.times, hearing.zone, hearing.now, as_it_is=is_as_it_is(text))
            return Understood(postmortem_times.written(parts), (parts,))
        case PromptKind.ACTIONS:
            item = postmortem_work.read(given, hearing.org, hearing.person, hearing.now)
            return Understood(postmortem_work.written(item, hearing.org), (item,))
        case PromptKind.DETECTION:
            return _detection(given)
        case PromptKind.TEXT | PromptKind.WORKED:
            return Understood(_words(text))
        case PromptKind.FACILITATOR:
            return _facilitator(_words(text), hearing)
        case PromptKind.TIMELINE:
            return _timeline(_words(text), hearing)
        case PromptKind.SUMMARY:
            return _summary(_words(text))
        case PromptKind.IMPACT:
            return _impact(_words(text), given.get("finder", ""), hearing)
        case PromptKind.CONDITIONS:
            return _conditions(_words(text))
        case PromptKind.SIMILAR:
            return _similar(_words(text), hearing.alike)
        case PromptKind.DECLINED:
            return _declined(_words(text), given.get("reason", "").strip())
        case _:
            assert_never(prompt.kind)


def is_as_it_is(text: str) -> bool:
    """Whether somebody takes what was proposed as it is."""
    return text.strip().rstrip(".!").casefold() in _AS_IT_IS


def _words(text: str) -> str:
    if not text:
        raise Misfit("text", "postmortem.empty")
    return text


def _is_none(text: str) -> bool:
    return text.strip().rstrip(".!").casefold() in _NONE


def _facilitator(text: str, hearing: Hearing) -> Understood:
    word, _, rest = text.partition(" ")
    if word.casefold() == "external" and rest.strip():
        return Understood(text, ({"name": rest.strip()},))
    person = person_in(text, hearing.org, hearing.person)
    if person is None:
        raise Misfit("text", "postmortem.facilitator", given=text, like=_like(text, hearing.org))
    if person.id in hearing.responders:
        raise Misfit("text", "postmortem.facilitator_took_part", person=person.id)
    return Understood(person.name, ({"person": person.id},))


def _timeline(text: str, hearing: Hearing) -> Understood:
    """Return what happened before the first alert: in order, each with its evidence or said to have none."""
    if is_as_it_is(text):
        return Understood(text)
    parts: list[Part] = []
    last: datetime | None = None
    for line in filter(str.strip, text.splitlines()):
        at = postmortem_times.time_in(line, hearing.incident.opened_at, hearing.zone, hearing.now)
        if at is None:
            raise Misfit("text", "postmortem.timeline_time", line=line.strip())
        link = _LINK.search(line)
        if link is None and not _UNVERIFIED.search(line):
            raise Misfit("text", "postmortem.timeline_evidence", line=line.strip())
        if last is not None and at < last:
            raise Misfit("text", "postmortem.timeline_order", line=line.strip())
        last = at
        parts.append({"at": at.isoformat(), "text": line.strip(), "link": link[0] if link else None})
    return Understood(text, tuple(parts))


def _summary(text: str) -> Understood:
    count = len(text.split())
    if count > MOST_WORDS:
        raise Misfit("text", "postmortem.long", count=count, limit=MOST_WORDS)
    return Understood(text, ({"words": count},))


def _impact(text: str, finder: str, hearing: Hearing) -> Understood:
    if _UNKNOWN.match(text):
        named = finder.strip() or text
        person = next(filter(None, (person_in(word, hearing.org, hearing.person) for word in named.split())), None)
        if person is None:
            raise Misfit("finder" if finder else "text", "postmortem.impact_finder")
        whole = f"{text}; {person.name} finds out" if finder.strip() else text
        return Understood(whole, ({"finder": person.id},))
    found = amounts(text)
    counted = [one for one in found if one.unit]
    if not counted:
        raise Misfit("text", "postmortem.impact", **({"number": said(found[0])} if found else {}))
    parts = tuple(
        {"written": one.written, "amount": one.plain, "unit": one.unit, "kind": "money" if one.is_money else "count"}
        for one in counted
    )
    return Understood(text, parts, "; ".join(said(one) for one in counted))


def _detection(given: Mapping[str, str]) -> Understood:
    text, source = given.get("text", "").strip(), given.get("source", "").strip().casefold()
    if not source:
        first = re.split(r"[\s:,;.–-]", text, maxsplit=1)
        source, text = first[0].casefold(), text[len(first[0]) :].lstrip(" :,;.–-\n").strip()
    if source not in SOURCES:
        field = "source" if given.get("source") else "text"
        possible = ", ".join(SOURCES)
        raise Misfit(field, "postmortem.detection", given=source, like=nearest(source, SOURCES), sources=possible)
    return Understood(f"{source}: {text}" if text else source, ({"source": source, "text": text},))


def _conditions(text: str) -> Understood:
    parts: list[Part] = []
    for line in filter(str.strip, _PARTS.split(text)):
        kind, colon, what = line.strip().lstrip("-•* ").partition(":")
        kind = kind.strip().casefold().replace("organizational", "organisational")
        if not colon or kind not in CONDITIONS:
            like = nearest(kind, CONDITIONS) if colon else None
            raise Misfit("text", "postmortem.condition", line=line.strip(), like=like, kinds=", ".join(CONDITIONS))
        if what.strip():
            parts.append({"kind": kind, "text": what.strip()})
    if len(parts) < 2:
        raise Misfit("text", "postmortem.conditions", count=len(parts), kinds=", ".join(CONDITIONS))
    return Understood("\n".join(f"{part['kind']}: {part['text']}" for part in parts), tuple(parts))


def _similar(text: str, alike: str) -> Understood:
    if is_as_it_is(text):
        text = alike or NONE_ALIKE
    if _is_none(text):
        return Understood(text)
    # An incident is often named in its own link.
    found: list[Value] = [*(ref.upper() for ref in _REF.findall(_LINK.sub(" ", text))), *_LINK.findall(text)]
    if not found:
        raise Misfit("text", "postmortem.similar")
    return Understood(text, tuple({"to": one} for one in dict.fromkeys(found)))


def _declined(text: str, reason: str) -> Understood:
    if _is_none(text):
        return Understood(text)
    if reason:
        return Understood(f"{text}, because {reason}", ({"text": text, "reason": reason},))
    if not _BECAUSE.search(text):
        raise Misfit("text", "postmortem.declined")
    return Understood(text)


def _like(text: str, org: Organisation) -> str | None:
    return nearest(text, (person.name for person in org.people))
