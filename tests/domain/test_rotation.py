"""Who is on call follows the clock on the wall, through overrides and changes of the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.rotation import Layer, Months, Override, Schedule, Shift, next_handoff, on_call, shifts

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def local(text: str, zone: str = "Europe/London") -> datetime:
    return wall(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def utc(text: str) -> datetime:
    return wall(text).replace(tzinfo=UTC)


def layer(
    *people: str, every: timedelta | Months = WEEK, handoff: str = "2026-01-05T09:00", name: str = "weekly"
) -> Layer:
    return Layer(name, people, every, wall(handoff))


def schedule(*layers: Layer, zone: str = "Europe/London", overrides: tuple[Override, ...] = ()) -> Schedule:
    return Schedule("primary", zone, layers, overrides)


WEEKLY = schedule(layer("amira", "omar"))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T08:59", ()),
        ("2020-01-05T08:59", ()),
        ("2026-01-05T09:00", ("amira",)),
        ("2026-01-12T08:59", ("amira",)),
        ("2026-01-12T09:00", ("omar",)),
        # Summer time begins on 29 March and ends on 25 October.
        ("2026-03-30T08:59", ("omar",)),
        ("2026-03-30T09:00", ("amira",)),
        ("2026-10-26T08:59", ("omar",)),
        ("2026-10-26T09:00", ("amira",)),
        ("2126-01-07T09:00", ("amira",)),
    ],
)
def test_a_weekly_handoff_stays_at_nine_on_both_sides_of_a_clock_change(at: str, expected: tuple[str, ...]) -> None:
    assert on_call(WEEKLY, local(at)) == expected


def test_the_next_handoff_is_strictly_later_and_in_utc() -> None:
    assert next_handoff(WEEKLY, utc("2020-01-01T00:00")) == utc("2026-01-05T09:00")
    assert next_handoff(WEEKLY, utc("2026-03-23T09:00")) == utc("2026-03-30T08:00")
    after = next_handoff(WEEKLY, local("2026-10-19T09:00"))
    assert after == utc("2026-10-26T09:00")
    assert after.tzinfo is UTC


@pytest.mark.parametrize("date", ["2026-01-05", "2026-03-28", "2026-03-29", "2026-06-01", "2026-10-24", "2026-10-25"])
def test_twelve_hours_hand_off_at_nine_and_nine_all_year(date: str) -> None:
    halves = schedule(layer("day", "night", every=12 * HOUR))
    assert on_call(halves, local(f"{date}T20:59")) == ("day",)
    assert on_call(halves, local(f"{date}T21:00")) == ("night",)
    morning = wall(f"{date}T09:00") + DAY
    assert next_handoff(halves, local(f"{date}T21:00")) == local(morning.isoformat())


@pytest.mark.parametrize("every", [18 * HOUR, 36 * HOUR, 5 * HOUR])
def test_a_period_that_fits_no_day_is_elapsed_time(every: timedelta) -> None:
    odd = schedule(layer("a", "b", every=every, handoff="2026-03-28T12:00"))
    start_at = utc("2026-03-28T12:00")
    for turn in range(6):
        at = start_at + turn * every
        assert on_call(odd, at) == ("ab"[turn % 2],)
        assert on_call(odd, at + every - timedelta(seconds=1)) == ("ab"[turn % 2],)
        assert next_handoff(odd, at) == at + every
    assert on_call(odd, start_at - 100 * every) == ()


def test_a_handoff_at_a_time_that_comes_twice_takes_the_first() -> None:
    daily = schedule(layer("a", "b", every=DAY, handoff="2026-10-24T01:30"))
    first_at = utc("2026-10-25T00:30")
    assert next_handoff(daily, first_at - HOUR) == first_at
    assert on_call(daily, first_at) == ("b",)
    assert on_call(daily, utc("2026-10-25T01:15")) == ("b",)
    assert next_handoff(daily, first_at) == utc("2026-10-26T01:30")


def test_a_handoff_at_a_time_left_out_is_moved_forward_by_the_gap() -> None:
    daily = schedule(layer("a", "b", every=DAY, handoff="2026-03-28T01:30"))
    moved_at = utc("2026-03-29T01:30")
    assert on_call(daily, moved_at - timedelta(seconds=1)) == ("a",)
    assert on_call(daily, moved_at) == ("b",)
    assert next_handoff(daily, utc("2026-03-29T00:00")) == moved_at
    assert next_handoff(daily, moved_at) == utc("2026-03-30T00:30")


def test_turns_that_a_gap_swallows_are_skipped() -> None:
    quick = schedule(layer("a", "b", "c", "d", every=HOUR / 2, handoff="2026-03-29T00:30"))
    gap_at = utc("2026-03-29T01:00")
    assert on_call(quick, gap_at - timedelta(seconds=1)) == ("a",)
    assert next_handoff(quick, gap_at - HOUR / 2) == gap_at
    assert on_call(quick, gap_at) == ("d",)
    assert [shift.person for shift in shifts(quick, gap_at - HOUR / 2, gap_at + HOUR)] == ["a", "d", "a"]


def test_a_country_that_leaves_out_a_whole_day_loses_a_turn() -> None:
    daily = schedule(layer("a", "b", "c", every=DAY, handoff="2011-12-29T09:00"), zone="Pacific/Apia")
    assert on_call(daily, local("2011-12-29T09:00", "Pacific/Apia")) == ("a",)
    assert next_handoff(daily, local("2011-12-29T09:00", "Pacific/Apia")) == utc("2011-12-30T19:00")
    assert on_call(daily, utc("2011-12-30T19:00")) == ("c",)


def test_months_keep_their_day_or_take_the_last_one() -> None:
    monthly = schedule(layer("a", "b", every=Months(), handoff="2026-01-31T09:00"))
    handoffs = [at := local("2026-01-31T09:00")]
    while len(handoffs) < 5:
        at = next_handoff(monthly, at) or at
        handoffs.append(at)
    assert handoffs == [local(f"2026-{day}T09:00") for day in ("01-31", "02-28", "03-31", "04-30", "05-31")]
    assert on_call(monthly, local("2026-02-28T08:59")) == ("a",)
    assert on_call(monthly, local("2026-02-28T09:00")) == ("b",)
    assert on_call(monthly, local("2025-02-28T09:00")) == ()


def test_every_layer_contributes_one_person_in_order_and_nobody_twice() -> None:
    three = schedule(
        layer("omar", "amira"), layer(name="empty"), layer("amira", name="always"), layer("lee", handoff="2027-01-01")
    )
    assert on_call(three, local("2026-01-06T00:00")) == ("omar", "amira")
    assert on_call(three, local("2026-01-13T00:00")) == ("amira",)
    assert on_call(three, local("2027-01-01T00:00"))[-1] == "lee"


OVERRIDE = Override("lee", utc("2026-01-06T00:00"), utc("2026-01-13T00:00"))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T23:59", "amira"),
        ("2026-01-06T00:00", "lee"),
        ("2026-01-12T23:59", "lee"),
        ("2026-01-13T00:00", "omar"),
    ],
)
def test_an_override_replaces_everyone_until_just_before_its_end(at: str, expected: str) -> None:
    covered = schedule(layer("amira", "omar"), overrides=(OVERRIDE,))
    assert on_call(covered, utc(at)) == (expected,)


def test_a_handoff_under_an_override_is_not_announced() -> None:
    covered = schedule(layer("amira", "omar"), overrides=(OVERRIDE,))
    handoffs = [at := utc("2026-01-05T09:00")]
    while len(handoffs) < 4:
        at = next_handoff(covered, at) or at
        handoffs.append(at)
    assert handoffs[1:] == [OVERRIDE.starts_at, OVERRIDE.ends_at, utc("2026-01-19T09:00")]


def test_of_overlapping_overrides_the_one_made_last_counts() -> None:
    inner = Override("kim", utc("2026-01-07T00:00"), utc("2026-01-08T00:00"))
    both = schedule(layer("amira"), overrides=(OVERRIDE, inner))
    assert shifts(both, OVERRIDE.starts_at, OVERRIDE.ends_at) == (
        Shift("lee", OVERRIDE.starts_at, inner.starts_at, None),
        Shift("kim", inner.starts_at, inner.ends_at, None),
        Shift("lee", inner.ends_at, OVERRIDE.ends_at, None),
    )
    hidden = schedule(layer("amira"), overrides=(inner, OVERRIDE))
    assert on_call(hidden, inner.starts_at) == ("lee",)
    assert next_handoff(hidden, OVERRIDE.starts_at) == OVERRIDE.ends_at


def test_nothing_ever_changes_where_nobody_takes_turns() -> None:
    assert next_handoff(schedule(), utc("2026-01-01T00:00")) is None
    assert next_handoff(schedule(layer()), utc("2026-01-01T00:00")) is None
    assert next_handoff(schedule(overrides=(OVERRIDE,)), OVERRIDE.ends_at) is None


def test_shifts_are_clipped_and_an_override_cuts_one_in_two() -> None:
    covered = schedule(
        layer("amira", "omar"), overrides=(Override("lee", utc("2026-01-06T00:00"), utc("2026-01-07T00:00")),)
    )
    assert shifts(covered, utc("2026-01-01T00:00"), utc("2026-01-13T00:00")) == (
        Shift("amira", utc("2026-01-05T09:00"), utc("2026-01-06T00:00"), "weekly"),
        Shift("lee", utc("2026-01-06T00:00"), utc("2026-01-07T00:00"), None),
        Shift("amira", utc("2026-01-07T00:00"), utc("2026-01-12T09:00"), "weekly"),
        Shift("omar", utc("2026-01-12T09:00"), utc("2026-01-13T00:00"), "weekly"),
    )
    assert shifts(covered, utc("2026-01-06T12:00"), utc("2026-01-06T13:00")) == (
        Shift("lee", utc("2026-01-06T12:00"), utc("2026-01-06T13:00"), None),
    )
    assert shifts(covered, utc("2026-01-13T00:00"), utc("2026-01-13T00:00")) == ()
    assert shifts(schedule(layer()), utc("2026-01-01T00:00"), utc("2026-01-13T00:00")) == ()


# Lord Howe's clock changes by half an hour; Apia left out a day; Troll changes by two hours.
ZONES = ["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll"]
NEARBY = st.datetimes(min_value=wall("2011-12-01"), max_value=wall("2013-06-01"))
PERIODS = st.sampled_from(
    [HOUR / 4, HOUR / 2, HOUR, 3 * HOUR, 7 * HOUR, 12 * HOUR, DAY, 36 * HOUR, WEEK, 30 * DAY, Months(), Months(5)]
)
LAYERS = st.builds(
    Layer, st.sampled_from("xy"), st.lists(st.sampled_from("abc"), max_size=3).map(tuple), PERIODS, NEARBY
)
OVERRIDES = st.builds(
    lambda person, starts_at, hours: Override(person, starts_at, starts_at + hours * HOUR),
    st.sampled_from("pq"),
    NEARBY.map(lambda at: at.replace(tzinfo=UTC)),
    st.integers(1, 2000),
)
SCHEDULES = st.builds(
    Schedule,
    st.just("s"),
    st.sampled_from(ZONES),
    st.lists(LAYERS, max_size=2).map(tuple),
    st.lists(OVERRIDES, max_size=3).map(tuple),
)
INSTANTS = NEARBY.map(lambda at: at.replace(tzinfo=UTC))
# Parts of a stretch that can't be rounded up to its end.
PARTS = st.integers(0, 1023).map(lambda part: part / 1024)


@given(SCHEDULES, INSTANTS, PARTS)
@example(schedule(layer("a", "b", every=HOUR / 4, handoff="2026-03-29T00:10")), utc("2026-03-29T00:55"), 0.875)
@example(schedule(layer("a", "b", every=HOUR / 4, handoff="2026-10-25T00:10")), utc("2026-10-25T00:55"), 0.875)
def test_nobody_changes_between_a_moment_and_the_next_handoff(plan: Schedule, at: datetime, part: float) -> None:
    until_at = next_handoff(plan, at)
    if until_at is None:
        until_at = at + 100 * DAY
    assert until_at > at
    assert on_call(plan, at + (until_at - at) * part) == on_call(plan, at)


@given(SCHEDULES, INSTANTS, st.integers(0, 72), PARTS)
def test_shifts_tell_the_same_story_as_on_call(plan: Schedule, starts_at: datetime, hours: int, part: float) -> None:
    ends_at = starts_at + hours * HOUR
    found = shifts(plan, starts_at, ends_at)
    at = starts_at + (ends_at - starts_at) * part
    if hours:
        on_duty = dict.fromkeys(shift.person for shift in found if shift.starts_at <= at < shift.ends_at)
        assert set(on_duty) == set(on_call(plan, at))
    assert all(starts_at <= shift.starts_at < shift.ends_at <= ends_at for shift in found)
    assert list(found) == sorted(found, key=lambda shift: shift.starts_at)


@given(st.builds(Schedule, st.just("s"), st.sampled_from(ZONES), st.tuples(LAYERS)), INSTANTS)
def test_shifts_of_a_layer_follow_one_another_without_a_hole(plan: Schedule, starts_at: datetime) -> None:
    found = shifts(plan, starts_at, starts_at + 3 * DAY)
    assert all(one.ends_at == other.starts_at for one, other in pairwise(found))
    if found:
        assert found[-1].ends_at == starts_at + 3 * DAY


@given(st.sampled_from(ZONES), LAYERS, INSTANTS)
def test_counting_directly_agrees_with_counting_turn_by_turn(zone: str, one: Layer, at: datetime) -> None:
    if one.every in (DAY, WEEK, 12 * HOUR) and one.people:
        handoff, turn, latest = one.handoff, 0, None
        while handoff <= at.replace(tzinfo=None) + 2 * DAY:
            if handoff.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) <= at:
                latest = turn
            handoff, turn = handoff + one.every, turn + 1  # type: ignore[operator]
        expected = () if latest is None else (one.people[latest % len(one.people)],)
        assert on_call(schedule(one, zone=zone), at) == expected


@pytest.mark.parametrize(
    ("every", "handoff", "complaint"),
    [
        (timedelta(), "2026-01-01", "1 minute to 366 days"),
        (timedelta(days=367), "2026-01-01", "1 minute to 366 days"),
        (DAY, "2026-01-01T00:00+00:00", "without an offset"),
        (DAY, "0001-01-01", "1970 to 2200"),
    ],
)
def test_a_layer_that_can_not_turn_is_refused(every: timedelta, handoff: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        layer("a", every=every, handoff=handoff)


@pytest.mark.parametrize("count", [0, 13])
def test_months_are_one_to_twelve(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 12"):
        Months(count)


def test_an_override_ends_after_it_starts_and_has_a_zone() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        Override("a", utc("2026-01-01"), utc("2026-01-01"))
    with pytest.raises(ValueError, match="no time zone"):
        Override("a", wall("2026-01-01"), utc("2026-01-02"))
    with pytest.raises(ValueError, match="no time zone"):
        on_call(WEEKLY, wall("2026-01-01"))
