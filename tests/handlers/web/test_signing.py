"""What we signed comes back as it was, for its purpose and until its hour, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.web.signing import Signer
from handlers.web.throttle import Throttle

NOW = datetime(2026, 1, 6, 23, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SIGNER = Signer(b"k" * 32)


@given(st.lists(st.text(max_size=50), max_size=4))
def test_values_come_back(values: list[str]) -> None:
    assert SIGNER.read("p", SIGNER.sign("p", values, LATER), NOW) == tuple(values)


@given(st.text(max_size=200))
def test_garbage_is_nothing(text: str) -> None:
    assert SIGNER.read("p", text, NOW) is None


def test_another_purpose_key_time_or_bond_is_nothing() -> None:
    text = SIGNER.sign("p", ["v"], LATER, bound_to="s")
    assert SIGNER.read("p", text, NOW, bound_to="s") == ("v",)
    assert SIGNER.read("q", text, NOW, bound_to="s") is None
    assert SIGNER.read("p", text, LATER, bound_to="s") is None
    assert SIGNER.read("p", text, NOW, bound_to="t") is None
    assert Signer(b"x" * 32).read("p", text, NOW, bound_to="s") is None


@given(st.integers(0, 80), st.sampled_from("AZaz09-_.="))
def test_one_changed_letter_is_nothing(place: int, letter: str) -> None:
    text = SIGNER.sign("p", ["amira", "session:1"], LATER)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    # The last letter of a digest holds spare bits, which base64 ignores on reading and our comparison does not.
    assert changed == text or SIGNER.read("p", changed, NOW) is None


def test_a_throttle_lets_try_again_when_the_first_failure_is_forgotten() -> None:
    throttle = Throttle(limit=2, per=timedelta(minutes=5))
    throttle.failed("a", NOW)
    assert throttle.wait("a", NOW) is None
    throttle.failed("a", LATER)
    assert throttle.wait("a", LATER) == timedelta(minutes=4)
    assert throttle.wait("b", LATER) is None
    assert throttle.wait("a", NOW + timedelta(minutes=5)) is None


def test_success_forgets_and_a_flood_of_keys_is_bounded() -> None:
    throttle = Throttle(limit=1, per=timedelta(minutes=5))
    throttle.failed("a", NOW)
    throttle.succeeded("a")
    assert throttle.wait("a", NOW) is None
    for number in range(10_050):
        throttle.failed(str(number), NOW)
    assert throttle.wait("0", NOW) is None
    assert throttle.wait("10049", NOW) is not None


@pytest.mark.parametrize("text", ["W10.x", "e30.x", "bnVsbA.x", "x" * 5000])
def test_what_only_looks_like_ours_has_nothing_to_peek_at(text: str) -> None:
    assert Signer.peek(text) is None
