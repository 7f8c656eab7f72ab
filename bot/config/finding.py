"""What `tocsin check` and `tocsin doctor` find: how it is with one subject, and what to do if it is not well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.config.problem import Problem


class Health(StrEnum):
    """How it is with one subject."""

    WELL = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. `remedy` is empty where all is well."""

    subject: str
    health: Health
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        told = f"{self.what}; {self.remedy}" if self.remedy else self.what
        return f"{self.health:<8} {self.subject}: {told}"


def well(subject: str, what: str) -> Finding:
    """Return that all is well with a subject."""
    return Finding(subject, Health.WELL, what)


def ill(subject: str, what: str, remedy: str) -> Finding:
    """Return a problem, with its remedy."""
    return Finding(subject, Health.PROBLEM, what, remedy)


def doubtful(subject: str, what: str, remedy: str) -> Finding:
    """Return a warning, with its remedy."""
    return Finding(subject, Health.WARNING, what, remedy)


def of_problems(problems: Iterable[Problem]) -> list[Finding]:
    """Return configuration problems as findings."""
    return [
        Finding(problem.place, Health.WARNING if problem.is_warning else Health.PROBLEM, problem.what, problem.remedy)
        for problem in problems
    ]


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 1 if anything is a problem, else 0."""
    return int(any(finding.health is Health.PROBLEM for finding in findings))


def render(findings: Sequence[Finding]) -> str:
    """Return findings as lines, and a last one that counts."""
    ill_ones = sum(finding.health is Health.PROBLEM for finding in findings)
    warnings = sum(finding.health is Health.WARNING for finding in findings)
    total = f"{count(ill_ones, 'problem')}, {count(warnings, 'warning')}."
    return "\n".join([*(str(finding) for finding in findings), total])


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 problem`, `2 problems`, `no problems`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number or 'no'} {noun if number == 1 else plural}"
