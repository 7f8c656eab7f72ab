"""The types of single values in tocsin.yaml: how each is written and what is refused, in words."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, PlainValidator

from bot.config.problem import shown
from bot.domain.access import Access
from bot.domain.matchers import Matcher, MatcherError, parse_matchers
from bot.domain.organisation import ResolveMode
from bot.domain.phrases import Misread, parse_duration
from bot.domain.refusal import Refusal
from bot.domain.rotation import Months
from bot.domain.severity import Severity, parse_severity
from bot.domain.text import nearest

REFERENCE: Final = "env:"
_MONTHS: Final = re.compile(r"(\d{1,2})\s*(?:mo|month|months)", re.IGNORECASE)
_ENV_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Wrong(ValueError):
    """A value is refused: `what` is wrong with it, and the `remedy`."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class OutOfBounds(Wrong):
    """A duration is too short or too long for its key, which is named before `what`: many may stand on one line."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a value of this type looks like, for `docs/configuration.md`."""

    text: str


def one_word(given: Any, example: str) -> str:
    """Return the one word that a value is; `Wrong` for a list, a section or nothing."""
    if isinstance(given, list | tuple | dict):
        raise Wrong("a list or a section stands where one value belongs", f"write for example {example}")
    if not isinstance(given, str) or not given.strip():
        raise Wrong("a value is missing here", f"write for example {example}")
    return given.strip()


def _text(given: Any) -> str:
    word = one_word(given, "a few words")
    if len(word) > 200:
        raise Wrong("this is over 200 characters long", "shorten it")
    return word


def _rounds(given: Any) -> int:
    word = one_word(given, "2")
    if not re.fullmatch(r"[0-9]{1,2}", word) or int(word) > 20:
        raise Wrong(f"{shown(word)} is not a whole number from 0 to 20", "write for example 2")
    return int(word)


def _pattern(pattern: str, what: str, example: str) -> PlainValidator:
    compiled = re.compile(pattern)

    def check(given: Any) -> str:
        word = one_word(given, example)
        if not compiled.fullmatch(word):
            raise Wrong(f"{shown(word)} is not {what}", f"write for example {example}")
        return word

    return PlainValidator(check)


def _duration(given: Any) -> timedelta:
    word = one_word(given, "90s, 5m, 2h30m or 7d")
    if word in {"0", "0s", "0m"}:
        return timedelta()
    try:
        return parse_duration(word)
    except Misread as misread:
        far = misread.key == "phrase.far"
        what = f"{shown(word)} is over five years" if far else f"{shown(word)} is not a duration"
        raise Wrong(what, "write for example 90s, 5m, 2h30m or 7d") from None


def _period(given: Any) -> timedelta | Months:
    word = one_word(given, "7d, 12h or 1 month")
    if months := _MONTHS.fullmatch(word):
        try:
            return Months(int(months[1]))
        except ValueError as error:
            raise Wrong(f"a turn of {word!r} is too short or too long", "write 1 to 12 months") from error
    period = _duration(word)
    if not timedelta(minutes=1) <= period <= timedelta(days=366):
        raise Wrong(f"a turn of {word!r} is too short or too long", "write 1 minute to 366 days, or 1 to 12 months")
    return period


def between(least: timedelta, most: timedelta, words: str) -> AfterValidator:
    """Return what refuses durations that are shorter or longer than these; `words` say what to write."""

    def check(given: timedelta) -> timedelta:
        if not least <= given <= most:
            raise OutOfBounds("is too short or too long", f"write {words}")
        return given

    return AfterValidator(check)


def _zone(given: Any) -> str:
    word = one_word(given, "Asia/Dubai")
    try:
        ZoneInfo(word)
    except (ValueError, OSError, LookupError):
        raise Wrong(f"there is no time zone {shown(word)}", _zone_remedy(word)) from None
    return word


def _zone_remedy(word: str) -> str:
    near = nearest(word.replace(" ", "_"), sorted(available_timezones()))
    return f"did you mean {near!r}?" if near else "write an IANA name such as Asia/Dubai or Europe/London"


def wall_clock(given: Any, example: str, offset: tuple[str, str]) -> datetime:
    """Read a time as the clock on a wall shows it; `offset` says what is wrong with one that has an offset, and why."""
    word = one_word(given, example)
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        raise Wrong(f"{shown(word)} is not a date and a time", f"write for example {example}") from None
    if at.tzinfo is not None:
        raise Wrong(*offset)
    if not 1970 <= at.year <= 2200:
        raise Wrong(f"the year {at.year} is out of reach", "write a year from 1970 to 2200")
    return at


def _handoff(given: Any) -> datetime:
    remedy = "write the time that the clock on the schedule's wall shows"
    return wall_clock(given, "2026-01-05T09:00", ("a handoff has no offset", remedy))


def _access(given: Any) -> Access:
    word = one_word(given, "responder").lower()
    names = [level.name.lower() for level in Access]
    if word not in names:
        raise _no_choice(word, names)
    return Access[word.upper()]


def _resolve(given: Any) -> ResolveMode:
    word = one_word(given, "propose").lower()
    names = [mode.value for mode in ResolveMode]
    if word not in names:
        raise _no_choice(word, names)
    return ResolveMode(word)


def read_severity(given: Any) -> Severity:
    """Return the severity that a word of the file is."""
    word = one_word(given, "SEV2")
    try:
        return parse_severity(word)
    except Refusal:
        raise _no_choice(word, [severity.name for severity in Severity]) from None


