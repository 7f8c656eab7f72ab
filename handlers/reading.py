"""Read what people write in commands: people, services, those to be called, times, and which option was wrong."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.forms import Form
from bot.domain.organisation import Organisation, Person, Service, Target, TargetKind
from bot.domain.phrases import Misread, parse_duration, parse_when
from bot.domain.refusal import Refusal
from bot.domain.text import nearest

T = TypeVar("T")

_MYSELF: Final = frozenset({"me", "myself", "i"})
_CLOCK: Final = re.compile(r"(?:(today|yesterday),?\s+(?:at\s+)?)?([0-9]{1,2}(?::[0-9]{2}|\s*[ap]m|:[0-9]{2}\s*[ap]m))")
_DATED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*", re.DOTALL)
_MEMORY: Final = timedelta(days=365 * 5)


class WrongOption(Exception):
    """What stands behind one option can't be used: a form shows `cause` at that very question.

    `form` asks for it once more, where the line did not come from a form.
    """

    def __init__(self, option: str, cause: Refusal | Misread, form: Form | None = None) -> None:
        super().__init__(option, cause)
        self.option = option
        self.cause = cause
        self.form = form


@contextmanager
def option(name: str) -> Iterator[None]:
    """Let whatever is refused inside be the fault of this option."""
    try:
        yield
    except (Refusal, Misread) as cause:
        raise WrongOption(name, cause) from cause


def person_called(word: str, org: Organisation, asker: Person) -> Person:
    """Return the person whom a word names: `me`, `@omar`, `Omar`, an e-mail address; refuses others."""
    name = word.strip().rstrip(",:;").removeprefix("person:").removeprefix("@")
    if name.casefold() in _MYSELF:
        return asker
    found = org.person_named(name) or _by_folded(name, {person.name: person for person in org.people})
    found = found or _by_folded(name, {person.email: person for person in org.people if person.email})
    if found is None:
        raise Refusal("person.unknown", given=word, like=nearest(name, (person.name for person in org.people)))
    return found


def service_called(word: str, org: Organisation) -> Service:
    """Return the service of this name, whatever its case; refuses others."""
    found = org.service(word) or _by_folded(word, {service.name: service for service in org.services})
    if found is None:
        raise Refusal("service.unknown", given=word, like=nearest(word, (service.name for service in org.services)))
    return found


def target_called(word: str, org: Organisation, asker: Person) -> Target | None:
    """Return whom a word stands for in a call: `@omar`, `schedule:ml-primary`, `team:ml`, or a bare name; else None."""
    word = word.rstrip(",;")
    kind, colon, name = word.partition(":")
    if colon and kind.casefold() in list(TargetKind):
        return _target(TargetKind(kind.casefold()), name.removeprefix("@"), org, asker)
    bare = word.removeprefix("@")
    found = (_target(kind, bare, org, asker) for kind in TargetKind)
    return next((target for target in found if target is not None), None)


def targets_called(words: Sequence[str], org: Organisation, asker: Person) -> tuple[tuple[Target, ...], int]:
    """Return whom the first words of a call name, and how many words that took.

    The first may be a bare name; after it only `@name` and `kind:name` count, since the reason begins somewhere. Refuses
    a first word that names nobody, and a later one that looks like a name and isn't.
    """
    targets: list[Target] = []
    for place, word in enumerate(words):
        if place and not _looks_called(word):
            return tuple(targets), place
        for part in word.rstrip(",").split(","):
            target = target_called(part, org, asker)
            if target is None:
                raise Refusal("target.unknown", given=part, like=nearest(part.removeprefix("@"), _callable(org)))
            targets.append(target)
    return tuple(targets), len(words)


def past(text: str, now: datetime, zone: str) -> datetime:
    """Return the time that has passed which a text says: `14:05`, `yesterday 23:10`, `20m ago`, `2026-01-05 14:05`.

    A time without a day is the latest such time. Raises `Misread` for anything else.
    """
    tidy = " ".join(text.casefold().split()).removeprefix("at ")
    if found := _CLOCK.fullmatch(tidy):
        return parse_when(found[2], _before(found[1], now, zone), zone)
    if _DATED.fullmatch(tidy):
        return parse_when(tidy, now - _MEMORY, zone)
    if tidy.startswith(("in ", "tomorrow")):
        raise Refusal("note.future")
    try:
        return now - parse_duration(tidy.removesuffix("ago"))
    except Misread:
        raise Misread("phrase.when", text) from None


def zone_of(person: Person, org: Organisation) -> str:
    """Return the zone in which a person's times are meant."""
    return person.timezone or org.timezone


def _before(day: str | None, now: datetime, zone: str) -> datetime:
    """Return the instant after which a time of day is looked for."""
    if day is None:
        return now - timedelta(days=1)
    local = now.astimezone(ZoneInfo(zone))
    date = local.date() if day == "today" else local.date() - timedelta(days=1)
    return datetime.combine(date, time(), local.tzinfo) - timedelta(microseconds=1)


def _target(kind: TargetKind, name: str, org: Organisation, asker: Person) -> Target | None:
    match kind:
        case TargetKind.PERSON:
            try:
                return Target(kind, person_called(name, org, asker).id)
            except Refusal:
                return None
        case TargetKind.SCHEDULE:
            schedule = _by_folded(name, {schedule.name: schedule for schedule in org.schedules})
            return Target(kind, schedule.name) if schedule else None
        case TargetKind.TEAM:
            team = _by_folded(name, {team.name: team for team in org.teams})
            return Target(kind, team.name) if team else None


def _looks_called(word: str) -> bool:
    return word.startswith("@") or word.partition(":")[0].casefold() in list(TargetKind)


def _callable(org: Organisation) -> Iterable[str]:
    yield from (person.name for person in org.people)
    yield from (schedule.name for schedule in org.schedules)
    yield from (team.name for team in org.teams)


def _by_folded(name: str, named: dict[str, T]) -> T | None:
    return named.get(name) or {key.casefold(): value for key, value in named.items()}.get(name.casefold())
