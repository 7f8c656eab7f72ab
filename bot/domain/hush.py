"""Whether an alert that fires is held back, and by what: a silence, a maintenance window, or another alert.

Everything here is a pure function of facts that were read together. What is held back has a key, by which it is found
when that ends: `silence:12`, `maintenance:NAME`, `inhibition:RULE:KEY`, and `inhibition-ended:RULE:KEY` for what
waits a while, once the alert that held it back is over, whether it ends as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from bot.domain.identity import fingerprint
from bot.domain.maintenance import MaintenanceWindow
from bot.domain.matchers import Matcher, matches_all
from bot.domain.severity import CRITICAL, Severity

BY_SILENCE: Final = "silence:"
BY_WINDOW: Final = "maintenance:"
BY_ALERT: Final = "inhibition:"
BY_ENDED: Final = "inhibition-ended:"
OUTSIDE: Final = ":outside"
"""The end of a key under which only alerts that are no targets themselves hold something back."""

USUAL_GRACE: Final = timedelta(minutes=2)
"""Prometheus asks its targets every minute, and evaluates its rules every minute, unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A person's word that some alerts call nobody from one instant until just before another.

    What it holds back satisfies all matchers, and is of the service where one is named. `author` is a person (id),
    `hidden` counts the alerts that it has held back. `is_maintenance`: it was asked for as planned work.
    """

    number: int
    matchers: tuple[Matcher, ...]
    service: str | None
    author: str
    reason: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    is_maintenance: bool = False
    hidden: int = 0

    @property
    def ref(self) -> str:
        """The name by which people call it."""
        return f"S-{self.number}"

    @property
    def key(self) -> str:
        """The key of what it holds back."""
        return f"{BY_SILENCE}{self.number}"

    def is_in_force(self, at: datetime) -> bool:
        """Whether it holds alerts back at an instant."""
        return self.starts_at <= at < self.ends_at

    def covers(self, labels: Mapping[str, str], service: str | None) -> bool:
        """Whether it is about an alert with these labels, of this service."""
        if self.service is not None and self.service != service:
            return False
        return matches_all(self.matchers, labels)


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert fires that satisfies `source`, those that satisfy `target` are held back.

    Both must have the same values of the labels in `equal`; a missing label counts as empty. As in Alertmanager, an
    alert that satisfies both sides is not held back by another such alert, and so never by itself. When the last
    source is over, its targets wait for `grace`: they mostly end by themselves then, a little later.
    """

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()
    grace: timedelta = USUAL_GRACE

    @property
    def rule(self) -> str:
        """The rule's identity: another one as soon as what it says is another, whatever its name."""
        return _rule(self.source, self.target, self.equal, self.grace)

    def key_of(self, labels: Mapping[str, str]) -> str:
        """Return what two alerts with the same values of the labels in `equal` have in common."""
        return fingerprint({name: labels.get(name, "") for name in self.equal})


