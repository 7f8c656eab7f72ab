"""Understand the durations and times that people type, and write durations short.

Times without a date are on the wall clock of the person's zone; where the clock shows a time
twice the first that is still to come is meant, and one it leaves out is moved forward by the gap.
"In 1d" is 24 hours of elapsed time, "tomorrow" a date.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

_SECONDS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 604_800),
}
_SHORT: Final = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        (
            "mon monday",
            "tue tues tuesday",
            "wed wednesday",
            "thu thur thurs thursday",
            "fri friday",
            "sat saturday",
            "sun sunday",
        )
    )
    for name in names.split()
}
_FARTHEST: Final = timedelta(days=1827)  # Five years, two of them leap years.
_MORNING: Final = time(9)
_LONGEST: Final = 100
_MOST_WORDS: Final = 8

_AMOUNT: Final = re.compile(r"([0-9]+)\s*([a-z]+)\s*(?:(?:,\s*|and\s+)(?=[0-9]))?")
_TIME: Final = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?\s*(am|pm)?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:z|[+-][0-9]{2}:[0-9]{2})?")
_DAY: Final = re.compile(r"(next week|[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]+)(?:,? at|,)? ([0-9].*)")
_NEVER_ON: Final = ("today", "tomorrow", "next")
_MARKED: Final = frozenset({"in", "on", "by", "at", "today", "tomorrow"})


class Misread(ValueError):
    """What was typed isn't a duration or a time that can be used.

    `key` names the sentence in the message catalogue: phrase.duration, phrase.when (not
    understood), phrase.past, phrase.far (over five years). `fields` holds `text`, what was typed.
    """

    def __init__(self, key: str, text: str) -> None:
        super().__init__(key)
        self.key = key
        self.fields = {"text": text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"}


def parse_duration(text: str) -> timedelta:
    """Return the duration that `text` says: "90s", "2h30m", "1d", "5 minutes", "1 hour and 5 min".

    Larger units come first and none comes twice. Whole numbers only, more than nothing, at
    most five years; otherwise Misread (phrase.duration or phrase.far).
    """
    seconds = _seconds(_tidy(text))
    if not seconds:
        raise Misread("phrase.duration", text)
    if seconds > _FARTHEST.total_seconds():
        raise Misread("phrase.far", text)
    return timedelta(seconds=seconds)


def parse_when(text: str, now_at: datetime, timezone: str) -> datetime:
    """Return the time that `text` says, aware, in UTC, after `now_at` by at most five years.

    Understood: a duration, with or without "in"; "today", "tomorrow", a weekday (the next
    one), "next week" (its Monday), a date as 2026-12-01, each with a time after it or 09:00;
    a time alone as 17:30 or 5pm (the next one); 2026-12-01T14:00, with an offset or without.
    "On", "by" and "at" may stand before these. Case and spaces make no difference.

    `now_at` is aware; `timezone` is an IANA name (unknown: zoneinfo.ZoneInfoNotFoundError).
    Misread is raised with phrase.when, phrase.past or phrase.far.
    """
    tidy = _tidy(text)
    if not tidy:
        raise Misread("phrase.when", text)
    now_at = now_at.astimezone(UTC)
    seconds = _seconds(tidy.removeprefix("in "))
    if seconds:
        # Compared as a number: a timedelta of so many seconds may not exist.
        if seconds > _FARTHEST.total_seconds():
            raise Misread("phrase.far", text)
        return now_at + timedelta(seconds=seconds)
    moments = _moments(tidy, now_at.astimezone(ZoneInfo(timezone)))
    for moment in moments:
        # Compared by date, since the calendar's last day may have no time in UTC.
        if moment.date() - now_at.date() > _FARTHEST:
            raise Misread("phrase.far", text)
        if (at := _ahead(moment, now_at)) is not None:
            return at
    raise Misread("phrase.past" if moments else "phrase.when", text)


def split_when(words: Sequence[str], now_at: datetime, timezone: str) -> tuple[datetime | None, list[str]]:
    """Return the time that a line of words begins or ends with, and the other words.

    The longest beginning counts, of up to eight words; if there is none, the longest end. An
    end has to start with in, on, by, at, today, tomorrow or a whole date: "upgrade to 5m" has no
    time. A beginning that has passed, or is over five years ahead, is a Misread as in
    `parse_when`; an end like that is left in the sentence, which may well tell of the past.
    """
    longest = min(len(words), _MOST_WORDS)
    for count in range(longest, 0, -1):
        try:
            return parse_when(" ".join(words[:count]), now_at, timezone), list(words[count:])
        except Misread as misread:
            if misread.key != "phrase.when":
                raise
    for count in range(longest, 0, -1):
        first = words[-count].casefold()
        if first in _MARKED or _DATE.match(first):
            try:
                return parse_when(" ".join(words[-count:]), now_at, timezone), list(words[:-count])
            except Misread:
                continue
    return None, list(words)


def describe(delta: timedelta) -> str:
    """Return a duration as its two largest neighbouring units, cut off: "2h 30m", "1d 4h", "45s".

    Days are the largest unit. Less than a second is "0s"; a negative duration has a minus.
    """
    seconds = abs(delta) // timedelta(seconds=1)
    sign = "-" if delta < timedelta() and seconds else ""
    for (size, unit), (smaller, smaller_unit) in pairwise(_SHORT):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{sign}{seconds // size}{unit}" + (f" {rest}{smaller_unit}" if rest else "")
    return f"{sign}{seconds}s"


def _tidy(text: str) -> str:
    """Return the text in lower case with single spaces; nothing if it is too long to be a phrase."""
    return " ".join(text.lower().split()) if len(text) <= _LONGEST else ""


def _seconds(tidy: str) -> int:
    """Return how many seconds a tidy duration says; 0 if it isn't one."""
    total, place, last = 0, 0, None
    while place < len(tidy):
        amount = _AMOUNT.match(tidy, place)
        size = _SECONDS.get(amount[2]) if amount else None
        if amount is None or size is None or (last is not None and size >= last):
            return 0
        total += int(amount[1]) * size
        place, last = amount.end(), size
    return total


