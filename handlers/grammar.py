"""The grammar of a line: a verb, the incident's name, words, options; tolerant, since people type it in a hurry.

- In front may stand `/inc`, `inc` or `@tocsin`; the incident's name may stand before the verb or behind it.
- Backticks around the whole line, as commands have them in documents, are no part of it.
- An incident is `INC-42`, `inc42`, `#42`, or a bare number where one is expected.
- Words with spaces stand in quotes: "..." anywhere a word begins, '...' as well, and the typographic ones that phones
  make of them. Inside "..." a backslash stands before a quote or a backslash. A quote that is never closed is dropped.
- Options are `--name value`, `--name=value` and `--flag`; a dash that a phone made of two hyphens will do.

`bot.domain.forms.command_line` writes lines that are read back here. Nothing but `Refusal` is raised.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.domain.refusal import Refusal
from bot.domain.text import nearest

_ADDRESS: Final = re.compile(r"(?:/?(?:inc|incident|tocsin)(?:@\w+)?|@tocsin)[:,]?(?=\s|$)", re.IGNORECASE)
_CODE: Final = re.compile(r"\s*(`{1,3})(?!`)(.+)(?<!`)\1\s*", re.DOTALL)
_REF: Final = re.compile(r"(?:inc[-_]?|#)([0-9]{1,18})[:,.;!?]?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_OPTION: Final = re.compile(r"(--|[\u2014\u2013])([A-Za-z][A-Za-z0-9_-]*)(=|(?=\s|$))")
_BARE: Final = re.compile(r"\S*")
_SPACE: Final = re.compile(r"\s*")
# What opens a quotation, and what may close it. Single ones close only where a word ends: an apostrophe is no quote.
_QUOTES: Final = (
    ('"', '"', re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)),
    ("'", "'", re.compile(r"'([^']+(?:'(?!\s|$)[^']*)*)'(?=\s|$)")),
    ("\u2018", "\u2019", re.compile(r"\u2018([^\u2019]+(?:\u2019(?!\s|$)[^\u2019]*)*)\u2019(?=\s|$)")),
    ("\u201c\u201d\u201e", "\u201c\u201d", re.compile(r"[\u201c\u201d\u201e]([^\u201c\u201d]*)[\u201c\u201d]")),
    ("\u00ab", "\u00bb", re.compile(r"\u00ab([^\u00bb]*)\u00bb")),
)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_BEGUN: Final = 3
"""From so many letters on, an option that is cut short is told from another program's."""
YES: Final = "yes"
"""The value of a flag that was given without one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line's verb in lower case ("" for none), the incident's number if named before it, and all that follows."""

    verb: str
    tail: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Arguments:
    """What follows a verb. `rest` is the words as typed, white space and inner quotes kept."""

    number: int | None
    words: tuple[str, ...]
    rest: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a command's arguments may look like.

    `options` take a value, `flags` none. Behind `prose_after` words begins free text (None: never); there an incident
    that is named stays a word of the sentence, and with `ref_anywhere` it is the one that is meant, if none was before.
    `bare_ref`: a number at the front, or alone where it would be prose, is an incident's. `is_verbatim`: behind the
    options and the one incident that stand at the front, everything is text as it was typed.
    """

    options: Collection[str] = ()
    flags: Collection[str] = ()
    takes_ref: bool = True
    ref_anywhere: bool = True
    bare_ref: bool = True
    prose_after: int | None = None
    is_verbatim: bool = False

    def is_prose(self, words: int) -> bool:
        """Whether what follows so many words is free text."""
        return self.prose_after is not None and words > self.prose_after


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int
    is_quoted: bool = False
    option: str | None = None
    has_value: bool = False
    is_dashed: bool = False
    typed: str = ""

    @property
    def as_word(self) -> str:
        """The token where it is no option: as typed, if it looks like one."""
        return self.text if self.option is None else self.typed


@dataclass(slots=True)
class _Reading:
    """What was made of the tokens so far."""

    kept: list[_Token] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    number: int | None = None


def read_line(text: str) -> Line:
    """Return the verb of a line and what follows; an incident's name alone asks for its status."""
    at = _skip(text, 0)
    while (address := _ADDRESS.match(text, at)) is not None:
        at = _skip(text, address.end())
    if (code := _CODE.fullmatch(text, at)) is not None and code[1] not in code[2]:
        return read_line(code[2])
    first, at = _word(text, at)
    number = number_of(first)
    if number is not None:
        first, at = _word(text, at)
        first = first or "status"
    verb = first.lstrip("/-\u2014\u2013").partition("@")[0].rstrip(":,.;!?").casefold()
    return Line(verb, text[at:].strip(), number)


