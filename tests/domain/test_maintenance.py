"""Maintenance windows: half-open, by the clock on the wall, whatever the clock does."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.maintenance import MaintenanceWindow, Once, Weekly
from bot.domain.matchers import parse_matchers
from tests.builders import HOUR, MINUTE, NOW

INSTANT = timedelta(microseconds=1)
BERLIN = "Europe/Berlin"
EVERY_DAY = tuple(range(7))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_once_is_from_its_start_until_just_before_its_end() -> None:
    once = Once(NOW, NOW + HOUR)
    assert [once.end_of(at) for at in (NOW - INSTANT, NOW, NOW + HOUR - INSTANT, NOW + HOUR)] == [
        None,
        NOW + HOUR,
        NOW + HOUR,
        None,
    ]


@pytest.mark.parametrize(
    ("at", "ends_at"),
    [
        ("2026-06-05T23:59:59", None),
        ("2026-06-06T00:00", "2026-06-06T02:00"),  # Saturday, 02:00 in Berlin
        ("2026-06-06T01:59:59", "2026-06-06T02:00"),
        ("2026-06-06T02:00", None),
        ("2026-06-07T00:30", None),
        ("2026-01-03T00:30", None),  # in winter it begins an hour later
        ("2026-01-03T01:30", "2026-01-03T03:00"),
        ("2026-03-28T01:00", "2026-03-28T03:00"),
        ("2025-10-25T00:00", "2025-10-25T02:00"),
    ],
)
def test_weekly_keeps_to_the_clock_on_the_wall(at: str, ends_at: str | None) -> None:
    window = Weekly((5,), time(2), 2 * HOUR, BERLIN)
    assert window.end_of(utc(at)) == (utc(ends_at) if ends_at else None)


@pytest.mark.parametrize(
    ("starts", "at", "is_open"),
    [
        # 02:30 is left out on 29 March 2026: it begins at 03:30 summer time, 01:30 UTC.
        (time(2, 30), "2026-03-29T01:29", False),
        (time(2, 30), "2026-03-29T01:30", True),
        # 02:30 comes twice on 25 October 2026: the first is 00:30 UTC, and an hour is an hour.
        (time(2, 30), "2026-10-25T00:30", True),
        (time(2, 30), "2026-10-25T01:29", True),
        (time(2, 30), "2026-10-25T01:30", False),
    ],
)
def test_a_change_of_the_clock_neither_loses_nor_doubles_a_window(starts: time, at: str, is_open: bool) -> None:
    window = Weekly((6,), starts, HOUR, BERLIN)
    assert (window.end_of(utc(at)) is not None) is is_open


def test_one_over_midnight_and_one_over_days_belong_to_the_day_on_which_they_begin() -> None:
    night = Weekly((4,), time(23), 3 * HOUR, "UTC")
    assert night.end_of(utc("2026-06-06T01:59")) == utc("2026-06-06T02:00")
    week = Weekly((0,), time(9), timedelta(days=7), "UTC")
    assert week.end_of(utc("2026-06-08T08:59")) == utc("2026-06-08T09:00")
    assert week.end_of(utc("2026-06-08T09:00")) == utc("2026-06-15T09:00")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(1, 47), st.sampled_from([BERLIN, "UTC"]))  # noqa: DTZ001
def test_a_window_is_open_for_as_long_as_it_lasts_and_not_longer(at: datetime, hours: int, zone: str) -> None:
    window = Weekly(EVERY_DAY, time(1, 30), hours * HOUR, zone)
    ends_at = window.end_of(at.replace(tzinfo=UTC))
    assert hours < 24 or ends_at is not None
    if ends_at is not None:
        assert at.replace(tzinfo=UTC) < ends_at <= at.replace(tzinfo=UTC) + hours * HOUR
        assert window.end_of(ends_at) != ends_at


@pytest.mark.parametrize(
    ("services", "match", "labels", "service", "is_covered"),
    [
        (("gpu",), "", {}, "gpu", True),
        (("gpu",), "", {}, "api", False),
        (("gpu",), "", {}, None, False),
        ((), 'job="batch"', {"job": "batch"}, None, True),
        ((), 'job="batch"', {"job": "api"}, "gpu", False),
        (("gpu",), 'job="batch"', {"job": "batch"}, "gpu", True),
        (("gpu",), 'job="batch"', {"job": "batch"}, "api", False),
        (("gpu",), 'job="batch"', {}, "gpu", False),
    ],
)
def test_it_covers_its_services_its_matchers_or_what_is_both(
    services: tuple[str, ...],
    match: str,
    labels: dict[str, str],
    service: str | None,
    is_covered: bool,
) -> None:
    window = MaintenanceWindow("w", Once(NOW, NOW + MINUTE), services, parse_matchers(match))
    assert window.covers(labels, service) is is_covered
    assert window.end_of(NOW) == NOW + MINUTE