def _severity_or_none(given: Any) -> Severity | None:
    return None if isinstance(given, str) and given.strip().casefold() == "none" else read_severity(given)


def _no_choice(word: str, names: list[str]) -> Wrong:
    return Wrong(f"{shown(word)} is none of the choices", f"write one of {', '.join(names)}")


def _match(given: Any) -> tuple[Matcher, ...]:
    word = one_word(given, "'team=\"ml\"'")
    remedy = 'matchers are written as in Alertmanager: \'team="ml", severity=~"critical|error"\''
    try:
        matchers = parse_matchers(word)
    except MatcherError as error:
        if ": " in word:
            # Most likely a quote that was closed too late.
            raise Wrong("this can't be read as matchers", remedy) from None
        where = f"at character {error.position + 1}: {error.message}"
        raise Wrong(where, remedy) from None
    if not matchers:
        raise Wrong("this matches every alert", "leave 'match' out of the last route, and only there")
    return matchers


def _url(given: Any) -> str:
    word = one_word(given, "https://runbooks.example/gateway")
    try:
        parts = urlsplit(word)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(letter.isspace() for letter in word):
        raise Wrong("this is not a URL", "write for example https://runbooks.example/gateway")
    if parts.password is not None:
        raise Wrong("this URL holds a password, and everyone can see it", "leave out all that stands before the @")
    return word


def _login(given: Any) -> str:
    word = one_word(given, "env:AMIRA_PASSWORD")
    if not is_reference(word):
        remedy = "put it into an environment variable and write its name here: env:AMIRA_PASSWORD"
        raise Wrong("a password must not stand in this file", remedy)
    return word


def _key(given: Any) -> str:
    word = one_word(given, "env:PROM_KEY")
    if word.startswith(REFERENCE) and not is_reference(word):
        raise Wrong("this names no environment variable", "write for example env:PROM_KEY")
    if not all("!" <= letter <= "~" for letter in word):
        raise Wrong("this key holds a space or a letter that HTTP can't carry", "write for example env:PROM_KEY")
    return word


def is_reference(word: str) -> bool:
    """Say whether a word is `env:NAME`."""
    return word.startswith(REFERENCE) and _ENV_NAME.fullmatch(word.removeprefix(REFERENCE)) is not None


Text = Annotated[str, PlainValidator(_text), Form("a few words")]
Name = Annotated[
    str,
    _pattern(r"\w[\w.+-]{0,79}", "a name of letters, digits, '.', '_', '+' and '-'", "ml-oncall"),
    Form("a name"),
]
UrlName = Annotated[
    str,
    _pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}", "a name that fits into an address of the web", "prom"),
    Form("a name for the web"),
]
LabelName = Annotated[
    str, _pattern(r"[A-Za-z_:][A-Za-z0-9_:./-]*", "the name of a label", "alertname"), Form("a label's name")
]
Email = Annotated[str, _pattern(r"[^@\s]+@[^@\s]+", "an e-mail address", "amira@acme.example"), Form("an address")]
Language = Annotated[
    str, _pattern(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", "a language", "en"), Form("a language tag: `en`")
]
Target = Annotated[
    str,
    _pattern(
        r"(?:person|schedule|team):\w[\w.+-]{0,79}",
        "someone to page",
        "schedule:ml-primary, person:omar or team:ml-platform",
    ),
    Form("`person:NAME`, `schedule:NAME` or `team:NAME`"),
]
Zone = Annotated[str, PlainValidator(_zone), Form("an IANA time zone: `Asia/Dubai`")]
Duration = Annotated[timedelta, PlainValidator(_duration), Form("a duration: `90s`, `5m`, `2h30m`, `7d`")]
Wait = Annotated[
    Duration, between(timedelta(), timedelta(days=1), "0s to 1d"), Form("a duration up to a day: `90s`, `5m`, `2h30m`")
]
Patience = Annotated[
    Duration,
    between(timedelta(minutes=1), timedelta(days=30), "1m to 30d"),
    Form("a duration from a minute to 30 days: `5m`, `2h30m`, `7d`"),
]
Period = Annotated[timedelta | Months, PlainValidator(_period), Form("a duration, or `1 month` to `12 months`")]
Handoff = Annotated[datetime, PlainValidator(_handoff), Form("a time on the wall clock: `2026-01-05T09:00`")]
AccessLevel = Annotated[
    Access, PlainValidator(_access), Form("`viewer`, `responder`, `manager` or `admin`, each able to do more")
]
Resolve = Annotated[ResolveMode, PlainValidator(_resolve), Form("`propose` or `auto`")]
SeverityName = Annotated[Severity, PlainValidator(read_severity), Form("`SEV1` (the worst) to `SEV5`")]
SeverityOrNone = Annotated[Severity | None, PlainValidator(_severity_or_none), Form("`SEV1` to `SEV5`, or `none`")]
Match = Annotated[
    tuple[Matcher, ...],
    PlainValidator(_match),
    Form('matchers as in Alertmanager: `\'team="ml", severity=~"critical|error"\'`'),
]
Url = Annotated[str, PlainValidator(_url), Form("a URL")]
Login = Annotated[str, PlainValidator(_login), Form("`env:NAME`, the variable that holds the password")]
Key = Annotated[str, PlainValidator(_key), Form("`env:NAME`, the variable that holds the key")]
Rounds = Annotated[int, PlainValidator(_rounds), Form("a whole number, 0 to 20")]
