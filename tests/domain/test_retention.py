"""What was kept long enough goes, oldest first; what is not done with never does."""

from datetime import timedelta

import pytest

from bot.domain.retention import Kept, RetentionRules, Shelf, Standing, outlived, portions
from tests.builders import DAY, NOW, SECOND

RULES = RetentionRules(deliveries=7 * DAY, quarantined=90 * DAY, receipts=3 * DAY)
AGES = RULES.ages(Shelf.DELIVERIES)
ALL = frozenset({Standing.DONE, Standing.SET_ASIDE})


def kept(key: int, age: timedelta, standing: Standing = Standing.DONE, size_bytes: int = 100) -> Kept:
    return Kept(key, NOW - age, standing, size_bytes)


def keys(going: list[Kept]) -> list[int | str]:
    return [one.key for one in going]


def test_what_is_done_with_goes_when_its_time_has_come() -> None:
    shelf = [kept(1, 8 * DAY), kept(2, 7 * DAY), kept(3, 7 * DAY - SECOND)]
    assert keys(outlived(shelf, AGES, NOW)) == [1, 2]


def test_what_was_set_aside_is_kept_longer_and_what_is_open_for_ever() -> None:
    shelf = [kept(1, 900 * DAY, Standing.OPEN), kept(2, 91 * DAY, Standing.SET_ASIDE), kept(3, DAY, Standing.SET_ASIDE)]
    assert keys(outlived(shelf, AGES, NOW)) == [2]


def test_too_much_goes_oldest_first_until_it_fits() -> None:
    shelf = [kept(1, DAY, Standing.SET_ASIDE), kept(2, DAY), kept(3, DAY), kept(4, DAY)]
    assert keys(outlived(shelf, AGES, NOW, excess_bytes=101)) == [2, 3]
    assert keys(outlived(shelf, AGES, NOW, excess_bytes=101, gives_way=ALL)) == [1, 2]
    assert keys(outlived(shelf, AGES, NOW, excess_bytes=0)) == []


def test_what_goes_by_age_counts_towards_what_is_too_much() -> None:
    shelf = [kept(1, 8 * DAY), kept(2, DAY), kept(3, DAY)]
    assert keys(outlived(shelf, AGES, NOW, excess_bytes=150)) == [1, 2]


@pytest.mark.parametrize("shelf", [Shelf.EFFECTS, Shelf.LINES, Shelf.UPDATES])
def test_receipts_have_an_age_of_their_own(shelf: Shelf) -> None:
    assert RULES.ages(shelf)[Standing.DONE] == 3 * DAY


def test_changes_have_an_age_of_their_own() -> None:
    assert RULES.ages(Shelf.CHANGES) == {Standing.DONE: 90 * DAY}


def test_an_effect_that_was_given_up_waits_for_a_person() -> None:
    assert Standing.SET_ASIDE not in RULES.ages(Shelf.EFFECTS)
    assert RULES.ages(Shelf.UPDATES)[Standing.SET_ASIDE] == 90 * DAY


def test_portions_hold_neither_too_many_rows_nor_too_many_bytes() -> None:
    going = [kept(number, DAY) for number in range(5)]
    assert [keys(portion) for portion in portions(going, rows=2, size_bytes=1_000)] == [[0, 1], [2, 3], [4]]
    assert [keys(portion) for portion in portions(going, rows=9, size_bytes=250)] == [[0, 1], [2, 3], [4]]
    assert [keys(portion) for portion in portions(going[:2], rows=9, size_bytes=1)] == [[0], [1]]
    assert portions([], rows=9, size_bytes=1) == []
