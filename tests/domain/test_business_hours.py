"""What mild alerts are worth when nobody is at work."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.business_hours import BusinessHours
from bot.domain.severity import Severity

ZONE = ZoneInfo("Europe/Berlin")
OUTSIDE = ((Severity.SEV3, Severity.SEV4), (Severity.SEV4, None))
HOURS = BusinessHours("Europe/Berlin", frozenset({0, 1, 2, 3, 4}), time(9), time(18), OUTSIDE)
MONDAY = datetime(2026, 3, 30, tzinfo=ZONE)
"""The day after the clocks went forward."""


@pytest.mark.parametrize(
    ("day", "hour", "minute", "works"),
    [(0, 8, 59, False), (0, 9, 0, True), (0, 17, 59, True), (0, 18, 0, False), (-3, 12, 0, True), (-1, 12, 0, False)],
)
def test_work_is_on_its_days_from_its_first_minute_up_to_its_last(
    day: int,
    hour: int,
    minute: int,
    works: bool,
) -> None:
    at = (MONDAY + timedelta(days=day)).replace(hour=hour, minute=minute)
    assert HOURS.include(at) == works


@pytest.mark.parametrize(
    ("severity", "by_night"),
    [
        (Severity.SEV1, Severity.SEV1),
        (Severity.SEV2, Severity.SEV2),
        (Severity.SEV3, Severity.SEV4),
        (Severity.SEV4, None),
        (Severity.SEV5, Severity.SEV5),
    ],
)
def test_at_night_mild_alerts_are_worth_less_and_bad_ones_are_not(
    severity: Severity, by_night: Severity | None
) -> None:
    assert HOURS.worth(severity, MONDAY.replace(hour=3)) is by_night
    assert HOURS.worth(severity, MONDAY.replace(hour=12)) is severity


def test_what_is_bad_is_not_lowered_whatever_is_configured() -> None:
    careless = BusinessHours("UTC", frozenset(), time(9), time(18), ((Severity.SEV1, None), (Severity.SEV2, None)))
    assert [careless.worth(each, MONDAY) for each in (Severity.SEV1, Severity.SEV2)] == [Severity.SEV1, Severity.SEV2]
