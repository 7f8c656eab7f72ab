"""Whether an alert that fires is held back, and by what: a silence, a maintenance window, or another alert.

Everything here is a pure function of facts that were read together. What is held back has a key, by which it is found
when that ends: `silence:12`, `maintenance:NAME`, `inhibition:RULE:KEY`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from bot.domain.identity import fingerprint
from bot.domain.maintenance import MaintenanceWindow
from bot.domain.matchers import Matcher, matches_all

BY_SILENCE: Final = "silence:"
BY_WINDOW: Final = "maintenance:"
BY_ALERT: Final = "inhibition:"
OUTSIDE: Final = ":outside"
"""The end of a key under which only alerts that are no targets themselves hold something back."""


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
    alert that satisfies both sides is not held back by another such alert, and so never by itself.
    """

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """The rule's identity: another one as soon as what it says is another, whatever its name."""
        return _rule(self.source, self.target, self.equal)

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
class Hush:
    """All that may hold alerts back at one instant. `inhibitors` has a title for each place where an alert does."""

    silences: Sequence[Silence] = ()
    windows: Sequence[MaintenanceWindow] = ()
    rules: Sequence[Inhibition] = ()
    inhibitors: Mapping[Place, str] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        """Whether there is anything that may hold back."""
        return bool(self.silences or self.windows or self.inhibitors)

    def held(self, labels: Mapping[str, str], service: str | None) -> Held | None:
        """Return what holds an alert back; None: nothing does. Of several silences, it is the one that ends last."""
        covering = [silence for silence in self.silences if silence.covers(labels, service)]
        if covering:
            last = max(covering, key=lambda silence: (silence.ends_at, silence.number))
            what = "maintenance" if last.is_maintenance else "silence"
            return Held(last.key, f"{what} {last.ref}: {last.reason}")
        for window in self.windows:
            if window.covers(labels, service):
                return Held(BY_WINDOW + window.name, f"maintenance window {window.name}")
        for rule in self.rules:
            if (found := self._inhibited(rule, labels)) is not None:
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
        return place in self.inhibitors or (not key.endswith(OUTSIDE) and (*place[:2], True) in self.inhibitors)

    def _inhibited(self, rule: Inhibition, labels: Mapping[str, str]) -> Held | None:
        if not self.inhibitors or not matches_all(rule.target, labels):
            return None
        is_source = matches_all(rule.source, labels)
        name, key = rule.rule, rule.key_of(labels)
        title = self.inhibitors.get((name, key, False))
        if title is None and not is_source:
            title = self.inhibitors.get((name, key, True))
        if title is None:
            return None
        return Held(f"{BY_ALERT}{name}:{key}{OUTSIDE if is_source else ''}", f"inhibited ({rule.name}) by {title}")


def place_of(key: str) -> Place | None:
    """Return where alerts hold back what has this key; None for a key of another kind."""
    if not key.startswith(BY_ALERT):
        return None
    rule, _, rest = key.removeprefix(BY_ALERT).partition(":")
    return rule, rest.removesuffix(OUTSIDE), False


def inhibitors_of(rules: Sequence[Inhibition], alert: str, labels: Mapping[str, str]) -> list[Inhibitor]:
    """Return where an alert with these labels holds others back while it fires."""
    return [
        Inhibitor(rule.rule, rule.key_of(labels), alert, matches_all(rule.target, labels))
        for rule in rules
        if matches_all(rule.source, labels)
    ]


def places_for(rules: Sequence[Inhibition], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the rules and keys by which an alert with these labels may be held back."""
    return [(rule.rule, rule.key_of(labels)) for rule in rules if matches_all(rule.target, labels)]


@lru_cache(maxsize=1024)
def _rule(source: tuple[Matcher, ...], target: tuple[Matcher, ...], equal: tuple[str, ...]) -> str:
    parts = (", ".join(map(str, source)), ", ".join(map(str, target)), ",".join(sorted(equal)))
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
