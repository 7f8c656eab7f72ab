"""What careless and hostile senders make of a body: values that nobody expects, at any place."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)

MOMENTS: Final = (
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1582-10-14T00:00:00Z", "1969-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "+275760-09-13T00:00:00Z", "2026-13-45T99:99:99Z"),
    *("2026-11-22T22:00:00.123456789012Z", "2026-11-22", "yesterday", "٢٠٢٦-١١-٢٢T٢٢:٠٠:٠٠Z"),
    *(
        0,
        -1,
        -62_135_596_800,
        253_402_300_799,
        253_402_300_800,
        2**63,
        -(2**63),
        10**30,
        -(10**400),
        1e18,
        -1e308,
        True,
    ),
)
"""Times at the ends of what can be told, beyond them, and none at all."""

WORDS: Final = (
    *("firing", "resolved", "", "\x00", "\ud800", "a\x7fb", "\u202elive", "javascript:alert(1)", "٣", 1e308),
    *("x" * 5_000, "x" * 300_000, "\u202e" * 300_000, "\ud800" * 100_000, "\x00" * 100_000),
)
"""Values that stand where a sender means something: statuses, surrogates, control characters, markup, great length."""

odd_values = json_values | st.sampled_from([*WORDS, *MOMENTS])

_HERE: Final = "put it here, and nowhere else"


class Twice(dict[str, Any]):
    """An object in which names may stand more than once, in this order."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        """Return every pair."""
        return self._pairs


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a JSON document, the document itself included."""
    found = [path]
    if isinstance(value, dict):
        for name, inner in value.items():
            found += places(inner, (*path, name))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return the value at a path."""
    for step in path:
        value = value[step]
    return value


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """Return the document with the value at a path replaced."""
    if not path:
        return by
    copy = dict(value) if isinstance(value, Mapping) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], by)
    return copy


def written(value: Any) -> bytes:
    """Write JSON as a careless sender would: half surrogate pairs and infinities included."""
    return json.dumps(value).encode()


def nested(value: Any, path: tuple[Any, ...], depth: int, opening: str, closing: str) -> bytes:
    """Write a document with something nested so deep at a path, which no writer of JSON would write."""
    text = json.dumps(replaced(value, path, _HERE))
    return text.replace(json.dumps(_HERE), f"{opening * depth}0{closing * depth}", 1).encode()
