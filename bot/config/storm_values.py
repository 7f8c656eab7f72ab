"""The types of values that say what a storm is."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import PlainValidator

from bot.config.problem import shown
from bot.config.values import Duration, Form, Wrong, between, one_word

_MOST: Final = 10_000


def _groups(given: Any) -> int:
    word = one_word(given, "20")
    if not re.fullmatch(r"[0-9]{1,5}", word) or not 1 <= int(word) <= _MOST:
        raise Wrong(f"{shown(word)} is not a whole number from 1 to {_MOST}", "write for example 20")
    return int(word)


Groups = Annotated[int, PlainValidator(_groups), Form(f"a whole number, 1 to {_MOST}")]
Within = Annotated[
    Duration,
    between(timedelta(seconds=10), timedelta(hours=1), "10s to 1h"),
    Form("a duration from ten seconds to an hour: `60s`, `5m`"),
]
