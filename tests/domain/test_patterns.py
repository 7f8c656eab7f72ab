"""Patterns that could be slow are refused; ordinary ones are not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.patterns import LONGEST_PATTERN, UnsafePattern, compile_pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "critical|error",
        "(critical|error)-(eu|us|me)",
        ".*",
        ".*gpu.*",
        ".*gpu.*node.*",
        "gpu-[0-9]+",
        "[a-z]+-[a-z]+-[a-z]+-[0-9]+",
        r"(\d{1,3}\.){3}\d{1,3}",
        r"([a-z0-9-]+\.)+example\.com",
        "(?i)prod(uction)?",
        "(?i:prod)-(?P<zone>eu|us)",
        "(ab)+c",
        "a{2}b{,3}c{4,}",
        "a{}b{x}",
        "a*?b",
        r"\x41\u0042\n\012\.\\[\]^-][^]a]",
        r"\bprod\b|^x$",
        "عطل.*",
        "|".join(f"service-{number}" for number in range(30)),
    ],
)
def test_an_ordinary_pattern_is_compiled(pattern: str) -> None:
    assert compile_pattern(pattern).pattern == pattern


@pytest.mark.parametrize(
    ("pattern", "complaint", "position"),
    [
        ("(a+)+", "itself varies", 4),
        ("(a*)*b", "itself varies", 4),
        ("(a|a)*b", "itself varies", 5),
        ("x(?:a?){30}", "itself varies", 7),
        ("((ab)+c)+", "itself varies", 8),
        ("((){1000}){1000}", "itself varies", 10),
        (r"(\x2d+-)+", "itself varies", 8),
        (r"([a-z]+[b-]x)+", "itself varies", 13),
        ("(?i)(a+A)+", "itself varies", 9),
        (".*a.*b.*c", "too many open repeats", 0),
        ("a?" * 30 + "a" * 30, "too many open repeats", 0),
        ("(a|a)" * 30 + "b", "too many open repeats", 0),
        (".*a.*[a-z]+-x", "too many open repeats", 0),
        (".*a.*b.{0,9}", "too many open repeats", 0),
        ("a)" + ".*a" * 3, "too many open repeats", 0),
        ("a++", "repeats a repeat", 1),
        ("a{2}{3}", "repeats a repeat", 1),
        ("(?=a)b", "not supported", 0),
        ("(?P=name)", "not supported", 0),
        (r"(a)\1", "refers back", 3),
        ("(" * 21 + "a" + ")" * 21, "20 deep", 20),
        ("a" * (LONGEST_PATTERN + 1), "longer than 500", LONGEST_PATTERN),
        ("a(b", "isn't a regular expression", 1),
        ("ab)", "isn't a regular expression", 2),
        ("[a", "isn't a regular expression", 0),
        ("[a+b", "isn't a regular expression", 0),
        ("a\\", "isn't a regular expression", 1),
        ("*a", "isn't a regular expression", 0),
        ("a{3,2}", "isn't a regular expression", 2),
        ("[[:alpha:]]", "isn't supported", 0),
        ("[[:alpha:]]+x", "isn't supported", 0),
        ("a{99999999999}", "isn't supported", 0),
        (r"\q*a", "isn't a regular expression", 0),
    ],
)
def test_a_slow_or_broken_pattern_is_refused_and_says_why(pattern: str, complaint: str, position: int) -> None:
    with pytest.raises(UnsafePattern, match=complaint) as caught:
        compile_pattern(pattern)
    assert caught.value.position == position


@given(st.text(alphabet="ab.-[]()|*+?{},1\\^$:Pis<>", max_size=20))
def test_any_text_is_either_compiled_or_refused(pattern: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except UnsafePattern:
        return
    # Were the pattern slow, this would never end.
    compiled.fullmatch("ab-" * 300)


@given(st.text(max_size=80))
def test_escaped_text_is_always_a_safe_pattern(text: str) -> None:
    assert compile_pattern(re.escape(text)).fullmatch(text)
