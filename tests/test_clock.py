"""The time is the database's, whatever this machine's clock says and however slowly the database answers."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import DatabaseClock

SECOND = timedelta(seconds=1)


def measured(clock: DatabaseClock, ahead: timedelta, took: timedelta = timedelta()) -> None:
    """Let the clock ask a database that is so far ahead, and takes so long to answer that it read its clock at once."""
    asked_at = datetime.now(UTC)
    clock.measured(asked_at + ahead, asked_at, asked_at + took)


def ahead(clock: DatabaseClock) -> timedelta:
    """How far ahead of this machine the clock is, to the second."""
    return timedelta(seconds=round((clock.now() - datetime.now(UTC)).total_seconds()))


@pytest.mark.parametrize("off", [timedelta(), 300 * SECOND, -300 * SECOND])
def test_it_is_as_late_as_the_database_says(off: timedelta) -> None:
    clock = DatabaseClock()
    measured(clock, off)
    assert ahead(clock) == off


def test_a_clock_that_was_set_counts_until_the_next_tick_only() -> None:
    clock = DatabaseClock()
    measured(clock, timedelta())
    measured(clock, -3600 * SECOND)
    assert ahead(clock) == -3600 * SECOND
    measured(clock, timedelta())
    assert ahead(clock) == timedelta()


def test_a_slow_answer_does_not_make_the_time_jump() -> None:
    clock = DatabaseClock()
    measured(clock, 300 * SECOND)
    measured(clock, 300 * SECOND, took=20 * SECOND)
    assert ahead(clock) == 300 * SECOND


def test_what_a_slow_answer_can_not_mean_is_corrected_by_its_middle() -> None:
    clock = DatabaseClock()
    measured(clock, 300 * SECOND, took=20 * SECOND)
    assert ahead(clock) == 290 * SECOND
