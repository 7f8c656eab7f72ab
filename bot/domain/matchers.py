"""Tell whether an alert's labels satisfy matchers written in Alertmanager's syntax."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, assert_never, cast

from bot.domain.patterns import LONGEST_VALUE, UnsafePattern, compile_pattern

Op = Literal["=", "!=", "=~", "!~"]

# Wider than Prometheus's own names: other sources have labels such as `kubernetes.io/name`.
_NAME: Final = re.compile(r"[A-Za-z_:][A-Za-z0-9_:./-]*")
_OP: Final = re.compile(r"=~|!~|!=|=")
_SPACE: Final = re.compile(r"\s*")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE: Final = re.compile(r"(?:[^,\\]|\\.|\\$)*", re.DOTALL)
_ESCAPE: Final = re.compile(r'\\([n"\\])')


class MatcherError(ValueError):
    """A matcher can't be read; `position` counts the characters of the text from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label.

    A pattern (=~, !~) must match the whole value; it is checked here, and a MatcherError says
    why it can't be used. `str` gives the form that `parse_matchers` reads back.
    """

    name: str
    op: Op
    value: str

    def __post_init__(self) -> None:
        if self.op in {"=~", "!~"}:
            try:
                compile_pattern(self.value)
            except UnsafePattern as error:
                raise MatcherError(error.message, error.position) from error

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the label satisfies the condition; a missing label counts as empty.

        Patterns look at the first 1,000 characters of a value.
        """
        value = labels.get(self.name, "")
        match self.op:
            case "=":
                return value == self.value
            case "!=":
                return value != self.value
            case "=~":
                return compile_pattern(self.value).fullmatch(value[:LONGEST_VALUE]) is not None
            case "!~":
                return compile_pattern(self.value).fullmatch(value[:LONGEST_VALUE]) is None
            case _ as never:  # pragma: no cover
                assert_never(never)

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{value}"'


def matches_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether the labels satisfy every matcher; no matchers are satisfied by all labels."""
    return all(matcher.matches(labels) for matcher in matchers)


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    r"""Read `team="ml", severity=~"critical|error"`, with or without braces around it.

    A value in quotes may hold \", \n and \\; a backslash before anything else stands for
    itself. A value without quotes goes on to the next comma. A trailing comma is allowed. Text
    without matchers gives none of them, which all labels satisfy: refuse that where it would
    be too much. Anything else is a MatcherError that says where.
    """
    at, end = 0, len(text)
    at = _skip(text, at)
    stripped = len(text.rstrip())
    if text.startswith("{", at):
        if not text[at + 1 : stripped].endswith("}"):
            raise MatcherError("the brace is never closed; end the matchers with }", at)
        at, end = at + 1, stripped - 1
    text = text[:end]
    found: list[Matcher] = []
    at = _skip(text, at)
    while at < end:
        matcher, at = _read(text, at)
        found.append(matcher)
        at = _skip(text, at)
        if at < end and text[at] != ",":
            raise MatcherError(f"a comma is missing before {text[at : at + 20]!r}", at)
        at = _skip(text, at + 1)
    return tuple(found)


def _read(text: str, at: int) -> tuple[Matcher, int]:
    """Read one matcher; return it and where it ends."""
    name = _NAME.match(text, at)
    if name is None:
        raise MatcherError(f"a label name was expected at {text[at : at + 20]!r}", at)
    at = _skip(text, name.end())
    op = _OP.match(text, at)
    if op is None:
        raise MatcherError(f"one of =, !=, =~, !~ was expected after {name.group()!r}", at)
    at = start = _skip(text, op.end())
    if text.startswith('"', at):
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            raise MatcherError("the quoted value is never closed; add a quote", at)
        raw, at = quoted.group(1), quoted.end()
    else:
        bare = _BARE.match(text, at)
        assert bare is not None
        raw, at = bare.group().rstrip(), bare.end()
        if raw.startswith(("=", "~")):
            raise MatcherError(f"{op.group() + raw[0]!r} is not an operator; use one of =, !=, =~, !~", op.start())
        if re.search(r'(?<!\\)(?:\\\\)*"', raw):
            raise MatcherError('a value with a quote in it must stand in quotes, with \\" inside', start)
    value = _ESCAPE.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], raw)
    try:
        return Matcher(name.group(), cast(Op, op.group()), value), at
    except MatcherError as error:
        # The pattern's own position is of less use than where the value begins.
        raise MatcherError(f"{name.group()}: {error.message}", start) from error


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    assert space is not None
    return space.end()
