"""The small language of the catalogue's sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wording.sentence import template


@pytest.mark.parametrize(
    ("sentence", "fields", "said"),
    [
        ("{who} has it.", {"who": "amira"}, "amira has it."),
        ("Braces: {{who}}, brackets: [[who]], a bar: |", {}, "Braces: {who}, brackets: [who], a bar: |"),
        ("It is over[: {why}].", {"why": "rolled back"}, "It is over: rolled back."),
        ("It is over[: {why}].", {"why": ""}, "It is over."),
        ("It is over[: {why}].", {}, "It is over."),
        ("[{a} and {b}|not both]", {"a": "1", "b": "2"}, "1 and 2"),
        ("[{a} and {b}|not both]", {"a": "1"}, "not both"),
        ("[{a}|nobody, says {by}]", {"by": "omar"}, "nobody, says omar"),
        ("{who} has it.", {}, "– has it."),
    ],
)
def test_a_sentence_is_filled_without_leaving_holes(sentence: str, fields: dict[str, str], said: str) -> None:
    assert template(sentence).fill(fields) == said


def test_a_field_that_says_nothing_leaves_its_clause_out_but_shows_elsewhere() -> None:
    sentence = template("{count} alerts[, {count} of them loud]")

    assert sentence.fill({"count": "0"}, nothing={"count"}) == "0 alerts"


@pytest.mark.parametrize(
    ("sentence", "complaint"),
    [
        ("a [b [c]]", "inside another"),
        ("a [b", "never closed"),
        ("a ] b", "never began"),
        ("a { b", "brace"),
        ("a {b.c} d", "brace"),
        ("a {} b", "brace"),
        ("{b!r}", "brace"),
    ],
)
def test_a_sentence_that_cannot_be_read_says_why(sentence: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        template(sentence)


def test_a_sentence_knows_what_it_needs_and_what_it_can_show() -> None:
    read = template("{a} [{b}|{c}] {d}")

    assert read.required == {"a", "d"}
    assert read.names == {"a", "b", "c", "d"}


@given(st.text())
def test_what_fills_a_sentence_is_never_read_as_one(text: str) -> None:
    assert template("<{text}>[{text}]").fill({"text": text}) == f"<{text or '–'}>{text}"
