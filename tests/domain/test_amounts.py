"""Amounts as people write them: whatever the order, the separators, the script; and what they were understood as."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.amounts import amounts, said
from bot.domain.currencies import ALSO_WORDS, CURRENCIES, SIGNS, THREE_DECIMALS

DIGITS = st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])
COUNTED = st.sampled_from(["customers", "GB", "عميل", "%"])
CODES = st.sampled_from(sorted(CURRENCIES))
SCALES = {"": 1, "k": 10**3, " million": 10**6, "bn": 10**9, " ألف": 10**3}


def understood(text: str) -> list[str]:
    return [said(amount) for amount in amounts(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("€5000", "5,000 EUR"),
        ("500€", "500 EUR"),
        ("500 €", "500 EUR"),
        ("USD 40000", "40,000 USD"),
        ("USD40000", "40,000 USD"),
        ("40000 usd", "40,000 USD"),
        ("AED 12,500", "12,500 AED"),
        ("US$ 1.5m", "1,500,000 USD"),
        ("$5K", "5,000 USD"),
        ("$500 CAD", "500 CAD"),
        ("500 euros", "500 EUR"),
        ("5 Mio. €", "5,000,000 EUR"),
        ("€5m", "5,000,000 EUR"),
        ("د.إ 500", "500 AED"),
        ("٥٠٠ د.إ", "500 AED"),
        ("500\u200f د.إ.", "500 AED"),
        ("١٢٬٥٠٠٫٥ ر.س", "12,500.5 SAR"),
        ("ألف 5 آلاف درهم", "5,000 درهم"),
        ("5.000,50 €", "5,000.5 EUR"),
        ("5,000.50 GBP", "5,000.5 GBP"),
        ("1.500 €", "1,500 EUR"),
        ("KWD 1.500", "1.5 KWD"),
        ("1.250m USD", "1,250,000 USD"),
        ("12'500 CHF", "12,500 CHF"),
        ("12 500 customers", "12,500 customers"),
        ("1,00,000 rupees", "100,000 rupees"),
        ("1.2.3 customers", None),
        ("1.200.00 €", None),
        ("1,23 customers", "1.23 customers"),
        ("1.234,567.8 customers", None),
        ("0,125 s", "0.125 s"),
        ("0.125 s", "0.125 s"),
        ("1.125 s", "1.125 s"),
        ("1,125 s", "1,125 s"),
        ("1200", "1,200"),
        ("5k", "5,000"),
        ("1.2m", "1,200,000"),
        ("5k users", "5,000 users"),
        ("1.2m of our users", "1,200,000 users"),
        ("5m customers", "5,000,000 customers"),
        ("for 40m", "40 minutes"),
        ("40m of downtime", "40 minutes"),
        ("500 of our customers", "500 customers"),
        ("3,5 %", "3.5%"),
        ("٣٫٥٪", "3.5%"),
        ("1200 in all", "1,200"),
        ("TRY 500", "500 TRY"),
        ("try 500 requests", "500 requests"),
        ("all 500 pens", "500 pens"),
        ("H100 nodes", None),
        ("INC-12 again", None),
        ("2026-01-06 from 14:00 to 15:30 UTC", None),
        ("https://wiki.example/500/pages", None),
        ("9" * 19 + " customers", None),
        ("many customers", None),
    ],
)
def test_an_amount_is_understood_as_it_was_meant(text: str, expected: str | None) -> None:
    assert understood(text) == ([expected] if expected is not None else [])


def test_several_amounts_are_each_understood() -> None:
    text = "1,200 customers for 2h 30m, $40k; USD 500 EUR 600, 5–10 teams"
    assert understood(text) == [
        "1,200 customers",
        "2 h",
        "30 minutes",
        "40,000 USD",
        "500 USD",
        "600 EUR",
        "5",
        "10 teams",
    ]
    assert [amount.written for amount in amounts("lost €5k of 1200 customers")] == ["€5k", "1200 customers"]


@given(
    value=st.integers(0, 10**12), digits=DIGITS, unit=COUNTED, mark=st.sampled_from(["", ",", "\u066c", "'", "\u00a0"])
)
def test_a_whole_number_is_itself_in_every_script_and_grouping(value: int, digits: str, unit: str, mark: str) -> None:
    text = f"{value:,}".translate(str.maketrans("0123456789,", digits + (mark or "\x00"))).replace("\x00", "")
    [amount] = amounts(f"about {text} {unit}, they say")
    assert (amount.value, amount.unit, amount.is_money) == (Decimal(value), unit, False)


@given(
    cents=st.integers(0, 10**9),
    scale=st.sampled_from(sorted(SCALES)),
    code=CODES,
    is_before=st.booleans(),
    gap=st.booleans(),
)
def test_money_is_the_same_with_its_currency_before_or_after(
    cents: int, scale: str, code: str, is_before: bool, gap: bool
) -> None:
    number = f"{Decimal(cents) / 100:,.2f}{scale}"
    space = " " if gap or not is_before else ""
    [amount] = amounts(f"{code}{space}{number}" if is_before else f"{number}{space}{code}")
    assert (amount.value, amount.unit) == (Decimal(cents) / 100 * SCALES[scale], code)
    assert amount.is_money


@given(sign=st.sampled_from(sorted(SIGNS)), value=st.integers(1, 999), is_before=st.booleans())
def test_a_sign_stands_for_its_currency(sign: str, value: int, is_before: bool) -> None:
    [amount] = amounts(f"{sign} {value}" if is_before else f"{value} {sign}")
    assert (amount.value, amount.unit, amount.is_money) == (Decimal(value), SIGNS[sign], True)


@given(
    text=st.text(alphabet="0123456789.,'٫٬٣kmMEURUSD$€د.إ %-–:/ofa \u200f\u00a0", max_size=60) | st.text(max_size=60)
)
def test_whatever_is_written_what_is_found_was_written_and_reads_the_same_again(text: str) -> None:
    for amount in amounts(text):
        assert amount.value >= 0
        assert set(amount.plain) <= set("0123456789.")
        assert not amount.is_money or amount.unit in CURRENCIES
        if amount.is_money and "." not in amount.plain:
            [again] = amounts(said(amount))
            assert (again.value, again.unit) == (amount.value, amount.unit)


def test_the_codes_agree_with_one_another() -> None:
    assert {*SIGNS.values(), *ALSO_WORDS, *THREE_DECIMALS} <= CURRENCIES
    assert all(len(code) == 3 for code in CURRENCIES)
