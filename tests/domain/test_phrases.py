"""What people type for times is understood in their zone, and nothing else is taken for a time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.phrases import Misread, describe, parse_duration, parse_when, split_when

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DUBAI, LONDON = "Asia/Dubai", "Europe/London"


def local(text: str, zone: str = DUBAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


NOW_AT = local("2026-11-25T12:00")  # A Wednesday.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", 90 * timedelta(seconds=1)),
        ("5m", 5 * MINUTE),
        ("2h30m", 2 * HOUR + 30 * MINUTE),
        ("2h 30m", 2 * HOUR + 30 * MINUTE),
        ("1d", DAY),
        ("2w", 14 * DAY),
        ("5 minutes", 5 * MINUTE),
        ("  1  HOUR ", HOUR),
        ("1 hour and 30 minutes", 90 * MINUTE),
        ("1 day, 2 hrs", 26 * HOUR),
        ("007m", 7 * MINUTE),
        ("1827d", 1827 * DAY),
    ],
)
def test_a_duration_is_understood(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "phrase.duration"),
        ("5", "phrase.duration"),
        ("0m", "phrase.duration"),
        ("-5m", "phrase.duration"),
        ("1.5h", "phrase.duration"),
        ("5 fortnights", "phrase.duration"),
        ("30m 2h", "phrase.duration"),
        ("5m 5m", "phrase.duration"),
        ("5m and", "phrase.duration"),
        ("٥m", "phrase.duration"),
        ("1828d", "phrase.far"),
        ("9" * 90 + "w", "phrase.far"),
        ("9" * 5000 + "w", "phrase.duration"),
    ],
)
def test_what_is_no_duration_is_refused(text: str, key: str) -> None:
    with pytest.raises(Misread) as caught:
        parse_duration(text)
    assert caught.value.key == key
    assert caught.value.fields["text"][:50] == text[:50]
    assert len(caught.value.fields["text"]) <= 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 2h", "2026-11-25T14:00"),
        ("2h", "2026-11-25T14:00"),
        ("IN  2 Hours and 5 minutes", "2026-11-25T14:05"),
        ("tomorrow", "2026-11-26T09:00"),
        ("tomorrow 10:30", "2026-11-26T10:30"),
        ("Tomorrow at 5pm", "2026-11-26T17:00"),
        ("by tomorrow, 17:00", "2026-11-26T17:00"),
        ("today 17:30", "2026-11-25T17:30"),
        ("monday 10:00", "2026-11-30T10:00"),
        ("on Fri", "2026-11-27T09:00"),
        ("wednesday", "2026-12-02T09:00"),
        ("wednesday 12:00", "2026-12-02T12:00"),
        ("wednesday 12:01", "2026-11-25T12:01"),
        ("next week", "2026-11-30T09:00"),
        ("by next week 11:00", "2026-11-30T11:00"),
        ("12:01", "2026-11-25T12:01"),
        ("12:00", "2026-11-26T12:00"),
        ("09:00", "2026-11-26T09:00"),
        ("at 9:00", "2026-11-26T09:00"),
        ("by 5 pm", "2026-11-25T17:00"),
        ("12am", "2026-11-26T00:00"),
        ("12:30pm", "2026-11-25T12:30"),
        ("2026-12-01", "2026-12-01T09:00"),
        ("on 2026-12-01", "2026-12-01T09:00"),
        ("2026-12-01 14:00", "2026-12-01T14:00"),
        ("2026-12-01 at 14:00", "2026-12-01T14:00"),
        ("2026-12-01T14:00", "2026-12-01T14:00"),
        ("on 2026-12-01T14:00:30", "2026-12-01T14:00:30"),
        ("2026-12-01T10:00Z", "2026-12-01T14:00"),
        ("2026-12-01T12:00+02:00", "2026-12-01T14:00"),
        ("2031-11-26", "2031-11-26T09:00"),
    ],
)
def test_a_time_is_understood_in_the_zone_of_the_person(text: str, expected: str) -> None:
    at = parse_when(text, NOW_AT, DUBAI)
    assert at == local(expected)
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "phrase.when"),
        ("soon", "phrase.when"),
        ("in", "phrase.when"),
        ("in tomorrow", "phrase.when"),
        ("0m", "phrase.when"),
        ("by 2h", "phrase.when"),
        ("at monday", "phrase.when"),
        ("on today", "phrase.when"),
        ("on 09:00", "phrase.when"),
        ("on next week", "phrase.when"),
        ("next friday", "phrase.when"),
        ("tomorrow 9", "phrase.when"),
        ("tomorrow 25:00", "phrase.when"),
        ("9:60", "phrase.when"),
        ("13pm", "phrase.when"),
        ("0am", "phrase.when"),
        ("9", "phrase.when"),
        ("2026-02-30", "phrase.when"),
        ("2026-02-30T10:00", "phrase.when"),
        ("tomorrow " * 50, "phrase.when"),
        ("today", "phrase.past"),
        ("today 12:00", "phrase.past"),
        ("2026-11-25", "phrase.past"),
        ("2026-11-25T11:59", "phrase.past"),
        ("0001-01-01", "phrase.past"),
        ("2031-11-27 09:00", "phrase.far"),
        ("9999-12-31 23:59", "phrase.far"),
        ("in 1828d", "phrase.far"),
        ("9" * 90 + "w", "phrase.far"),
    ],
)
def test_what_is_no_time_ahead_is_refused(text: str, key: str) -> None:
    for zone in (DUBAI, "America/New_York"):
        now_at = local("2026-11-25T12:00", zone)
        with pytest.raises(Misread) as caught:
            parse_when(text, now_at, zone)
        assert caught.value.key == key


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        # Summer time ends on 25 October: 01:30 comes at 00:30 and at 01:30 UTC.
        ("tomorrow 01:30", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("01:30", "2026-10-25T00:15", "2026-10-25T00:30"),
        ("01:30", "2026-10-25T00:45", "2026-10-25T01:30"),
        ("01:30", "2026-10-25T01:30", "2026-10-26T01:30"),
        # It begins on 29 March: 01:30 is left out.
        ("tomorrow 01:30", "2026-03-28T12:00", "2026-03-29T01:30"),
        ("in 1d", "2026-03-28T12:00", "2026-03-29T12:00"),
        ("tomorrow 12:00", "2026-03-28T12:00", "2026-03-29T11:00"),
        # The date is the person's: in London it is the 2nd already.
        ("today 01:00", "2026-06-01T23:30", "2026-06-02T00:00"),
    ],
)
def test_a_time_follows_the_clock_on_the_wall(text: str, now: str, expected: str) -> None:
    assert parse_when(text, local(now, "UTC"), LONDON) == local(expected, "UTC")


@pytest.mark.parametrize(
    ("line", "expected", "others"),
    [
        ("in 2h Rotate the key", "2026-11-25T14:00", "Rotate the key"),
        ("in 2 hours and 5 minutes Rotate", "2026-11-25T14:05", "Rotate"),
        ("monday 10:00 Rotate the Key", "2026-11-30T10:00", "Rotate the Key"),
        ("tomorrow", "2026-11-26T09:00", ""),
        ("Rotate the key tomorrow 09:00", "2026-11-26T09:00", "Rotate the key"),
        ("Rotate the key tomorrow", "2026-11-26T09:00", "Rotate the key"),
        ("Rotate the key TODAY 17:30", "2026-11-25T17:30", "Rotate the key"),
        ("Rotate the key on monday at 5 pm", "2026-11-30T17:00", "Rotate the key"),
        ("Rotate by next week", "2026-11-30T09:00", "Rotate"),
        ("Rotate at 15:00", "2026-11-25T15:00", "Rotate"),
        ("Rotate in 3 days", "2026-11-28T12:00", "Rotate"),
        ("Rotate 2026-12-01", "2026-12-01T09:00", "Rotate"),
        ("Rotate 2026-12-01 14:00", "2026-12-01T14:00", "Rotate"),
        ("Rotate 2026-12-01T14:00", "2026-12-01T14:00", "Rotate"),
        ("tomorrow Say what failed on 2026-12-01", "2026-11-26T09:00", "Say what failed on 2026-12-01"),
    ],
)
def test_the_time_is_split_from_the_sentence(line: str, expected: str, others: str) -> None:
    assert split_when(line.split(), NOW_AT, DUBAI) == (local(expected), others.split())


@pytest.mark.parametrize(
    "line",
    [
        "",
        "upgrade to 5m",
        "prepare for monday",
        "raise the limit to 10:00",
        "cut latency by 5m",
        "speak at length",
        "look in tomorrowland",
        "say what failed on 2026-01-01",
        "say what failed today 08:00",
        "finish in 1828d",
    ],
)
def test_a_sentence_without_a_time_stays_whole(line: str) -> None:
    assert split_when(line.split(), NOW_AT, DUBAI) == (None, line.split())


@pytest.mark.parametrize(("line", "key"), [("today 08:00 Rotate", "phrase.past"), ("in 1828d Rotate", "phrase.far")])
def test_a_line_that_begins_with_an_unusable_time_is_refused(line: str, key: str) -> None:
    with pytest.raises(Misread) as caught:
        split_when(line.split(), NOW_AT, DUBAI)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        (timedelta(), "0s"),
        (timedelta(milliseconds=999), "0s"),
        (timedelta(milliseconds=-999), "0s"),
        (45 * timedelta(seconds=1), "45s"),
        (90 * timedelta(seconds=1), "1m 30s"),
        (150 * MINUTE, "2h 30m"),
        (2 * HOUR + timedelta(seconds=59), "2h"),
        (DAY + 5 * MINUTE, "1d"),
        (14 * DAY, "14d"),
        (28 * HOUR, "1d 4h"),
        (-150 * MINUTE, "-2h 30m"),
    ],
)
def test_a_duration_is_written_short(delta: timedelta, expected: str) -> None:
    assert describe(delta) == expected


INSTANTS = st.datetimes(
    min_value=datetime.fromisoformat("2000-01-01"),
    max_value=datetime.fromisoformat("2090-01-01"),
    timezones=st.just(UTC),
)
ZONES = st.sampled_from(["UTC", DUBAI, LONDON, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
WORDS = st.sampled_from(
    [
        "in",
        "on",
        "by",
        "at",
        "today",
        "tomorrow",
        "next",
        "week",
        "monday",
        "2h",
        "5",
        "minutes",
        "09:00",
        "5pm",
        "2031-02-03",
        "2031-02-03T10:00",
        "and",
        "Rotate",
    ]
)


@given(st.integers(1, 23), st.integers(0, 59))
def test_what_is_written_short_is_read_back(hours: int, minutes: int) -> None:
    delta = hours * HOUR + minutes * MINUTE
    assert parse_duration(describe(delta)) == delta


@given(st.lists(WORDS, max_size=6), INSTANTS, ZONES)
def test_a_time_that_is_understood_is_ahead_by_at_most_five_years(
    words: list[str], now_at: datetime, zone: str
) -> None:
    try:
        at = parse_when(" ".join(words), now_at, zone)
    except Misread as misread:
        assert misread.key in {"phrase.when", "phrase.past", "phrase.far"}  # noqa: PT017 (either outcome is right)
    else:
        assert now_at < at <= now_at + 1828 * DAY


@given(st.lists(WORDS, max_size=12), INSTANTS, ZONES)
def test_splitting_loses_no_word(words: list[str], now_at: datetime, zone: str) -> None:
    try:
        at, others = split_when(words, now_at, zone)
    except Misread:
        return
    if at is None:
        assert others == words
    else:
        assert len(others) < len(words)
        assert others in (words[len(words) - len(others) :], words[: len(others)])


@given(st.text(max_size=120), INSTANTS, ZONES)
def test_no_text_breaks_the_reading(text: str, now_at: datetime, zone: str) -> None:
    for read in (lambda: parse_when(text, now_at, zone), lambda: parse_duration(text)):
        try:
            read()
        except Misread as misread:
            assert misread.key.startswith("phrase.")  # noqa: PT017 (either outcome is right)


@given(INSTANTS, ZONES, st.times())
def test_a_time_alone_is_the_next_one_on_the_clock(now_at: datetime, zone: str, at_time: object) -> None:
    at = parse_when(f"{at_time:%H:%M}", now_at, zone)
    # Two days and a gap: Samoa once left out a whole day.
    assert now_at < at <= now_at + 2 * DAY + HOUR
