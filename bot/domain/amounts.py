"""The amounts in what people write: a number with what it counts, or money in the currency that they named."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.domain.currencies import ALSO_WORDS, CURRENCIES, SIGNS, THREE_DECIMALS

_SCALES: Final = {
    **dict.fromkeys(("k", "thousand", "ألف", "آلاف"), 10**3),
    **dict.fromkeys(("m", "mn", "mio", "mio.", "million", "millions", "مليون", "ملايين"), 10**6),
    **dict.fromkeys(("b", "bn", "billion", "billions", "مليار"), 10**9),
}
_PASSED_OVER: Final = (
    "a about across after and are as at because before between by during each every for from has have if in is "
    "lost off on or over per since so than that then to until utc was we were when where which while with"
)
_NO_UNIT: Final = frozenset(_PASSED_OVER.split())
"""What may follow on a number without being what it counts."""

_LASTING: Final = frozenset({"delay", "downtime", "late", "long", "outage"})
"""What is measured in minutes, so that the m before it is no million."""

_MOST_DIGITS: Final = 18

_NO_AMOUNT: Final = re.compile(
    r"https?://\S+|\b[^\W\d_]\w{0,19}-\d+|\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:utc|z)\b)?", re.IGNORECASE
)
"""Links, references, dates and times: they have numbers in them that count nothing."""


def _one_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


# Spaces, and the marks without width that right-to-left text has beside its numbers.
_SPACE: Final = r"[\s\u200e\u200f\u061c]*"
_CODE: Final = rf"(?:{_one_of(CURRENCIES - ALSO_WORDS)}|(?-i:{_one_of(ALSO_WORDS)}))(?![^\W\d_])"
_WORDS: Final = [sign for sign in SIGNS if sign[-1].isalpha()]
_SIGN: Final = rf"(?:{_one_of(SIGNS.keys() - set(_WORDS))}|(?:{_one_of(_WORDS)})\.?(?![^\W\d_]))"
_AMOUNT: Final = re.compile(
    # A number is no part of a word such as H100, nor of a longer number; it is read once, however long it is.
    rf"(?<![\w.,'’\u066b\u066c])(?:(?:(?P<code>{_CODE})|(?P<sign>{_SIGN})){_SPACE})?"
    r"(?P<number>(?>\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d)(?:[.,\u066b]\d+)?|\d+(?:[.,'’\u066b\u066c]\d+)*))"
    rf"(?:{_SPACE}(?P<scale>{_one_of(_SCALES)})(?!\w))?"
    # Money that has its code counts nothing else; a sign may be told apart by a code, as in $500 CAD.
    rf"(?(code)|(?(sign)(?:{_SPACE}(?P<which>{_CODE}))?"
    rf"|(?:{_SPACE}(?:(?P<money>{_CODE}|{_SIGN})|(?P<unit>[%‰٪]|(?:(?:of|our|the|all)\b\s*)*[^\W\d_][\w'’-]*)))?))",
    re.IGNORECASE,
)
_FILLERS: Final = re.compile(r"(?:(?:of|our|the|all)\b\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, `written` as somebody wrote it.

    `unit` is an ISO 4217 code where `is_money`, and "" where the number stands alone.
    """

    written: str
    value: Decimal
    unit: str
    is_money: bool = False

    @property
    def plain(self) -> str:
        """The number in ASCII digits, without separators."""
        return f"{self.value:f}"


def amounts(text: str) -> tuple[Amount, ...]:
    """Return the amounts in a text, in its order, also numbers that stand alone.

    `m` is a million beside money and before what can be counted, else minutes: `5m USD`, `5m customers`, `for 5m`. A
    number such as 1.500 is a thousand and a half where it is money, whose coins have no three digits.
    """
    return tuple(_found(_NO_AMOUNT.sub(" ; ", text)))


def said(amount: Amount) -> str:
    """Return an amount as it was understood: `5,000 EUR`, `1,200 customers`, `3.5%`."""
    number = f"{amount.value:,f}"
    return f"{number}{amount.unit}" if amount.unit in {"", "%"} else f"{number} {amount.unit}"


def _found(text: str) -> Iterator[Amount]:
    for found in _AMOUNT.finditer(text):
        currency = _currency(found["code"] or found["which"] or found["money"] or found["sign"])
        unit = currency or _unit(found["unit"] or "")
        scale = (found["scale"] or "").casefold()
        if scale == "m" and not currency and found["number"].isdigit() and unit in {"", *_LASTING}:
            scale, unit = "", "minutes"
        value = _value(found["number"], currency, scale)
        if value is not None:
            yield Amount(found[0].strip(), value, unit, bool(currency))


def _currency(written: str | None) -> str:
    word = (written or "").casefold().rstrip(".")
    return SIGNS.get(word) or SIGNS.get(word.upper()) or word.upper()


def _unit(written: str) -> str:
    unit = _FILLERS.sub("", written).replace("٪", "%")
    return "" if unit.casefold() in _NO_UNIT else unit


def _value(written: str, currency: str, scale: str) -> Decimal | None:
    """Return the number; None: its separators make no sense, or nobody counts so far."""
    tidy = re.sub(r"[ \u00a0\u2009\u202f'’\u066c]", "", written)
    whole, fraction = _halves(tidy, is_money=bool(currency) and currency not in THREE_DECIMALS and not scale)
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (len(groups[-1]) != 3 or not all(len(group) in {2, 3} for group in groups[1:])):
        return None
    digits = "".join(groups)
    if len(digits) + len(fraction) > _MOST_DIGITS or len(set(re.findall(r"[.,]", whole))) > 1:
        return None
    number = Decimal(f"{digits}.{fraction}" if fraction else digits) * _SCALES.get(scale, 1)
    return number.normalize() if number else Decimal(0)


def _halves(tidy: str, *, is_money: bool) -> tuple[str, str]:
    """Return what stands before and behind the decimal mark; a single mark before three digits may be none."""
    if "\u066b" in tidy:
        whole, _, fraction = tidy.partition("\u066b")
        return whole, fraction
    last = max(tidy.rfind("."), tidy.rfind(","))
    if last < 0:
        return tidy, ""
    mark, whole, fraction = tidy[last], tidy[:last], tidy[last + 1 :]
    is_thousand = len(fraction) == 3 and len(whole) < 4 and whole.isdigit() and int(whole) > 0
    if mark in whole or (is_thousand and (mark == "," or is_money)):
        return tidy, ""
    return whole, fraction
