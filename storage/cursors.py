"""Cursors: where a list goes on, in a form that nobody is tempted to make themselves."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import orjson
from sqlalchemy import RowMapping

from bot.ports.records import Window
from bot.ports.store import BadCursor

T = TypeVar("T")
K = TypeVar("K", int, str)

MOST: Final = 500
"""How many items a list gives at once, at most."""


def write_cursor(key: int | str) -> str:
    """Return the cursor that stands behind the item with this sort key."""
    return urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def read_cursor(cursor: str | None, kind: type[K]) -> K | None:
    """Return the sort key that the cursor stands behind, None for none; `BadCursor` when it is not one of ours."""
    if cursor is None:
        return None
    try:
        key: Any = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadCursor(cursor) from error
    # A number beyond 64 bits is one that neither database could compare.
    is_too_far = isinstance(key, int) and abs(key) >= 1 << 63
    if type(key) is not kind or is_too_far:
        raise BadCursor(cursor)
    return key


def bounded(limit: int) -> int:
    """Return the limit, at least 1 and at most `MOST`."""
    return max(1, min(limit, MOST))


def window(rows: Sequence[RowMapping], limit: int, make: Callable[[Any], T], key: str) -> Window[T]:
    """Return the first `limit` of rows that were asked for with one more than that, which tells whether there is more."""
    limit = bounded(limit)
    items = [make(row) for row in rows[:limit]]
    return Window(items, write_cursor(rows[limit - 1][key]) if len(rows) > limit else None)
