"""Storms: which of the groups that are new fold, and what is kept of those that did."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.severity import Severity
from bot.domain.storm import TELLING_LABELS, Storm, StormRules, counted, folding, over_at, top_values
from tests.builders import MINUTE, NOW

RULES = StormRules(groups=2)
MILD, BAD = Severity.SEV4, Severity.SEV2
STORM = Storm("i-1", NOW, NOW, NOW)


@pytest.mark.parametrize(
    ("newcomers", "recent", "is_on", "folded"),
    [
        pytest.param([], 9, True, "", id="nobody is new"),
        pytest.param([("a", MILD), ("b", MILD)], 0, False, "", id="as many as are bearable"),
        pytest.param([("a", MILD), ("b", MILD), ("c", MILD)], 0, False, "c", id="only those behind the limit"),
        pytest.param([("a", MILD)], 2, False, "a", id="the others came before"),
        pytest.param([("a", BAD), ("b", BAD), ("c", MILD)], 0, False, "c", id="critical ones count, too"),
        pytest.param([("a", BAD), ("b", Severity.SEV1)], 9, True, "", id="critical ones never fold"),
        pytest.param([("a", MILD)], 0, True, "a", id="while it is on, all that are new fold"),
        pytest.param([("a", Severity.SEV3)], 9, False, "a", id="what is a little milder than critical folds"),
        pytest.param([("a", None)], 9, False, "a", id="a group of which nothing fires any more folds"),
    ],
)
def test_newcomers_fold_from_the_limit_on(
    newcomers: list[tuple[str, Severity | None]], recent: int, is_on: bool, folded: str
) -> None:
    assert folding(newcomers, recent, RULES, is_on=is_on) == tuple(folded)


@given(
    worst=st.lists(st.sampled_from(Severity), max_size=40),
    recent=st.integers(0, 30),
    groups=st.integers(1, 30),
    is_on=st.booleans(),
    cut=st.integers(0, 40),
)
def test_how_newcomers_are_cut_into_batches_changes_nothing(
    worst: list[Severity], recent: int, groups: int, is_on: bool, cut: int
) -> None:
    rules = StormRules(groups=groups)
    newcomers = [(str(number), severity) for number, severity in enumerate(worst)]
    at_once = folding(newcomers, recent, rules, is_on=is_on)

    first = folding(newcomers[:cut], recent, rules, is_on=is_on)
    later = folding(newcomers[cut:], recent + len(newcomers[:cut]), rules, is_on=is_on or bool(first))

    assert first + later == at_once
    assert all(not rules.is_spared(worst[int(key)]) for key in at_once)
    opened = [key for key, severity in newcomers if key not in at_once and not rules.is_spared(severity)]
    assert len(opened) <= max(0, groups - recent)


def test_alerts_are_counted_by_the_labels_that_tell_something_the_most_frequent_first() -> None:
    labels = [{"alertname": "Slow", "instance": str(number), "cluster": f"c{number % 7}"} for number in range(20)]
    first = counted({}, labels[:10])
    storm = replace(STORM, values=counted(first, labels[10:]))
    assert top_values(storm) == [
        ("alertname", [("Slow", 20)]),
        ("cluster", [("c0", 3), ("c1", 3), ("c2", 3), ("c3", 3), ("c4", 3)]),
    ]


def test_an_empty_label_tells_nothing() -> None:
    assert top_values(replace(STORM, values=counted({}, [{"service": ""}]))) == []


@given(st.lists(st.dictionaries(st.sampled_from(TELLING_LABELS), st.integers(0, 500).map(str)), max_size=300))
def test_what_is_kept_of_values_stays_small_and_never_counts_too_many(labels: list[dict[str, str]]) -> None:
    kept = counted(counted({}, labels[:150]), labels[150:])
    for name, counts in kept.items():
        assert len(counts) <= 100
        assert all(count <= sum(one.get(name) == value for one in labels) for value, count in counts.items())


def test_a_storm_is_over_when_fewer_have_begun_for_the_quiet_time() -> None:
    storm = replace(STORM, above_at=NOW + MINUTE)
    assert over_at(storm, StormRules(quiet=timedelta(minutes=5))) == NOW + 6 * MINUTE
    assert storm.is_on
    assert not replace(storm, ended_at=NOW).is_on
