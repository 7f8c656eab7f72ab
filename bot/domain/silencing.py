"""The rules by which a person may silence alerts: about something, for a reason, and never for ever."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.domain.hush import Silence
from bot.domain.matchers import Matcher
from bot.domain.refusal import Refusal
from bot.domain.severity import CRITICAL, Severity

LONGEST: Final = timedelta(days=30)
LONGEST_REASON: Final = 500
FARTHEST: Final = timedelta(days=365)
"""How far ahead a silence may begin."""

WARNED: Final = timedelta(minutes=15)
"""How long before its end its author hears of it, if it hides something then."""

LOOKED_BACK: Final = timedelta(days=7)
TITLES: Final = 5
_ANYTHING: Final = "\u00a7 anything \u00a7"


@dataclass(frozen=True, slots=True)
class Wish:
    """A silence that somebody asks for; see `Silence`."""

    matchers: tuple[Matcher, ...]
    service: str | None
    reason: str
    starts_at: datetime
    ends_at: datetime
    is_maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """An alert as far as a preview looks at it."""

    title: str
    labels: Mapping[str, str]
    service: str | None
    severity: Severity
    is_live: bool


@dataclass(slots=True)
class Preview:
    """What a silence would hide of the alerts of the last days: how many, how many of them fire, how many are critical.

    `is_cut`: there were more alerts than were looked at.
    """

    recent: int = 0
    firing: int = 0
    critical: int = 0
    titles: list[str] = field(default_factory=list)
    is_cut: bool = False


def check(wish: Wish, now: datetime) -> None:
    """Refuse a silence of everything, without a reason, in the past, or for too long."""
    if wish.service is None and not any(_narrows(matcher) for matcher in wish.matchers):
        raise Refusal("silence.everything")
    if not wish.reason:
        raise Refusal("silence.reason")
    if len(wish.reason) > LONGEST_REASON:
        raise Refusal("silence.reason_long", limit=LONGEST_REASON)
    if wish.ends_at <= max(now, wish.starts_at):
        raise Refusal("silence.over")
    if wish.ends_at - wish.starts_at > LONGEST:
        raise Refusal("silence.long", limit=LONGEST.days)
    if wish.starts_at - now > FARTHEST:
        raise Refusal("silence.far", limit=FARTHEST.days)


def preview(wish: Wish, samples: Iterable[Sample]) -> Preview:
    """Return what a silence would hide of these alerts, newest first; titles are told once each."""
    found = Preview()
    asked = Silence(0, wish.matchers, wish.service, "", "", wish.starts_at, wish.starts_at, wish.ends_at)
    for sample in samples:
        if not asked.covers(sample.labels, sample.service):
            continue
        found.recent += 1
        found.firing += sample.is_live
        found.critical += sample.severity.is_at_least(CRITICAL)
        if len(found.titles) < TITLES and sample.title not in found.titles:
            found.titles.append(sample.title)
    return found


def warning_at(silence: Silence) -> datetime | None:
    """Return when to tell that a silence ends soon; None: it is too short for that."""
    at = silence.ends_at - WARNED
    return at if at > silence.starts_at else None


def number_of(ref: str) -> int | None:
    """Return the number that `S-12`, `s12` or `12` names, else None."""
    word = ref.strip().upper().removeprefix("S").removeprefix("-")
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 18 else None


def named(matchers: Sequence[Matcher]) -> str:
    """Return matchers as they are written."""
    return ", ".join(str(matcher) for matcher in matchers)


def _narrows(matcher: Matcher) -> bool:
    """Whether a matcher asks for something: neither no label at all nor just any value will do."""
    return not matcher.matches({}) and not matcher.matches({matcher.name: _ANYTHING})
