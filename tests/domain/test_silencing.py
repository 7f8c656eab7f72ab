"""Silences by command: about something, for a reason, for a while; and what they would hide."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.matchers import parse_matchers
from bot.domain.severity import Severity
from bot.domain.silencing import Sample, Wish, check, named, number_of, preview, warning_at
from tests.builders import DAY, HOUR, MINUTE, NOW
from tests.domain.refused import refusal_of
from tests.domain.test_hush import a_silence


def a_wish(match: str = 'alertname="Drift"', **changes: Any) -> Wish:
    return replace(Wish(parse_matchers(match), None, "load test", NOW, NOW + HOUR), **changes)


@pytest.mark.parametrize(
    "match",
    [
        "",
        'alertname=""',
        'alertname!="Drift"',
        'alertname=~".*"',
        'alertname=~".+"',
        'alertname!~"Drift"',
        'a=~".*", b!="x"',
    ],
)
def test_everything_is_never_silenced_by_accident(match: str) -> None:
    assert refusal_of(check, a_wish(match), NOW).key == "silence.everything"
    check(a_wish(match, service="features"), NOW)


@pytest.mark.parametrize("match", ['alertname="Drift"', 'alertname=~"Dr.*"', 'a=~".+", b=~"x|y"', 'a!="", b="1"'])
def test_something_may_be_silenced(match: str) -> None:
    check(a_wish(match), NOW)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"reason": ""}, "silence.reason"),
        ({"reason": "x" * 501}, "silence.reason_long"),
        ({"ends_at": NOW}, "silence.over"),
        ({"starts_at": NOW + 2 * HOUR}, "silence.over"),
        ({"starts_at": NOW - 2 * HOUR, "ends_at": NOW - HOUR}, "silence.over"),
        ({"ends_at": NOW + 30 * DAY + MINUTE}, "silence.long"),
        ({"starts_at": NOW + 366 * DAY, "ends_at": NOW + 367 * DAY}, "silence.far"),
    ],
)
def test_what_may_not_be_is_refused(changes: dict[str, Any], key: str) -> None:
    assert refusal_of(check, a_wish(**changes), NOW).key == key


def test_thirty_days_are_allowed_also_later() -> None:
    check(a_wish(starts_at=NOW + DAY, ends_at=NOW + 31 * DAY), NOW)


def test_a_preview_counts_what_it_would_hide_and_names_the_first_few() -> None:
    def sample(title: str, severity: Severity = Severity.SEV3, *, is_live: bool = False, **labels: str) -> Sample:
        return Sample(title, {"alertname": "Drift", **labels}, None, severity, is_live)

    samples = [
        sample("one", Severity.SEV2, is_live=True),
        sample("one"),
        sample("other", alertname="Slow"),
        *(sample(f"t{number}", Severity.SEV1) for number in range(6)),
    ]
    found = preview(a_wish(), samples)
    assert (found.recent, found.firing, found.critical, found.is_cut) == (8, 1, 7, False)
    assert found.titles == ["one", "t0", "t1", "t2", "t3"]


def test_its_author_is_warned_a_quarter_of_an_hour_before_unless_it_is_too_short() -> None:
    assert warning_at(a_silence()) == NOW + 45 * MINUTE
    assert warning_at(a_silence(ends_at=NOW + timedelta(minutes=15))) is None


@pytest.mark.parametrize(
    ("word", "number"),
    [("S-12", 12), ("s12", 12), ("12", 12), (" S-3 ", 3), ("S-", None), ("x", None), ("S--1", None), ("9" * 19, None)],
)
def test_a_silence_is_called_by_its_number(word: str, number: int | None) -> None:
    assert number_of(word) == number


def test_matchers_are_written_as_they_are_read() -> None:
    text = 'service="features", alertname=~"Drift.*"'
    assert named(parse_matchers(text)) == text