@dataclass(frozen=True, slots=True)
class Inhibitor:
    """An alert (id) that fires and holds others back. `is_target`: it satisfies the other side of the rule, too."""

    rule: str
    key: str
    alert: str
    is_target: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What holds an alert back: its key, and why in a few words."""

    by: str
    reason: str


Place = tuple[str, str, bool]
"""A rule, a key, and whether the alert that holds back there is a target, too."""


@dataclass(frozen=True, slots=True)
class Standing:
    """That alerts hold back at a place, one of them of this title; `ended_at`: that the last of them did, until then."""

    place: Place
    title: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hush:
    """All that may hold alerts back at one instant.

    `inhibitors` has a title for each place where an alert does, `ended` for each where one did until just now.
    """

    silences: Sequence[Silence] = ()
    windows: Sequence[MaintenanceWindow] = ()
    rules: Sequence[Inhibition] = ()
    inhibitors: Mapping[Place, str] = field(default_factory=dict)
    ended: Mapping[Place, str] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        """Whether there is anything that may hold back."""
        return bool(self.silences or self.windows or self.inhibitors or self.ended)

    def held(self, labels: Mapping[str, str], service: str | None, severity: Severity | None = None) -> Held | None:
        """Return what holds an alert back; None: nothing does. Of several silences, it is the one that ends last.

        An alert that is critical waits for nothing that has ended.
        """
        covering = [silence for silence in self.silences if silence.covers(labels, service)]
        if covering:
            last = max(covering, key=lambda silence: (silence.ends_at, silence.number))
            what = "maintenance" if last.is_maintenance else "silence"
            return Held(last.key, f"{what} {last.ref}: {last.reason}")
        for window in self.windows:
            if window.covers(labels, service):
                return Held(BY_WINDOW + window.name, f"maintenance window {window.name}")
        for rule in self.rules:
            if (found := self._inhibited(rule, labels, severity)) is not None:
                return found
        return None

    def holds(self, key: str) -> bool:
        """Whether what held something back under a key still does. Whom it covers is not asked anew."""
        if key.startswith(BY_SILENCE):
            return any(silence.key == key for silence in self.silences)
        if key.startswith(BY_WINDOW):
            return any(BY_WINDOW + window.name == key for window in self.windows)
        place = place_of(key)
        if place is None or place[0] not in {rule.rule for rule in self.rules}:
            return False
        places = {place} if key.endswith(OUTSIDE) else {place, (*place[:2], True)}
        return any(one in self.inhibitors or (key.startswith(BY_ENDED) and one in self.ended) for one in places)

    def _inhibited(self, rule: Inhibition, labels: Mapping[str, str], severity: Severity | None) -> Held | None:
        if not (self.inhibitors or self.ended) or not matches_all(rule.target, labels):
            return None
        is_source = matches_all(rule.source, labels)
        name, key = rule.rule, rule.key_of(labels)
        end = OUTSIDE if is_source else ""

        def title(among: Mapping[Place, str]) -> str | None:
            found = among.get((name, key, False))
            return found if found is not None or is_source else among.get((name, key, True))

        if (firing := title(self.inhibitors)) is not None:
            return Held(f"{BY_ALERT}{name}:{key}{end}", f"inhibited ({rule.name}) by {firing}")
        if (severity is None or not severity.is_at_least(CRITICAL)) and (over := title(self.ended)) is not None:
            return Held(f"{BY_ENDED}{name}:{key}{end}", f"inhibited ({rule.name}) by {over}, which has just ended")
        return None


def place_of(key: str) -> Place | None:
    """Return where alerts hold back what has this key; None for a key of another kind."""
    kind = next((kind for kind in (BY_ALERT, BY_ENDED) if key.startswith(kind)), None)
    if kind is None:
        return None
    rule, _, rest = key.removeprefix(kind).partition(":")
    return rule, rest.removesuffix(OUTSIDE), False


def holder_of(key: str, rules: Sequence[Inhibition]) -> str | None:
    """Return `maintenance:NAME` or `inhibition:NAME`, the window or rule of the file that holds back under a key."""
    place = place_of(key)
    if place is None:
        return key if key.startswith(BY_WINDOW) else None
    return next((BY_ALERT + rule.name for rule in rules if rule.rule == place[0]), None)


def inhibitors_of(rules: Sequence[Inhibition], alert: str, labels: Mapping[str, str]) -> list[Inhibitor]:
    """Return where an alert with these labels holds others back while it fires."""
    return [
        Inhibitor(rule.rule, rule.key_of(labels), alert, matches_all(rule.target, labels))
        for rule in rules
        if matches_all(rule.source, labels)
    ]


def standing(
    rules: Sequence[Inhibition], found: Iterable[Standing], now: datetime
) -> tuple[dict[Place, str], dict[Place, str]]:
    """Return by place the titles of alerts that hold back, and of those that did until a rule's grace ago."""
    graces = {rule.rule: rule.grace for rule in rules}
    firing: dict[Place, str] = {}
    ended: dict[Place, str] = {}
    for one in found:
        if one.ended_at is None:
            firing[one.place] = one.title
        elif one.ended_at + graces.get(one.place[0], timedelta()) > now:
            ended[one.place] = one.title
    return firing, ended


def longest_grace(rules: Sequence[Inhibition]) -> timedelta:
    """Return how long an alert that is over may still matter to what it held back."""
    return max((rule.grace for rule in rules), default=timedelta())


def places_for(rules: Sequence[Inhibition], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the rules and keys by which an alert with these labels may be held back."""
    return [(rule.rule, rule.key_of(labels)) for rule in rules if matches_all(rule.target, labels)]


@lru_cache(maxsize=1024)
def _rule(source: tuple[Matcher, ...], target: tuple[Matcher, ...], equal: tuple[str, ...], grace: timedelta) -> str:
    parts = (", ".join(map(str, source)), ", ".join(map(str, target)), ",".join(sorted(equal)), str(grace))
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
