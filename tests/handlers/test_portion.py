"""The size of a commit of alerts follows from how long the last ones kept others waiting."""

from handlers.portion import FEWEST, FIRST, HURRY_SECONDS, MOST, PEACE_SECONDS, Portion


def in_peace(portion: Portion) -> int:
    return portion.events(is_hurried=False)


def test_commits_that_took_too_long_become_as_small_as_is_bearable() -> None:
    portion = Portion()
    portion.took(300, 2 * PEACE_SECONDS, is_hurried=False)
    assert in_peace(portion) == FEWEST


def test_quick_commits_grow_twofold_at_most_and_not_without_end() -> None:
    portion = Portion()
    portion.took(FIRST, PEACE_SECONDS / 100, is_hurried=False)
    assert in_peace(portion) == 2 * FIRST
    for _ in range(20):
        portion.took(in_peace(portion), PEACE_SECONDS / 100, is_hurried=False)
    assert in_peace(portion) == MOST


def test_a_quick_commit_of_few_events_changes_nothing() -> None:
    portion = Portion()
    portion.took(1, PEACE_SECONDS / 10, is_hurried=False)
    assert in_peace(portion) == FIRST


def test_a_large_delivery_that_took_long_makes_the_next_commit_no_smaller_than_is_sensible() -> None:
    portion = Portion()
    portion.took(10_000, 40 * PEACE_SECONDS, is_hurried=False)
    assert in_peace(portion) == 250
    portion.took(1, 1.0, is_hurried=False)
    assert in_peace(portion) == FEWEST


def test_while_others_wait_a_commit_takes_a_fraction_of_the_time() -> None:
    portion = Portion()
    while in_peace(portion) < MOST:
        portion.took(in_peace(portion), 0.001, is_hurried=False)
    assert portion.events(is_hurried=True) == MOST * HURRY_SECONDS / PEACE_SECONDS


def test_a_commit_of_no_time_at_all_is_no_error() -> None:
    portion = Portion()
    portion.took(FIRST, 0.0, is_hurried=False)
    assert in_peace(portion) == 2 * FIRST


def test_it_learns_while_others_wait_too() -> None:
    portion = Portion()
    for _ in range(20):
        portion.took(portion.events(is_hurried=True), HURRY_SECONDS / 100, is_hurried=True)
    assert in_peace(portion) == MOST
