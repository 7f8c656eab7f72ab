"""The types of values in rules for alerts."""

import re
from typing import Annotated, Any

from pydantic import PlainValidator

from bot.config.problem import shown
from bot.config.values import Form, Wrong, one_word


def _times(given: Any) -> int:
    word = one_word(given, "3")
    if not re.fullmatch(r"[0-9]{1,2}", word) or not 1 <= int(word) <= 50:
        raise Wrong(f"{shown(word)} is not a whole number from 1 to 50", "write for example 3")
    return int(word)


def _turns(given: Any) -> int:
    return 0 if isinstance(given, str) and given.strip() == "0" else _times(given)


Times = Annotated[int, PlainValidator(_times), Form("a whole number, 1 to 50")]
TurnsOrNone = Annotated[int, PlainValidator(_turns), Form("a whole number, 0 to 50")]
