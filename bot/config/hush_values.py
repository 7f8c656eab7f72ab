"""The types of values that only what holds alerts back has: days of the week, times of day, spans of time."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final

from pydantic import PlainValidator

from bot.config.problem import shown
from bot.config.values import Duration, Form, Wrong, between, one_word, wall_clock

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def _day(given: Any) -> int:
    word = one_word(given, "sat").casefold()
    if word[:3] not in DAYS or not _NAMES[DAYS.index(word[:3])].startswith(word):
        raise Wrong(f"{shown(word)} is no day of the week", f"write one of {', '.join(DAYS)}")
    return DAYS.index(word[:3])


def _clock(given: Any) -> time:
    word = one_word(given, "02:00")
    found = _CLOCK.fullmatch(word)
    if found is None:
        raise Wrong(f"{shown(word)} is no time of day", "write for example 02:00")
    return time(int(found[1]), int(found[2]))


def _wall(given: Any) -> datetime:
    remedy = "leave it out, and name the zone with 'timezone'"
    return wall_clock(given, "2026-12-01T22:00", ("this time has an offset", remedy))


_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Day = Annotated[int, PlainValidator(_day), Form("`mon` to `sun`")]
Clock = Annotated[time, PlainValidator(_clock), Form("a time of day: `02:00`")]
Wall = Annotated[datetime, PlainValidator(_wall), Form("a time on the wall clock: `2026-12-01T22:00`")]
Span = Annotated[
    Duration,
    between(timedelta(minutes=1), timedelta(days=7), "1m to 7d"),
    Form("a duration from a minute to 7 days: `2h`"),
]
