"""The types of values that say how long, and how much, is kept."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import PlainValidator

from bot.config.problem import shown
from bot.config.values import Duration, Form, Wrong, between, one_word

_SIZE: Final = re.compile(r"([0-9]{1,6})\s*(MB|GB|TB)", re.IGNORECASE)
_BYTES: Final = {"mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000}
_LEAST_BYTES: Final = 10_000_000


class Bytes(int):
    """A number of bytes that is shown as people write it."""

    def __str__(self) -> str:
        unit = next((unit for unit in ("tb", "gb") if self % _BYTES[unit] == 0), "mb")
        return f"{self // _BYTES[unit]}{unit.upper()}"


def _size(given: Any) -> Bytes:
    word = one_word(given, "5GB")
    found = _SIZE.fullmatch(word)
    if found is None:
        raise Wrong(f"{shown(word)} is not a size", "write for example 500MB or 5GB")
    size = Bytes(int(found[1]) * _BYTES[found[2].lower()])
    if size < _LEAST_BYTES:
        raise Wrong(f"{shown(word)} is too little", "write 10MB or more")
    return size


Size = Annotated[Bytes, PlainValidator(_size), Form("a size from 10 MB: `500MB`, `5GB`")]
Keeping = Annotated[
    Duration, between(timedelta(hours=1), timedelta(days=1826), "1h to 1826d"), Form("a duration from an hour: `30d`")
]
# Chats send again what they have seen no answer to, some for up to 24 hours.
Receipts = Annotated[
    Duration, between(timedelta(days=2), timedelta(days=1826), "2d to 1826d"), Form("a duration from two days: `30d`")
]
