"""Alerts that come and go."""

import random

import pytest

from bot.domain.flapping import Swing, turned
from tests.builders import MINUTE, NOW

LIMIT, WITHIN = 4, 30 * MINUTE


def after(*minutes: int, begins: bool = False) -> Swing | None:
    """How an alert swings that ends and returns in turn, at these minutes."""
    swing: Swing | None = None
    for place, minute in enumerate(minutes):
        is_firing = (place % 2 == 0) == begins
        swing = turned(swing, is_firing=is_firing, at=NOW + minute * MINUTE, limit=LIMIT, within=WITHIN)
    return swing


@pytest.mark.parametrize(
    ("minutes", "flaps"),
    [
        ((0,), False),
        ((0, 1, 2), False),
        ((0, 1, 2, 3), True),
        ((0, 10, 20, 29), True),
        ((0, 10, 20, 30), False),
        ((0, 1, 2, 33, 34, 35), False),
        ((0, 1, 2, 3, 60), True),
    ],
)
def test_so_many_turns_within_the_window_are_flapping(minutes: tuple[int, ...], flaps: bool) -> None:
    swing = after(*minutes)
    assert swing is not None
    assert swing.is_flapping == flaps


def test_an_alert_that_nobody_knew_begins_without_a_turn() -> None:
    assert after(0, begins=True) is None


def test_a_report_that_says_the_same_again_is_no_turn() -> None:
    swing = after(0)
    assert turned(swing, is_firing=False, at=NOW + MINUTE, limit=LIMIT, within=WITHIN) is swing


def test_what_was_steady_is_forgotten() -> None:
    swing = after(0, 1)
    assert swing is not None
    assert swing.is_steady(NOW + 31 * MINUTE)
    assert not swing.is_steady(NOW + 30 * MINUTE)
    assert turned(swing, is_firing=True, at=NOW + 31 * MINUTE, limit=LIMIT, within=WITHIN) is None


def test_whatever_comes_an_alert_flaps_exactly_when_the_window_holds_so_many_turns() -> None:
    chance = random.Random(6)
    for _ in range(300):
        at, swing, turns, state = NOW, None, [], True
        for _ in range(30):
            at += chance.randrange(1, 15) * MINUTE
            report = chance.random() < 0.5
            if not report and not state:
                continue  # nobody knows the alert: such a report is about nothing
            swing = turned(swing, is_firing=report, at=at, limit=LIMIT, within=WITHIN)
            if report != state:
                turns.append(at)
            state = report
            if swing is not None and swing.is_flapping:
                assert len([turn for turn in turns if turn > at - WITHIN]) >= LIMIT
                break
            assert len([turn for turn in turns if turn > at - WITHIN]) <= LIMIT
