"""Severities, their order, and how they are read."""

from itertools import product

import pytest

from bot.domain.refusal import Refusal
from bot.domain.severity import Level, Severity, parse_level, parse_severity, priority, severity_of


@pytest.mark.parametrize(("one", "other"), list(product(Severity, Severity)))
def test_the_smaller_number_is_the_worse(one: Severity, other: Severity) -> None:
    assert one.is_worse_than(other) == (one.value < other.value)
    assert one.is_at_least(other) == (one.value <= other.value)


@pytest.mark.parametrize(
    ("impact", "urgency", "expected"),
    [(1, 1, 1), (1, 2, 2), (2, 1, 2), (1, 3, 3), (2, 2, 3), (3, 1, 3), (2, 3, 4), (3, 2, 4), (3, 3, 5)],
)
def test_priority_is_impact_plus_urgency_less_one_and_a_severity_begins_there(
    impact: int, urgency: int, expected: int
) -> None:
    assert priority(Level(impact), Level(urgency)) == expected
    assert severity_of(Level(impact), Level(urgency)) is Severity(expected)


@pytest.mark.parametrize("text", ["2", "sev2", "SEV2", "Sev-2", " sev 2 ", "-2"])
def test_a_severity_is_read_however_it_is_written(text: str) -> None:
    assert parse_severity(text) is Severity.SEV2


@pytest.mark.parametrize("text", ["", "0", "6", "sev", "sev22", "high", "1.0", "²", "٢"])
def test_no_severity_is_guessed(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_severity(text)
    assert (refused.value.key, refused.value.fields) == ("severity.unknown", {"given": text})


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("high", Level.HIGH),
        ("H", Level.HIGH),
        ("1", Level.HIGH),
        (" med ", Level.MEDIUM),
        ("2", Level.MEDIUM),
        ("low", Level.LOW),
        ("l", Level.LOW),
        ("3", Level.LOW),
    ],
)
def test_a_level_is_read_by_name_beginning_or_number(text: str, level: Level) -> None:
    assert parse_level(text) is level


@pytest.mark.parametrize("text", ["", "  ", "4", "higher", "x"])
def test_no_level_is_guessed(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_level(text)
    assert (refused.value.key, refused.value.fields) == ("level.unknown", {"given": text})
