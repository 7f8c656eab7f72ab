"""Matchers read Alertmanager's syntax and mean what they mean there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.matchers import Matcher, MatcherError, Op, matches_all, parse_matchers

LABELS = {"team": "ml", "severity": "critical", "note": "line one\nline two", "empty": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("{}", []),
        ('team="ml"', [("team", "=", "ml")]),
        (
            'team="ml", severity=~"critical|error"',
            [("team", "=", "ml"), ("severity", "=~", "critical|error")],
        ),
        (' { team = "ml" , severity !~ "info" , } ', [("team", "=", "ml"), ("severity", "!~", "info")]),
        ("team=ml,severity!=info", [("team", "=", "ml"), ("severity", "!=", "info")]),
        ("note = two words , x=", [("note", "=", "two words"), ("x", "=", "")]),
        (r'a="say \"hi\"\n\\ \d"', [("a", "=", 'say "hi"\n\\ \\d')]),
        (r'a=~"gpu\.[0-9]+"', [("a", "=~", r"gpu\.[0-9]+")]),
        (r"a=\"x\" b", [("a", "=", '"x" b')]),
        ("a=x\\", [("a", "=", "x\\")]),
        ('a="x,y}"', [("a", "=", "x,y}")]),
        ("{a=x}y}", [("a", "=", "x}y")]),
        ("kubernetes.io/app-name=web", [("kubernetes.io/app-name", "=", "web")]),
        ('a="عطل"', [("a", "=", "عطل")]),
    ],
)
def test_matchers_are_read_as_alertmanager_reads_them(text: str, expected: list[tuple[str, Op, str]]) -> None:
    assert parse_matchers(text) == tuple(Matcher(*parts) for parts in expected)


@pytest.mark.parametrize(
    ("text", "complaint", "position"),
    [
        ("{a=b", "never closed", 0),
        ("{", "never closed", 0),
        ("a", "one of =, !=, =~, !~", 1),
        ("a>1", "one of =, !=, =~, !~", 1),
        ("a==b", "'==' is not an operator", 1),
        ("=b", "label name", 0),
        ("1a=b", "label name", 0),
        ("a=b,,c=d", "label name", 4),
        (",", "label name", 0),
        ('a="b', "never closed", 2),
        ('a="b" c="d"', "comma is missing", 6),
        ('a=b"c', "must stand in quotes", 2),
        ('x=1, a=~"(b+)+"', "a: the pattern repeats", 8),
        ('a!~"("', "a: the pattern isn't", 3),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_place(text: str, complaint: str, position: int) -> None:
    with pytest.raises(MatcherError, match=complaint) as caught:
        parse_matchers(text)
    assert caught.value.position == position
    assert str(caught.value).endswith(f"(at character {position + 1})")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("team=ml", True),
        ("team=web", False),
        ("team!=web", True),
        ("team!=ml", False),
        ("severity=~critical|error", True),
        ("severity=~crit", False),
        ("severity=~crit.*", True),
        ("severity!~crit", True),
        ("severity!~crit.*", False),
        ('note=~"line.*two"', True),
        ("missing=", True),
        ("missing!=", False),
        ("missing=~.+", False),
        ("missing=~.*", True),
        ("missing!~.+", True),
        ("empty=", True),
        ("TEAM=ml", False),
    ],
)
def test_a_matcher_compares_the_whole_value_and_takes_a_missing_label_for_empty(text: str, expected: bool) -> None:
    (matcher,) = parse_matchers(text)
    assert matcher.matches(LABELS) is expected


def test_all_matchers_have_to_be_satisfied() -> None:
    assert matches_all(parse_matchers("team=ml,severity=critical"), LABELS)
    assert not matches_all(parse_matchers("team=ml,severity=info"), LABELS)
    assert matches_all((), LABELS)


def test_a_pattern_looks_at_the_first_thousand_characters() -> None:
    labels = {"a": "x" * 1000 + "y"}
    assert Matcher("a", "=~", "x+").matches(labels)
    assert not Matcher("a", "!~", "x+").matches(labels)
    assert not Matcher("a", "=", "x" * 1000).matches(labels)


def test_a_matcher_made_by_hand_is_checked_too() -> None:
    with pytest.raises(MatcherError, match="itself varies"):
        Matcher("a", "=~", "(a|b)+")


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_./-]{0,5}", fullmatch=True)
TEXTS = st.text(alphabet='ab\\"n\n,{}=~ é', max_size=8)


@given(st.lists(st.builds(Matcher, NAMES, st.sampled_from(["=", "!="]), TEXTS), max_size=4), st.booleans())
def test_what_is_written_out_is_read_back(matchers: list[Matcher], braces: bool) -> None:
    text = ", ".join(map(str, matchers))
    assert parse_matchers("{" + text + "}" if braces else text) == tuple(matchers)


@given(st.text(alphabet='ab=!~",{}\\ \n(+', max_size=20))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        matchers = parse_matchers(text)
    except MatcherError:
        return
    assert parse_matchers(", ".join(map(str, matchers))) == matchers


@given(NAMES, TEXTS, st.dictionaries(NAMES, TEXTS))
def test_unequal_is_the_opposite_of_equal(name: str, value: str, labels: dict[str, str]) -> None:
    assert Matcher(name, "=", value).matches(labels) != Matcher(name, "!=", value).matches(labels)
