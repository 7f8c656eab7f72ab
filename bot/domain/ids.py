"""Make opaque identifiers that sort by the time they were made."""

from datetime import UTC, datetime, timedelta
from typing import Final

RANDOM_BITS: Final = 74
"""How many random bits a caller supplies: `secrets.randbits(RANDOM_BITS)`."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def uuid7(at: datetime, random_bits: int) -> str:
    """Return a UUID of version 7 (RFC 9562, section 5.7) as 32 lowercase hex digits.

    Identifiers made in different milliseconds sort, as text, in the order of `at`;
    within one millisecond the order is that of `random_bits`, which is to say none.
    The same arguments give the same identifier: uniqueness is the caller's randomness.

    `at` is aware and not before 1970; `random_bits` is at least 0 and below
    2 ** RANDOM_BITS. Anything else is a ValueError.
    """
    if at.tzinfo is None:
        raise ValueError("an identifier needs an aware time; this one has no time zone")
    if at < _EPOCH:
        raise ValueError(f"an identifier can't carry a time before 1970: {at.isoformat()}")
    if not 0 <= random_bits < 1 << RANDOM_BITS:
        raise ValueError(f"random_bits takes {RANDOM_BITS} bits; use secrets.randbits({RANDOM_BITS})")
    milliseconds = (at - _EPOCH) // _MILLISECOND
    head, tail = random_bits >> 62, random_bits & ((1 << 62) - 1)
    # 48 bits of time, the version (7), 12 random bits, the variant (binary 10), 62 random bits.
    return f"{milliseconds << 80 | 7 << 76 | head << 64 | 2 << 62 | tail:032x}"
