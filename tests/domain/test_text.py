"""Text is made safe, short and nameable without losing what it says."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import clean, clip, nearest, slug

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=[]))
LIMITS = st.integers(min_value=1, max_value=40)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("GPU node down!", 80, "gpu-node-down"),
        ("  --Déjà  vu--  ", 80, "deja-vu"),
        ("Straße №5", 80, "strasse-no5"),
        ("عطل في البوابة", 80, "incident"),
        ("", 80, "incident"),
        ("", 3, "inc"),
        ("one two", 4, "one"),
        ("one two", 5, "one-t"),
        ("عطل API", 80, "api"),
    ],
)
def test_a_slug_is_what_is_left_in_plain_letters(text: str, limit: int, expected: str) -> None:
    assert slug(text, limit) == expected


@given(ANY_TEXT, LIMITS)
def test_a_slug_is_always_a_usable_room_name(text: str, limit: int) -> None:
    made = slug(text, limit)
    assert 1 <= len(made) <= limit
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert slug(made, limit) == made


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("two words", 5, "two…"),
        ("x", 1, "x"),
        ("xy", 1, "…"),
        ("ae\u0301b", 3, "a…"),
        ("a👍🏽b", 3, "a…"),
        ("a👩\u200d💻b", 3, "a…"),
        ("a👩\u200d💻b", 4, "a…"),
        ("a\ud83d\ude00b", 3, "a…"),
        ("e" + "\u0301" * 100, 50, "e" + "\u0301" * 48 + "…"),
        ("\u0301\u0301\u0301", 2, "\u0301…"),
    ],
)
def test_clipping_keeps_characters_whole(text: str, limit: int, expected: str) -> None:
    assert clip(text, limit) == expected


@given(ANY_TEXT, LIMITS)
def test_clipped_text_fits_and_says_that_it_was_cut(text: str, limit: int) -> None:
    short = clip(text, limit)
    assert len(short) <= limit
    if short != text:
        assert len(text) > limit
        assert short.endswith("…")
        assert text.startswith(short[:-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1b[31mc\x7fd\x85e", "ab[31mcde"),
        ("one\r\n\ttwo", "one\n\ttwo"),
        ("\u202egnp.exe\u2066x\u2069", "gnp.exex"),
        ("\ud800 and \udc00", "\ufffd and \ufffd"),
        ("\ud83d\ude00", "😀"),
        ("مرحبا שלום", "مرحبا שלום"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_cleaning_drops_what_breaks_or_disguises(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_stays_clean(text: str) -> None:
    tidy = clean(text)
    tidy.encode("utf-8")
    assert clean(tidy) == tidy
    assert all(char in "\n\t" or unicodedata.category(char) != "Cc" for char in tidy)
    assert not set(tidy) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"])))
def test_cleaning_leaves_letters_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("reslove", "resolve"),
        ("ACKK", "Ack"),
        ("ack", "Ack"),
        ("banana", None),
        ("", None),
        ("resolve" * 100_000, None),
    ],
)
def test_the_nearest_word_is_offered_when_there_is_one(word: str, expected: str | None) -> None:
    assert nearest(word, ["Ack", "ACK", "resolve", "severity"]) == expected


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_leaves_no_room_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        clip("text", limit)
    with pytest.raises(ValueError, match="limit"):
        slug("text", limit)
