"""Compare what happened with what would happen: which incidents open, whom they call first, what is only recorded."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.noise import Episode, Rule


@dataclass(frozen=True, slots=True)
class Opened:
    """An incident as far as it is compared. `people` are the names of those who were called at first, sorted."""

    id: str
    ref: str
    title: str
    severity: str
    service: str | None
    policy: str | None
    opened_at: datetime
    people: tuple[str, ...] = ()

    def differs_from(self, other: "Opened") -> tuple[str, ...]:
        """Return the names of what is not the same: severity, service, policy, people."""
        names = ("severity", "service", "policy", "people")
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Incidents that would open beside those that did, as far as they share alerts: where one would be several, it stands
    beside all of them. Either side may have none, never both.
    """

    now: tuple[Opened, ...]
    then: tuple[Opened, ...]

    @property
    def differs(self) -> tuple[str, ...]:
        """What is not the same; `incidents` when it is not one beside one."""
        if len(self.now) != 1 or len(self.then) != 1:
            return ("incidents",)
        return self.now[0].differs_from(self.then[0])


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many alerts of a rule would be recorded only, and how many of them were."""

    rule: Rule
    now: int
    then: int


def compared(
    now: Sequence[Episode],
    would_open: Mapping[str, Opened],
    then: Sequence[Episode],
    did_open: Mapping[str, Opened],
    since: datetime,
) -> list[Comparison]:
    """Return every incident that would open, and every one that opened from `since` on and would not, by time.

    Two incidents belong together when they share an alert, or both belong to a third. An alert is shared when it has the same fingerprint, and began now while it fired
    then. An alert that fired already at `since` is new to whoever begins to listen there, so it is looked up as well.
    """
    known: dict[tuple[str, str], list[Episode]] = {}
    for episode in then:
        known.setdefault(_alert(episode), []).append(episode)
    belongs: dict[str, set[str]] = {incident: set() for incident in would_open}
    for episode in now:
        if episode.incident in belongs:
            shared = (
                other.incident for other in known.get(_alert(episode), ()) if _fired_during(other, episode.began_at)
            )
            belongs[episode.incident].update({other for other in shared if other is not None and other in did_open})
    found = [
        Comparison(_in_order(would_open, group), _in_order(did_open, others)) for group, others in _together(belongs)
    ]
    seen = {other for others in belongs.values() for other in others}
    found += [
        Comparison((), (opened,))
        for incident, opened in did_open.items()
        if incident not in seen and opened.opened_at >= since
    ]
    return sorted(found, key=lambda one: _when((one.now or one.then)[0]))


def recorded_only(now: Iterable[Episode], then: Iterable[Episode], since: datetime) -> list[Recorded]:
    """Return the rules of alerts that would open nothing, or opened nothing from `since` on, by name."""
    counted_now = Counter(episode.rule for episode in now if episode.incident is None)
    counted_then = Counter(episode.rule for episode in then if episode.incident is None and episode.began_at >= since)
    rules = sorted({*counted_now, *counted_then})
    return [Recorded(rule, counted_now[rule], counted_then[rule]) for rule in rules]


def _together(belongs: Mapping[str, set[str]]) -> list[tuple[set[str], set[str]]]:
    """Return the incidents of both sides in groups, so that what belongs together is in one."""
    groups: list[tuple[set[str], set[str]]] = []
    for incident, others in belongs.items():
        now, then, apart = {incident}, set(others), []
        for group in groups:
            if then.isdisjoint(group[1]):
                apart.append(group)
            else:
                now |= group[0]
                then |= group[1]
        groups = [*apart, (now, then)]
    return groups


def _in_order(opened: Mapping[str, Opened], ids: Iterable[str]) -> tuple[Opened, ...]:
    return tuple(sorted((opened[one] for one in ids), key=_when))


def _when(opened: Opened) -> tuple[datetime, str]:
    return opened.opened_at, opened.ref


def _alert(episode: Episode) -> tuple[str, str]:
    return episode.rule.source, episode.fingerprint


def _fired_during(episode: Episode, at: datetime) -> bool:
    return episode.began_at <= at and (episode.ended_at is None or at < episode.ended_at)
