"""Read which alerts somebody wants silenced, for how long and why: `alertname=~"Drift.*" for 2h because load test`.

Behind what it is about stand, in any order, `from` and a time, `for` and a duration or `until` and a time, and last
`because` and the reason. The same can be given as options.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.matchers import Matcher, MatcherError, parse_matchers
from bot.domain.phrases import parse_duration, parse_when
from bot.domain.refusal import Refusal
from bot.domain.silencing import Wish
from handlers.ask import Ask
from handlers.reading import service_called, zone_of

OPTIONS: Final = ("service", "match", "for", "from", "until", "because")
_CLAUSES: Final = frozenset({"for", "from", "until", "because"})
_WORD: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s"]|")+')
_CURLY: Final = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'))
_COMPARES: Final = re.compile(r"[=~]")


@dataclass(frozen=True, slots=True)
class Written:
    """A wish as it was written: what it is about, and its clauses by their words."""

    about: str
    clauses: Mapping[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """Return it as one line again, in an order that can be read back."""
        clauses = (
            f"{word} {self.clauses[word]}" for word in ("from", "for", "until", "because") if self.clauses.get(word)
        )
        return " ".join((self.about, *clauses)).strip()


def read_words(rest: str) -> Written:
    """Take a line apart at the words that begin a clause; those inside quotes don't."""
    text = rest.translate(_CURLY)
    cuts: list[tuple[str, int, int]] = []
    for word in _WORD.finditer(text):
        name = word.group().casefold()
        if name in _CLAUSES:
            cuts.append((name, word.start(), word.end()))
        if name == "because":
            break
    about = text[: cuts[0][1]] if cuts else text
    ends = [*(start for _, start, _ in cuts), len(text)][1:]
    clauses = {name: " ".join(text[at:end].split()) for (name, _, at), end in zip(cuts, ends, strict=False)}
    return Written(about.strip(), clauses)


def wish_of(ask: Ask) -> tuple[Wish, Written]:
    """Return what is asked for. Refused is what can't be read; whether it may be, `bot.domain.silencing` says."""
    written = read_words(ask.rest)
    given = {word: ask.options[word] for word in _CLAUSES if word in ask.options}
    written = replace(written, clauses={**written.clauses, **given})
    named = ask.options.get("service")
    about = ask.options.get("match", "") or written.about
    if about and not _COMPARES.search(about):
        # A name alone is a service's.
        named, about = named or about, ""
    service = service_called(named, ask.org).name if named is not None else None
    matchers = _matchers(about)
    lines = ([f'--service "{service}"'] if service is not None else []) + ([about] if about else [])
    starts_at, ends_at = _times(ask, written.clauses)
    wish = Wish(matchers, service, written.clauses.get("because", ""), starts_at, ends_at)
    return wish, replace(written, about=" ".join(lines))


def extension_of(ask: Ask) -> tuple[str, datetime | timedelta]:
    """Return from `extend S-3 2h` or `extend S-3 until 09:00` which silence is meant, and until when or how much longer."""
    written = read_words(ask.after(1))
    ref, _, span = written.about.partition(" ")
    clauses = {"for": span, **written.clauses, **{word: ask.options[word] for word in _CLAUSES if word in ask.options}}
    if clauses.get("until"):
        return ref, parse_when(clauses["until"], ask.now, zone_of(ask.person, ask.org))
    if clauses["for"]:
        return ref, parse_duration(clauses["for"])
    raise Refusal("silence.expiry")


def _matchers(text: str) -> tuple[Matcher, ...]:
    try:
        return parse_matchers(text)
    except MatcherError as error:
        raise Refusal("silence.matchers", why=str(error)) from error


def _times(ask: Ask, clauses: Mapping[str, str]) -> tuple[datetime, datetime]:
    zone = zone_of(ask.person, ask.org)
    starts_at = ask.now
    if clauses.get("from", "now").casefold() != "now":
        starts_at = parse_when(clauses["from"], ask.now, zone)
    if clauses.get("for"):
        return starts_at, starts_at + parse_duration(clauses["for"])
    if clauses.get("until"):
        return starts_at, parse_when(clauses["until"], starts_at, zone)
    raise Refusal("silence.expiry")
