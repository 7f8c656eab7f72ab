"""The same alert keeps its fingerprint, and alerts of one incident share a key."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.identity import fingerprint, group_key, group_labels

# A small alphabet and lone surrogates: what collides or breaks, if anything does.
WORDS = st.text(alphabet="ab=,\x00\ud800é", max_size=4)
LABELS = st.dictionaries(WORDS, WORDS, max_size=4)


@given(LABELS, st.randoms(use_true_random=False))
def test_the_order_of_labels_makes_no_difference(labels: dict[str, str], random: Random) -> None:
    pairs = list(labels.items())
    random.shuffle(pairs)
    assert fingerprint(dict(pairs)) == fingerprint(labels)


@given(LABELS, LABELS)
def test_different_labels_have_different_fingerprints(one: dict[str, str], other: dict[str, str]) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


@given(LABELS)
def test_a_fingerprint_is_sixteen_hex_digits(labels: dict[str, str]) -> None:
    assert re.fullmatch("[0-9a-f]{16}", fingerprint(labels))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "bc"}, {"ab": "c"}),
        ({"a": "b", "c": "d"}, {"a": "bcd"}),
        ({"a": "b", "c": "d"}, {"a": "d", "c": "b"}),
        ({"a": ""}, {}),
        ({"a": "1\x00b"}, {"a": "1", "b": ""}),
    ],
)
def test_labels_that_join_up_alike_stay_apart(one: dict[str, str], other: dict[str, str]) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_a_fingerprint_stays_the_same_from_release_to_release() -> None:
    labels = {"alertname": "GpuHot", "node": "gpu-7"}
    assert fingerprint(labels) == "cd3c0510793cca5f"
    assert group_key("inference", ["alertname"], labels) == "cbb59a750f21c683bca6ceb17a0e3eac"


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ([], ()),
        (["b", "a"], (("b", "2"), ("a", "1"))),
        (["a", "a"], (("a", "1"),)),
        (["a", "missing"], (("a", "1"), ("missing", ""))),
        (["severity", "Severity", "a"], (("a", "1"),)),
    ],
)
def test_group_labels_are_those_listed_each_once_and_never_severity(
    group_by: list[str], expected: tuple[tuple[str, str], ...]
) -> None:
    assert group_labels(group_by, {"a": "1", "b": "2", "severity": "critical"}) == expected


@given(WORDS, st.lists(WORDS, max_size=4), LABELS)
def test_a_change_of_severity_stays_in_the_group(service: str, group_by: list[str], labels: dict[str, str]) -> None:
    listed = [*group_by, "severity"]
    low, high = labels | {"severity": "info"}, labels | {"severity": "critical"}
    assert group_key(service, listed, low) == group_key(service, listed, high)
    assert group_key(service, listed, low) == group_key(service, group_by, labels)


@given(WORDS, st.lists(WORDS, max_size=4), LABELS)
def test_the_order_of_group_by_and_unlisted_labels_make_no_difference(
    service: str, group_by: list[str], labels: dict[str, str]
) -> None:
    key = group_key(service, group_by, labels)
    assert group_key(service, group_by[::-1], labels | {"unlisted": "x"}) == key
    assert re.fullmatch("[0-9a-f]{32}", key)


@given(WORDS, WORDS, st.lists(WORDS, max_size=3), LABELS, LABELS)
def test_groups_are_one_exactly_when_service_and_group_labels_are(
    one: str, other: str, group_by: list[str], mine: dict[str, str], theirs: dict[str, str]
) -> None:
    same = one == other and group_labels(group_by, mine) == group_labels(group_by, theirs)
    assert (group_key(one, group_by, mine) == group_key(other, group_by, theirs)) == same


def test_a_missing_label_groups_with_an_empty_one() -> None:
    assert group_key("s", ["zone"], {}) == group_key("s", ["zone"], {"zone": ""})
