"""How good alerts are: what each rule fired, whom it called, who answered, and what to do about the noisy ones."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from statistics import median
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

FLAP_WINDOW: Final = timedelta(hours=1)
"""An alert that fires again so soon after its end flaps."""

NIGHT_BEGINS, NIGHT_ENDS = time(22), time(7)

_ENOUGH: Final = 3
_SELDOM: Final = 0.5
_SHORT: Final = timedelta(minutes=5)
_MUCH: Final = 20


class Rule(NamedTuple):
    """What alerts have in common that one line of somebody's configuration makes."""

    source: str
    name: str
    service: str


class Episode(NamedTuple):
    """One alert from its first report to its end. `is_cut`: it ended because nobody reported it any more."""

    id: str
    rule: Rule
    fingerprint: str
    incident: str | None
    began_at: datetime
    ended_at: datetime | None
    is_cut: bool = False
    flaps: int = 0


class Call(NamedTuple):
    """One call of one person for an incident, however many chats it went through.

    `is_heard`: not every one of them failed, and it was made before the incident ended.
    """

    incident: str
    person: str
    at: datetime
    is_answered: bool
    is_heard: bool = True


class Advice(StrEnum):
    """Why a rule should be tuned or deleted; each has the sentence `noise.advice.<value>`."""

    IGNORED = "ignored"
    NIGHTLY = "nightly"
    FLAPPING = "flapping"
    BRIEF = "brief"
    UNUSED = "unused"


@dataclass(slots=True)
class Quality:
    """How one rule did. `paged` and `acknowledged` count its alerts, `calls` and `night_calls` calls of people.

    `median_duration` is how long its alerts last, as a rule; None: none has ended.
    """

    rule: Rule
    fired: int = 0
    paged: int = 0
    acknowledged: int = 0
    calls: int = 0
    night_calls: int = 0
    flaps: int = 0
    median_duration: timedelta | None = None

    @property
    def ignored(self) -> int:
        """For how many of its alerts somebody was called and nobody answered."""
        return self.paged - self.acknowledged

    @property
    def actionable(self) -> float | None:
        """The share of the alerts somebody was called for that somebody took on; None: nobody was called."""
        return self.acknowledged / self.paged if self.paged else None

    @property
    def noise(self) -> int:
        """What one could have done without: calls in vain, alerts that came back, calls at night."""
        return self.ignored + self.flaps + self.night_calls

    @property
    def advice(self) -> Advice | None:
        """The gravest reason to change the rule, if there is one."""
        answered, lasts = self.actionable, self.median_duration
        if answered is not None and self.ignored >= _ENOUGH and answered < _SELDOM:
            return Advice.NIGHTLY if self.night_calls >= _ENOUGH else Advice.IGNORED
        if self.flaps >= _ENOUGH:
            return Advice.FLAPPING
        if lasts is not None and self.fired >= _ENOUGH and lasts < _SHORT:
            return Advice.BRIEF
        if self.fired >= _MUCH and not self.paged:
            return Advice.UNUSED
        return None


def qualities(
    episodes: Sequence[Episode],
    calls: Iterable[Call],
    zone_of: Callable[[str], str],
) -> list[Quality]:
    """Return how every rule did, the noisiest first; `episodes` are in the order in which they began.

    An alert was paged for when somebody was called for its incident while it fired, and acknowledged when one of
    those calls was answered. `zone_of` returns the zone of a person, whose night it was.
    """
    by_incident: dict[str, list[Call]] = {}
    for call in calls:
        if call.is_heard:
            by_incident.setdefault(call.incident, []).append(call)
    found: dict[Rule, Quality] = {}
    ends: dict[tuple[str, str], datetime] = {}
    lasted: dict[Rule, list[float]] = {}
    for episode in episodes:
        quality = found.setdefault(episode.rule, Quality(episode.rule))
        quality.fired += 1
        quality.flaps += episode.flaps
        alert = (episode.rule.source, episode.fingerprint)
        if alert in ends and episode.began_at - ends[alert] <= FLAP_WINDOW:
            quality.flaps += 1
        if episode.ended_at is not None and not episode.is_cut:
            ends[alert] = episode.ended_at
            lasted.setdefault(episode.rule, []).append((episode.ended_at - episode.began_at).total_seconds())
        heard = [call for call in by_incident.get(episode.incident or "", ()) if _fired_at(episode, call.at)]
        _count_calls(quality, heard, zone_of)
    for rule, seconds in lasted.items():
        found[rule].median_duration = timedelta(seconds=median(seconds))
    return sorted(found.values(), key=lambda quality: (-quality.noise, -quality.fired, quality.rule))


def _fired_at(episode: Episode, at: datetime) -> bool:
    return episode.began_at <= at and (episode.ended_at is None or at <= episode.ended_at)


def _count_calls(quality: Quality, heard: Sequence[Call], zone_of: Callable[[str], str]) -> None:
    if not heard:
        return
    quality.paged += 1
    quality.acknowledged += any(call.is_answered for call in heard)
    quality.calls += len(heard)
    quality.night_calls += sum(is_night(call.at, zone_of(call.person)) for call in heard)


def is_night(at: datetime, zone: str) -> bool:
    """Say whether the clock shows from 22:00 up to 07:00 in a zone, an IANA name."""
    local = at.astimezone(_zone(zone)).time()
    return local >= NIGHT_BEGINS or local < NIGHT_ENDS


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
