"""The types of values in rules for alerts."""

import re
from datetime import time
from typing import Annotated, Any, Final

from pydantic import PlainValidator

from bot.config.problem import shown
from bot.config.values import Form, Wrong, one_word, read_severity
from bot.domain.business_hours import NEVER_LOWERED
from bot.domain.severity import Severity

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _times(given: Any) -> int:
    word = one_word(given, "3")
    if not re.fullmatch(r"[0-9]{1,2}", word) or not 1 <= int(word) <= 50:
        raise Wrong(f"{shown(word)} is not a whole number from 1 to 50", "write for example 3")
    return int(word)


def _turns(given: Any) -> int:
    return 0 if isinstance(given, str) and given.strip() == "0" else _times(given)


def _day(given: Any) -> str:
    word = one_word(given, "mon").lower()
    if word not in DAYS:
        raise Wrong(f"{shown(word)} is no day", f"write one of {', '.join(DAYS)}")
    return word


def _time(given: Any) -> time:
    word = one_word(given, "09:00")
    if not re.fullmatch(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]", word):
        raise Wrong(f"{shown(word)} is not a time of day", "write for example 09:00, from 00:00 to 23:59")
    hours, _, minutes = word.partition(":")
    return time(int(hours), int(minutes))


def _lowered(given: Any) -> Severity:
    severity = read_severity(given)
    if severity in NEVER_LOWERED:
        raise Wrong(f"{severity.name} is never lowered", "write SEV3, SEV4 or SEV5 here")
    return severity


def _worth(given: Any) -> Severity | None:
    return None if isinstance(given, str) and given.strip().casefold() == "hold" else read_severity(given)


Times = Annotated[int, PlainValidator(_times), Form("a whole number, 1 to 50")]
TurnsOrNone = Annotated[int, PlainValidator(_turns), Form("a whole number, 0 to 50")]
Day = Annotated[str, PlainValidator(_day), Form("`mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`")]
TimeOfDay = Annotated[time, PlainValidator(_time), Form("a time of day: `09:00`")]
Lowered = Annotated[Severity, PlainValidator(_lowered), Form("`SEV3` to `SEV5`")]
Worth = Annotated[Severity | None, PlainValidator(_worth), Form("a milder one, or `hold`")]