def number_of(word: str) -> int | None:
    """Return the number that `INC-42`, `inc42` or `#42` names, else None."""
    found = _REF.fullmatch(word)
    return int(found[1]) if found else None


def read_arguments(tail: str, shape: Shape) -> Arguments:
    """Return the incident, words and options behind a verb; refused are an unknown option and one without its value."""
    if shape.is_verbatim:
        return _verbatim(tail, shape)
    tokens, strays = _tokens(tail)
    reading = _Reading()
    # A stray quote goes alone; with anything else that is taken out goes the white space behind it.
    removed = [(stray, stray + 1) for stray in strays]
    queue = list(reversed(tokens))
    while queue:
        token = queue.pop()
        if token.option is not None and (name := _known(token, shape)) is not None:
            value, last = _value(token, name, shape, queue)
            reading.options[name] = value
            removed.append((token.start, _skip(tail, last)))
        elif _takes_ref(token, shape, reading):
            removed.append((token.start, _skip(tail, token.end)))
        else:
            reading.kept.append(token)
    if (bare := _take_number(reading, shape)) is not None:
        removed.append((bare.start, _skip(tail, bare.end)))
    words = tuple(token.as_word for token in reading.kept)
    return Arguments(reading.number, words, _rest(tail, reading.kept, removed), reading.options)


def _verbatim(tail: str, shape: Shape) -> Arguments:
    """Return what stands at the front, and all behind it as it was typed, whatever it looks like."""
    tokens, _ = _tokens(tail)
    reading, at = _Reading(), 0
    queue = list(reversed(tokens))
    while queue:
        token = queue[-1]
        if token.option is not None and token.option.casefold() in (*shape.options, *shape.flags):
            queue.pop()
            name = token.option.casefold()
            reading.options[name], at = _value(token, name, shape, queue)
        elif reading.number is None and _takes_ref(token, shape, reading):
            queue.pop()
            at = token.end
        else:
            break
    is_quotation = len(queue) == 1 and queue[0].is_quoted
    rest = queue[0].text.strip() if is_quotation else tail[at:].strip()
    return Arguments(reading.number, tuple(rest.split()), rest, reading.options)


def _known(token: _Token, shape: Shape) -> str | None:
    """Return the option's name if the command has it; refuse one that looks meant, or where words are no prose."""
    assert token.option is not None
    name = token.option.casefold()
    names = [*shape.options, *shape.flags]
    if name in names:
        return name
    begun = (option for option in names if len(name) >= _BEGUN and option.startswith(name))
    like = next(begun, None) or nearest(name, names)
    # A dash alone is more often a dash than an option.
    if token.is_dashed or (like is None and shape.prose_after is not None):
        return None
    possible = ", ".join(f"--{option}" for option in names)
    raise Refusal("option.unknown", given=f"--{name}", like=f"--{like}" if like else None, possible=possible)


def _value(token: _Token, name: str, shape: Shape, queue: list[_Token]) -> tuple[str, int]:
    """Return an option's value and where it ends, taking the token behind it if the value stands there."""
    if token.has_value:
        return token.text, token.end
    if name in shape.flags:
        return YES, token.end
    names = (*shape.options, *shape.flags)
    behind = queue[-1] if queue else None
    if behind is None or (behind.option is not None and behind.option.casefold() in names):
        raise Refusal("option.value", given=f"--{name}")
    queue.pop()
    return behind.as_word, behind.end


