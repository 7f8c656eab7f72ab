"""New opaque ids: time-ordered UUIDs (version 7), as 32 hexadecimal digits."""

import secrets
from datetime import datetime

from bot.domain.ids import uuid7


def new_id(at: datetime) -> str:
    """Return an id that nobody else has; ids made later sort later, to the millisecond."""
    return uuid7(at, secrets.randbits(74))
