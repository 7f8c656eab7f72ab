"""The quality of alerts is reckoned from what happened: who was called, who answered, what came back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.noise import Advice, Call, Episode, Quality, Rule, is_night, qualities
from tests.builders import DAY, HOUR, MINUTE, NOW

SLOW = Rule("prom", "Slow", "gateway")
DISK = Rule("prom", "DiskFull", "store")
NOON = NOW + 9 * HOUR
"""Midday in Dubai; NOW is 03:00 there."""


def episode(began_at: datetime = NOON, lasts: timedelta | None = 10 * MINUTE, **changes: Any) -> Episode:
    """An alert of the rule Slow in incident i-1."""
    ended_at = began_at + lasts if lasts is not None else None
    return Episode("a", SLOW, "f", "i-1", began_at, ended_at)._replace(**changes)


def call(at: datetime = NOON, *, is_answered: bool = False, **changes: Any) -> Call:
    return Call("i-1", "p-amira", at, is_answered)._replace(**changes)


def weighed(*episodes: Episode, calls: tuple[Call, ...] = ()) -> list[Quality]:
    return qualities(episodes, calls, lambda _person: "Asia/Dubai")


def test_an_alert_somebody_was_called_for_counts_as_paged_and_as_acknowledged_when_one_answered() -> None:
    [quality] = weighed(
        episode(),
        episode(NOON + DAY, incident="i-2"),
        episode(NOON + 2 * DAY, incident=None),
        calls=(call(), call(NOON + MINUTE, person="p-omar", is_answered=True), call(NOON + DAY, incident="i-2")),
    )
    assert (quality.fired, quality.paged, quality.acknowledged, quality.calls) == (3, 2, 1, 3)
    assert (quality.ignored, quality.actionable) == (1, 0.5)


def test_a_call_before_it_fired_or_after_it_ended_is_not_its_own() -> None:
    [quality] = weighed(episode(), calls=(call(NOON - MINUTE), call(NOON + 11 * MINUTE)))
    assert (quality.paged, quality.calls, quality.actionable) == (0, 0, None)


def test_a_call_that_nobody_heard_disturbed_nobody() -> None:
    [quality] = weighed(episode(), calls=(call(is_heard=False),))
    assert quality.paged == 0


def test_an_alert_that_still_fires_hears_every_later_call() -> None:
    [quality] = weighed(episode(lasts=None), calls=(call(NOON + DAY),))
    assert quality.paged == 1
    assert quality.median_duration is None


def test_firing_again_within_an_hour_is_a_flap_and_later_is_not() -> None:
    [quality] = weighed(
        episode(NOON),
        episode(NOON + 70 * MINUTE),  # an hour after the end of the first
        episode(NOON + 141 * MINUTE),  # a minute more than that
        episode(NOON + 142 * MINUTE, fingerprint="another"),
    )
    assert quality.flaps == 1


def test_an_alert_that_was_merely_not_reported_any_more_has_no_end_to_reckon_with() -> None:
    [quality] = weighed(episode(lasts=3 * MINUTE, is_cut=True), episode(NOON + 11 * MINUTE))
    assert quality.flaps == 0
    assert quality.median_duration == 10 * MINUTE


def test_the_median_tells_how_long_alerts_last() -> None:
    [quality] = weighed(*(episode(NOON + day * DAY, lasts=day * MINUTE) for day in (1, 2, 90)))
    assert quality.median_duration == 2 * MINUTE


def test_night_is_the_called_persons_own() -> None:
    zones = {"p-amira": "Asia/Dubai", "p-omar": "America/New_York"}
    calls = [call(NOW), call(NOW, person="p-omar")]
    [quality] = qualities([episode(NOW)], calls, lambda person: zones[person])
    assert (quality.calls, quality.night_calls) == (2, 1)  # 18:00 in New York


@pytest.mark.parametrize(("clock", "night"), [("21:59", False), ("22:00", True), ("06:59", True), ("07:00", False)])
def test_night_is_from_ten_to_seven(clock: str, night: bool) -> None:
    assert is_night(datetime.fromisoformat(f"2026-01-07T{clock}+04:00"), "Asia/Dubai") is night


def test_the_noisiest_rule_comes_first_and_equals_by_how_often_they_fired_then_by_name() -> None:
    quiet = [
        episode(NOON + day * DAY, rule=rule, fingerprint=rule.name, incident=None)
        for rule in (SLOW, DISK)
        for day in range(2)
    ]
    busy = [
        episode(NOON + day * DAY, rule=Rule("prom", "Busy", ""), fingerprint="busy", incident=None) for day in range(3)
    ]
    loud = [episode(rule=Rule("prom", "Loud", ""), fingerprint="loud")]
    found = weighed(*quiet, *busy, *loud, calls=(call(),))
    assert [quality.rule.name for quality in found] == ["Loud", "Busy", "DiskFull", "Slow"]
    assert [quality.noise for quality in found] == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("quality", "advice"),
    [
        (Quality(SLOW, fired=9, paged=7, acknowledged=3), Advice.IGNORED),
        (Quality(SLOW, fired=9, paged=7, acknowledged=3, night_calls=3), Advice.NIGHTLY),
        (Quality(SLOW, fired=9, paged=6, acknowledged=3, night_calls=3), None),
        (Quality(SLOW, fired=9, paged=2, acknowledged=0), None),
        (Quality(SLOW, fired=9, flaps=3), Advice.FLAPPING),
        (Quality(SLOW, fired=3, median_duration=2 * MINUTE), Advice.BRIEF),
        (Quality(SLOW, fired=2, median_duration=2 * MINUTE), None),
        (Quality(SLOW, fired=3, median_duration=5 * MINUTE), None),
        (Quality(SLOW, fired=20), Advice.UNUSED),
        (Quality(SLOW, fired=20, paged=20, acknowledged=20), None),
    ],
)
def test_advice_names_the_gravest_reason(quality: Quality, advice: Advice | None) -> None:
    assert quality.advice is advice