def _moments(tidy: str, local: datetime) -> list[datetime]:
    """Return the local times that a tidy phrase may mean, the nearest first; none if it isn't one."""
    marker, _, rest = tidy.partition(" ")
    if marker == "at":
        return _times(rest, local)
    if marker == "on":
        return [] if rest.startswith(_NEVER_ON) else _stamps(rest, local) or _dates(rest, local)
    phrase = rest if marker == "by" else tidy
    return _stamps(phrase, local) or _dates(phrase, local) or _times(phrase, local)


def _stamps(phrase: str, local: datetime) -> list[datetime]:
    if not _STAMP.fullmatch(phrase):
        return []
    try:
        stamp = datetime.fromisoformat(phrase.upper())
    except ValueError:
        return []
    return [stamp if stamp.tzinfo else stamp.replace(tzinfo=local.tzinfo)]


def _dates(phrase: str, local: datetime) -> list[datetime]:
    at: time | None = _MORNING
    if with_time := _DAY.fullmatch(phrase):
        phrase, at = with_time[1], _clock(with_time[2])
    if at is None:
        return []
    return [datetime.combine(day, at, local.tzinfo) for day in _days(phrase, local.date())]


def _times(phrase: str, local: datetime) -> list[datetime]:
    at = _clock(phrase)
    if at is None:
        return []
    return [datetime.combine(local.date() + timedelta(days=days), at, local.tzinfo) for days in (0, 1)]


def _days(phrase: str, today: date) -> list[date]:
    if phrase == "today":
        return [today]
    if phrase == "tomorrow":
        return [today + timedelta(days=1)]
    if phrase == "next week":
        return [today + timedelta(days=7 - today.weekday())]
    if phrase in _WEEKDAYS:
        soonest = today + timedelta(days=(_WEEKDAYS[phrase] - today.weekday()) % 7)
        return [soonest, soonest + timedelta(days=7)]
    try:
        return [date.fromisoformat(phrase)] if _DATE.fullmatch(phrase) else []
    except ValueError:
        return []


def _clock(phrase: str) -> time | None:
    found = _TIME.fullmatch(phrase)
    # A bare number is more often a count than an hour.
    if found is None or (found[2] is None and found[3] is None):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _ahead(moment: datetime, now_at: datetime) -> datetime | None:
    """Return the first time after `now_at` that a local time means, in UTC, if there is one."""
    if moment.year < now_at.year - 1:
        return None  # The calendar's first day has no time in UTC.
    both = (moment.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return next((at for at in both if at > now_at), None)
