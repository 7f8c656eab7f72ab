"""What failed is left alone for a growing while, and forgotten when it is well or gone."""

import pytest

from bot.metrics import Metrics
from bot.ports.store import Conflict
from bot.setbacks import FORGOTTEN_AFTER, LONGEST_PAUSE, Setbacks
from tests.builders import MINUTE, NOW, SECOND


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def setbacks(metrics: Metrics) -> Setbacks[str]:
    return Setbacks("timers", metrics)


def put_off(metrics: Metrics) -> float:
    """How much the metric says is put off."""
    [line] = [line for line in metrics.text().decode().splitlines() if line.startswith("tocsin_put_off{")]
    return float(line.split()[-1])


def test_pauses_grow_twofold_up_to_the_longest(setbacks: Setbacks[str]) -> None:
    pauses = [setbacks.failed("a", NOW, ValueError()).until - NOW for _ in range(100)]
    assert pauses[:4] == [SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]
    assert set(pauses[7:]) == {LONGEST_PAUSE}


def test_each_thing_rests_by_itself_until_its_pause_is_over(setbacks: Setbacks[str], metrics: Metrics) -> None:
    setbacks.failed("a", NOW, ValueError())
    setbacks.failed("b", NOW, ValueError())
    setbacks.failed("b", NOW, Conflict())
    assert setbacks.resting(NOW) == {"a", "b"}
    assert setbacks.resting(NOW + SECOND) == {"b"}
    assert put_off(metrics) == 2


def test_what_is_well_again_begins_anew_when_it_fails_the_next_time(setbacks: Setbacks[str], metrics: Metrics) -> None:
    setbacks.failed("a", NOW)
    setbacks.failed("a", NOW)
    setbacks.well("a")
    setbacks.well("a")
    assert put_off(metrics) == 0
    assert setbacks.failed("a", NOW).failures == 1


def test_what_merely_waits_rests_for_as_long_as_it_must_and_has_not_failed(
    setbacks: Setbacks[str], metrics: Metrics
) -> None:
    setbacks.failed("b", NOW)
    for what in ("a", "b"):
        setbacks.waits(what, NOW, 40 * SECOND)
    assert put_off(metrics) == 2
    assert setbacks.resting(NOW + 39 * SECOND) == {"a", "b"}
    assert setbacks.resting(NOW + 40 * SECOND) == frozenset()
    assert [setbacks.failed(what, NOW).failures for what in ("a", "b")] == [1, 2]


def test_what_another_replica_has_done_meanwhile_does_not_count_for_ever(
    setbacks: Setbacks[str], metrics: Metrics
) -> None:
    setbacks.failed("a", NOW)
    setbacks.forget(NOW + MINUTE)
    assert put_off(metrics) == 1
    setbacks.forget(NOW + MINUTE + FORGOTTEN_AFTER)
    assert put_off(metrics) == 0
