"""New opaque ids: time-ordered UUIDs (version 7), as 32 hexadecimal digits."""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.domain.ids import RANDOM_BITS, uuid7

_BYTES: Final = -(-RANDOM_BITS // 8)
_MASK: Final = (1 << RANDOM_BITS) - 1
_AT_ONCE: Final = 400
"""So many ids' randomness is asked of the system at once: asking takes longer than all the rest of making an id."""


def new_id(at: datetime) -> str:
    """Return an id that nobody else has; ids made later sort later, to the millisecond."""
    return uuid7(at, next(_random))


def _numbers() -> Iterator[int]:
    while True:
        drawn = os.urandom(_AT_ONCE * _BYTES)
        for at in range(0, len(drawn), _BYTES):
            yield int.from_bytes(drawn[at : at + _BYTES], "big") & _MASK


def _begin() -> None:
    global _random  # noqa: PLW0603 - a child process must not go on with its parent's numbers
    _random = _numbers()


_random: Iterator[int] = _numbers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin)
