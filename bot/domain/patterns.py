"""Compile a regular expression from outside only if no value can make it slow.

Python's engine backtracks, so a careless pattern can hold the event loop for hours. What is
refused: repeating something that can end in more than one place, such as (a+)+ or (a|b)*; more
than two open repeats that could share the same characters; and what RE2, on which Alertmanager's
matchers run, lacks too (look-around, back-references, possessive repeats).
"""

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from typing import Final

LONGEST_PATTERN: Final = 500
LONGEST_VALUE: Final = 1000

# Costs are binary logarithms of the number of ways the engine may have to try.
_OPEN: Final = log2(LONGEST_VALUE)
_BUDGET: Final = 2 * _OPEN + 3
_DEEPEST: Final = 20

_GROUP: Final = re.compile(r"\((?:\?(?::|P<\w+>|[ims]+:))?")
_UNKNOWN_GROUP: Final = re.compile(r"\(\?")
_REPEAT: Final = re.compile(r"[*+?]|\{(?P<low>\d*)(?P<comma>,?)(?P<high>\d*)\}")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE: Final = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|0[0-7]{0,2}|.)", re.DOTALL
)
_BACK_REFERENCES: Final = frozenset("123456789")
_FLAGS: Final = re.compile(r"\(\?[ims]+\)")


_NESTED: Final = (
    "the pattern repeats something that itself varies, as (a+)+ does, which can be slow; "
    "take away one of the repeats, or write a class such as [ab]+ for (a|b)+"
)


class UnsafePattern(ValueError):
    """The pattern can't be used; `position` counts its characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern, for `fullmatch` on at most LONGEST_VALUE characters.

    A dot matches a newline too. A pattern that is longer than LONGEST_PATTERN, isn't valid or
    could be slow is an UnsafePattern that says what to write in its place.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise UnsafePattern(f"the pattern is longer than {LONGEST_PATTERN} characters; shorten it", LONGEST_PATTERN)
    try:
        with warnings.catch_warnings():
            # Python warns of what RE2 reads otherwise, such as [[:alpha:]].
            warnings.simplefilter("error", FutureWarning)
            _Reader(pattern).check()
            return re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise UnsafePattern(f"the pattern isn't a regular expression: {error.msg}", error.pos or 0) from error
    except (FutureWarning, OverflowError) as error:
        raise UnsafePattern(f"the pattern isn't supported: {error}", 0) from error


@dataclass(frozen=True, slots=True)
class _Part:
    """One item of a pattern: what it costs, and its source where it is a single character."""

    cost: float
    single: str | None = None
    optional: bool = False
    endless: bool = False
    literal: str | None = None  # The one character it stands for, if it is as plain as that.


class _Reader:
    """Walks a pattern once, adding up what it may cost; leaves bad syntax to `re`."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._depth = 0
        self._scans = False

    def check(self) -> None:
        if flags := _FLAGS.match(self._pattern):
            self._at = flags.end()
        while self._at < len(self._pattern):
            cost = self._alternatives(last=True)
            if cost + (_OPEN if self._scans else 0) > _BUDGET:
                message = "the pattern has too many open repeats, which can be slow; split it into several matchers"
                raise UnsafePattern(message, 0)
            self._at += 1  # A closing bracket that nothing opened; `re` complains about it.

    def _alternatives(self, *, last: bool) -> float:
        costs = [self._sequence(last=last)]
        while self._pattern.startswith("|", self._at):
            self._at += 1
            costs.append(self._sequence(last=last))
        return max(costs) + log2(len(costs))

    def _sequence(self, *, last: bool) -> float:
        parts: list[_Part] = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            parts.append(self._repeated(self._atom()))
        followers = [*parts, None][1:]
        return sum(self._cost(part, follower, last=last) for part, follower in zip(parts, followers, strict=True))

    def _cost(self, part: _Part, follower: _Part | None, *, last: bool) -> float:
        if part.single is None or part.cost == 0:
            return part.cost
        if follower is None:
            # What takes anything up to the end never has to give any of it back.
            return 0 if last and part.endless and part.single == "." else part.cost
        if follower.literal is None or follower.optional:
            return part.cost
        if _can_match(part.single, follower.literal):
            return part.cost
        # [a-z]+- can end in one place only, since a hyphen isn't in the class. All such repeats
        # together walk the value once for each way that the others can go.
        self._scans = self._scans or part.endless
        return 0

    def _atom(self) -> _Part:
        start, text = self._at, self._pattern
        if text[start] == "(":
            return self._group()
        if text[start] == "\\":
            found = _ESCAPE.match(text, start)
            escape = found.group() if found else "\\"
            self._at += len(escape)
            if escape[1:2] in _BACK_REFERENCES:
                raise UnsafePattern(f"the pattern refers back with {escape}; spell the text out", start)
            return _Part(0, escape, literal=escape[1] if len(escape) == 2 and not escape[1].isalnum() else None)
        if found := _CLASS.match(text, start):
            self._at = found.end()
            return _Part(0, found.group())
        self._at += 1
        return _Part(0, text[start], literal=None if text[start] in ".^$[" else text[start])

    def _group(self) -> _Part:
        start = self._at
        opening = _GROUP.match(self._pattern, start)
        assert opening is not None
        if opening.group() == "(" and _UNKNOWN_GROUP.match(self._pattern, start):
            raise UnsafePattern("the pattern has a kind of group that is not supported; use (...) or (?:...)", start)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnsafePattern(f"the pattern has groups more than {_DEEPEST} deep; write it flatter", start)
        self._at = opening.end()
        cost = self._alternatives(last=False)
        self._depth -= 1
        self._at += 1
        return _Part(cost)

    def _repeated(self, part: _Part) -> _Part:
        start = self._at
        repeat = self._repeat()
        if repeat is None:
            return part
        low, high = repeat
        if part.cost > 0 and high > 1:
            raise UnsafePattern(_NESTED, start)
        if self._pattern.startswith("?", self._at):
            self._at += 1
        if self._repeat() is not None:
            raise UnsafePattern("the pattern repeats a repeat; take one of the two away", start)
        choices = max(high - low, 0) + 1
        if part.single is None:
            # Counting a group's rounds is work too, even where there is nothing to choose.
            choices = max(choices, high)
        return _Part(part.cost + log2(max(choices, 1)), part.single, low == 0, high >= LONGEST_VALUE)

    def _repeat(self) -> tuple[int, int] | None:
        """Read the least and greatest count of a repeat, if one stands here."""
        found = _REPEAT.match(self._pattern, self._at)
        if found is None or found.group() == "{}":
            return None
        self._at = found.end()
        match found.group():
            case "*":
                return 0, LONGEST_VALUE
            case "+":
                return 1, LONGEST_VALUE
            case "?":
                return 0, 1
            case _:
                low = min(int(found["low"] or 0), LONGEST_VALUE)
                if not found["comma"]:
                    return low, low
                return low, min(int(found["high"] or LONGEST_VALUE), LONGEST_VALUE)


def _can_match(single: str, literal: str) -> bool:
    try:
        return re.fullmatch(single, literal, re.DOTALL | re.IGNORECASE) is not None
    except re.error:
        return True
