"""A text that is longer than a field of Slack's: parted over several fields, and put together again as it was."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

LONGEST_PART: Final = 2500
"""A field takes 3,000 characters: the rest is for what a person adds."""

_EARLIEST: Final = LONGEST_PART * 4 // 5
_GAP: Final = re.compile(r"\s{1,20}")


def parted(text: str) -> tuple[list[str], list[str]]:
    """Return a text in parts, and what stood between each two of them.

    It is parted at the end of a line or between words, where that can be: what stood there is kept apart, since blanks
    at the ends of a field may not come back.
    """
    parts: list[str] = []
    gaps: list[str] = []
    while len(text) > LONGEST_PART:
        found = list(_GAP.finditer(text, _EARLIEST, LONGEST_PART))
        if found:
            start, end = max(found, key=lambda gap: ("\n" in gap.group(), gap.start())).span()
        else:
            start = end = LONGEST_PART
        parts.append(text[:start])
        gaps.append(text[start:end])
        text = text[end:]
    return [*parts, text], gaps


def part_name(name: str, number: int) -> str:
    """Return the name of a field that holds this part, counted from 1, of what belongs to a name."""
    return name if number == 1 else f"{name}.{number}"


def joined(fields: Mapping[str, str], gaps: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return fields in which the parts are one again; `gaps` has what stood between them. A part may be empty by now.

    Raises `KeyError` when one of them is missing.
    """
    whole = dict(fields)
    for name, between in gaps.items():
        for number, gap in enumerate(between, 2):
            further = whole.pop(part_name(name, number))
            whole[name] = gap.join(part for part in (whole[name], further) if part)
    return whole
