"""Which status follows which, by every pair of them."""

import pytest

from bot.domain.incident import Status
from bot.domain.refusal import Refusal
from bot.domain.transitions import ALLOWED, check_move

T, I, M, R, C, X = Status  # noqa: E741 - the table below is read by its letters

MOVES = {
    (T, I), (T, M), (T, R), (T, X),
    (I, T), (I, M), (I, R), (I, X),
    (M, I), (M, R),
    (R, I), (R, C),
    (C, I),
    (X, I),
}  # fmt: skip
PAIRS = [(current, wanted) for current in Status for wanted in Status]


@pytest.mark.parametrize(("current", "wanted"), [pair for pair in PAIRS if pair in MOVES])
def test_a_move_is_allowed(current: Status, wanted: Status) -> None:
    check_move("INC-1", current, wanted)


@pytest.mark.parametrize(
    ("current", "wanted"), [pair for pair in PAIRS if pair not in MOVES and pair[0] is not pair[1]]
)
def test_a_move_is_refused_and_told_what_is_possible(current: Status, wanted: Status) -> None:
    with pytest.raises(Refusal) as refused:
        check_move("INC-1", current, wanted)
    possible = ", ".join(status for status in Status if (current, status) in MOVES)
    assert refused.value.key == "transition.illegal"
    assert refused.value.fields == {"ref": "INC-1", "current": current, "wanted": wanted, "possible": possible}


@pytest.mark.parametrize("status", Status)
def test_staying_where_it_is_is_refused_as_nothing_new(status: Status) -> None:
    with pytest.raises(Refusal) as refused:
        check_move("INC-1", status, status)
    assert (refused.value.key, refused.value.fields) == ("transition.already", {"ref": "INC-1", "status": status})


def test_every_status_leads_somewhere() -> None:
    assert set(ALLOWED) == set(Status)
    assert all(ALLOWED.values())


def test_a_refusal_shows_its_key_and_fields_in_a_log() -> None:
    assert str(Refusal("severity.unknown", given="loud", times=2)) == "severity.unknown(given='loud', times=2)"
