"""Identifiers are valid UUIDs of version 7 and sort by time."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import RANDOM_BITS, uuid7

INSTANTS = st.datetimes(
    min_value=datetime.fromisoformat("1970-01-01"),
    max_value=datetime.fromisoformat("9999-12-30"),
    timezones=st.just(UTC),
)
BITS = st.integers(min_value=0, max_value=2**RANDOM_BITS - 1)
MILLISECOND = timedelta(milliseconds=1)


def test_the_example_of_the_rfc_comes_out_as_printed_there() -> None:
    at = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    bits = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert uuid7(at, bits) == "017f22e279b07cc398c4dc0c0c07398f"


@given(INSTANTS, BITS)
def test_every_identifier_is_a_uuid_of_version_7(at: datetime, bits: int) -> None:
    made = uuid7(at, bits)
    assert made == UUID(made).hex
    assert (UUID(made).version, UUID(made).variant) == (7, RFC_4122)


@given(INSTANTS, INSTANTS, BITS, BITS)
def test_identifiers_sort_by_the_millisecond(one_at: datetime, other_at: datetime, one: int, other: int) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    if (one_at - epoch) // MILLISECOND < (other_at - epoch) // MILLISECOND:
        assert uuid7(one_at, one) < uuid7(other_at, other)


@given(INSTANTS, BITS, BITS)
def test_different_randomness_gives_different_identifiers(at: datetime, one: int, other: int) -> None:
    assert (uuid7(at, one) == uuid7(at, other)) == (one == other)


def test_the_zone_a_time_is_written_in_makes_no_difference() -> None:
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert uuid7(at, 5) == uuid7(at.astimezone(timezone(timedelta(hours=4))), 5)


@pytest.mark.parametrize(
    ("at", "bits", "complaint"),
    [
        (datetime.fromisoformat("2026-01-01"), 0, "no time zone"),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), 0, "before 1970"),
        (datetime(2026, 1, 1, tzinfo=UTC), -1, "74 bits"),
        (datetime(2026, 1, 1, tzinfo=UTC), 2**RANDOM_BITS, "74 bits"),
    ],
)
def test_a_naive_or_ancient_time_or_too_much_randomness_is_refused(at: datetime, bits: int, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        uuid7(at, bits)
