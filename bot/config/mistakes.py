"""What the YAML parser complains of, in words for someone who edits a file."""

from typing import Final

import yaml

from bot.config.problem import Problem

_QUOTE: Final = "while scanning a quoted scalar"
_KEY: Final = "while scanning a simple key"
_LIST: Final = "while parsing a flow sequence"
_MAP: Final = "while parsing a flow mapping"

# What the parser's own words contain -> what is wrong, and what to do. The first that fits is told.
_SENTENCES: Final = (
    ("character '\\t'", "a tab stands where only spaces may", "indent with spaces"),
    ("mapping values are not allowed", "a colon stands where no key can be", "put the text in quotes, or indent it"),
    ("could not find expected ':'", "a key has no colon after it", "write 'key: value'"),
    ("found ']'", "this ] closes nothing", "take it away, or open it with ["),
    ("found '}'", "this } closes nothing", "take it away, or open it with {"),
    ("but found '<scalar>'", "a text follows where the value has ended", "put all of it into one pair of quotes"),
    ("expected the node content", "a value is missing before this", "write it, or close the bracket"),
    ("expected alphabetic or numeric", "a name belongs after this sign", "put the text in quotes"),
    ("expected chomping or indentation", "nothing may follow this sign", "put the text in quotes"),
    ("expected a comment or a line break", "nothing may follow this sign", "put the text in quotes"),
    ("found unexpected ':'", "a colon stands where no key can be", "put the text in quotes"),
    ("expected '<document start>'", "the document has ended above this", "take the line '...' or '---' away"),
    ("expected <block end>", "this line is indented unlike those above it", "line it up with its neighbours"),
    ("but found another document", "a second document begins here", "take the line '---' away"),
    ("undefined alias", "this alias stands for nothing", "define it above with &name, or write it out"),
    ("duplicate anchor", "this anchor is defined twice", "give one of them another name"),
    ("that cannot start any token", "a text can't begin with this sign", "put the text in quotes"),
    ("unknown escape character", "this backslash begins nothing that YAML knows", "use single quotes around the text"),
    ("sequence entries are not allowed", "a list can't begin here", "put the '-' on a line of its own, indented"),
    ("undefined tag handle", "tags such as !this mean nothing here", "take the word with the exclamation mark away"),
)


def plain_words(error: yaml.MarkedYAMLError, source: str) -> Problem:
    """Return what a parser's error means; text of the file is never repeated, since it may hold a secret."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
    told, context = str(error.problem or ""), str(error.context or "")
    opened = error.context_mark
    if context.startswith((_QUOTE, _LIST, _MAP)) and opened is not None:
        sign = "quote" if context.startswith(_QUOTE) else "[" if context.startswith(_LIST) else "{"
        if "end of stream" in told or "document separator" in told or "stream end" in told:
            what, remedy = f"the {sign} that opens here is never closed", "close it"
            return Problem(source, what, remedy, opened.line + 1, opened.column + 1)
        if "expected ','" in told:
            what = f"the {sign} of line {opened.line + 1} is not closed before this, or a comma is missing"
            return Problem(source, what, "close it, or put a comma between the two", line, column)
    if context.startswith(_KEY) and opened is not None:
        # The parser only knows at the next line that no colon has come.
        line, column = opened.line + 1, opened.column + 1
    for part, what, remedy in _SENTENCES:
        if part in told:
            return Problem(source, what, remedy, line, column)
    return Problem(source, "this is not YAML", "compare it with tocsin.example.yaml", line, column)


def at_character(text: str, error: yaml.reader.ReaderError, source: str) -> Problem:
    """Return where a text holds a character that YAML does not allow."""
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return Problem(source, "an invisible control character stands here", "delete it", line, column)


def not_text(body: bytes, error: UnicodeDecodeError, source: str) -> Problem:
    """Return where a file stops being UTF-8."""
    line = body.count(b"\n", 0, error.start) + 1
    return Problem(source, "the file is not UTF-8 from here on", "save it as UTF-8", line, 1)