def _takes_ref(token: _Token, shape: Shape, reading: _Reading) -> bool:
    """Take a token as the incident's name, and say whether it was one."""
    number = None if token.is_quoted or not shape.takes_ref else number_of(token.text)
    if number is None:
        return False
    if shape.is_prose(len(reading.kept)):
        if reading.number is None and shape.ref_anywhere:
            reading.number = number
        return False
    if reading.number not in {None, number}:
        raise Refusal("incident.two", first=f"INC-{reading.number}", second=f"INC-{number}")
    reading.number = number
    return True


def _take_number(reading: _Reading, shape: Shape) -> _Token | None:
    """Take a bare number at the front as the incident's, where one is expected; returns what was taken."""
    if reading.number is not None or not reading.kept or not (shape.takes_ref and shape.bare_ref):
        return None
    first = reading.kept[0]
    is_alone = len(reading.kept) == 1
    if first.is_quoted or not _NUMBER.fullmatch(first.text) or (shape.prose_after is not None and not is_alone):
        return None
    reading.number = int(first.text)
    return reading.kept.pop(0)


def _rest(tail: str, kept: Sequence[_Token], removed: Collection[tuple[int, int]]) -> str:
    if len(kept) == 1 and kept[0].is_quoted:
        return kept[0].text.strip()
    pieces: list[str] = []
    at = 0
    for start, end in sorted(removed):
        pieces.append(tail[at:start])
        at = end
    pieces.append(tail[at:])
    return "".join(pieces).strip()


def _tokens(text: str) -> tuple[list[_Token], list[int]]:
    """Return the tokens of a text, and where quotes stand that are never closed."""
    tokens: list[_Token] = []
    strays: list[int] = []
    at = _skip(text, 0)
    while at < len(text):
        token = _option(text, at) or _quotation(text, at)
        if token is None:
            if text[at] in '"\u201c\u201e' and len(text) > at + 1:
                strays.append(at)
                at += 1
                token = _quotation(text, at) if not text[at].isspace() else None
            bare = _BARE.match(text, at)
            assert bare is not None
            if token is None and bare.group():
                token = _Token(bare.group(), at, bare.end())
        if token is not None:
            tokens.append(token)
            at = token.end
        at = _skip(text, at)
    return tokens, strays


def _option(text: str, at: int) -> _Token | None:
    found = _OPTION.match(text, at)
    if found is None:
        return None
    is_dashed = found[1] != "--"
    if not found[3]:
        return _Token("", at, found.end(), option=found[2], is_dashed=is_dashed, typed=found.group())
    value = _quotation(text, found.end())
    if value is None:
        bare = _BARE.match(text, found.end())
        assert bare is not None
        value = _Token(bare.group(), found.end(), bare.end())
    typed = text[at : value.end]
    return _Token(value.text, at, value.end, option=found[2], has_value=True, is_dashed=is_dashed, typed=typed)


def _quotation(text: str, at: int) -> _Token | None:
    for opening, closing, pattern in _QUOTES:
        if text[at : at + 1] and text[at] in opening:
            # Looking for the end first is quick, and spares reading to the end of the line for every lone quote.
            is_closed = any(text.find(mark, at + 1) > 0 for mark in closing)
            found = pattern.match(text, at) if is_closed else None
            if found is None:
                return None
            inside = _ESCAPED.sub(r"\1", found[1]) if opening == '"' else found[1]
            return _Token(inside, at, found.end(), is_quoted=True)
    return None


def _word(text: str, at: int) -> tuple[str, int]:
    found = _BARE.match(text, at)
    assert found is not None
    return found.group(), _skip(text, found.end())


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    assert space is not None
    return space.end()
