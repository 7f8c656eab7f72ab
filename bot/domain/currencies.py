"""Currencies as people write them: the codes of ISO 4217, and the signs that stand for one."""

from typing import Final

_CODES: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
    "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD "
    "TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES: Final = frozenset(_CODES.split())
"""The codes of ISO 4217 for money that people pay with."""

ALSO_WORDS: Final = frozenset({"ALL", "BAM", "BOB", "CUP", "GEL", "LAK", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY"})
"""Codes that are words, too, and so mean money in capital letters alone."""

THREE_DECIMALS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies whose coin is a thousandth."""

SIGNS: Final = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₽": "RUB",
    "₴": "UAH",
    "₦": "NGN",
    "₱": "PHP",
    "฿": "THB",
    "₫": "VND",
    "₸": "KZT",
    "₾": "GEL",
    "₵": "GHS",
    "zł": "PLN",
    "$": "USD",
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "HK$": "HKD",
    "NZ$": "NZD",
    "R$": "BRL",
    "S$": "SGD",
    "د.إ": "AED",
    "د.ا": "JOD",
    "د.أ": "JOD",
    "د.ب": "BHD",
    "د.ت": "TND",
    "د.ج": "DZD",
    "د.ع": "IQD",
    "د.ك": "KWD",
    "د.م": "MAD",
    "ر.س": "SAR",
    "ر.ع": "OMR",
    "ر.ق": "QAR",
    "ر.ي": "YER",
    "ج.م": "EGP",
    "ل.س": "SYP",
    "ل.ل": "LBP",
    "euro": "EUR",
    "euros": "EUR",
    "يورو": "EUR",
}
"""What people write for a currency instead of its code. Where several use one sign, the one that is meant most."""
