"""What is wrong with a configuration: where it stands, what it is, and what to do about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# A quote that is never closed swallows what comes after it, passwords too: such a text is not repeated.
_HARMLESS: Final = re.compile(r"(?!.*: )[\w.+@/#:= -]{1,40}")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z_-]{0,30}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `source` is a file's name or a variable's; `line` and `column` count from 1.

    A warning does not stop Tocsin. Neither `what` nor `remedy` ever holds a secret's value.
    """

    source: str
    what: str
    remedy: str
    line: int | None = None
    column: int | None = None
    is_warning: bool = False

    @property
    def place(self) -> str:
        """Where it stands, as editors and terminals understand it: `tocsin.yaml:12:5`."""
        return ":".join(str(part) for part in (self.source, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        what = f"warning: {self.what}" if self.is_warning else self.what
        return f"{self.place}: {what}; {self.remedy}"


class ConfigError(Exception):
    """Tocsin can't start, or can't reload, with this configuration; `problems` holds every reason, not the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems that stop Tocsin."""
    return tuple(problem for problem in problems if not problem.is_warning)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems from the top of the file to its end, each once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda problem: (problem.line or 0, problem.column or 0)))


def shown(word: str) -> str:
    """Return a word of the file in quotes; `this` where it may be more than the word that was meant."""
    return repr(word) if _HARMLESS.fullmatch(word) else "this"


def shown_key(name: str, *, has_value: bool) -> str:
    """Return a key of the file in quotes; `this key` where a lost colon may have made it of a value."""
    return repr(name) if has_value and _KEY.fullmatch(name) else "this key"
