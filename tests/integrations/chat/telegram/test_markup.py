"""Whatever a text says, Telegram takes it, and shows it as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.chat.telegram.markup import Run, bold, fit, parts, shorten, to_html, units
from tests.fakes.telegram.markup import read
from tests.fakes.telegram.markup import units as read_units

ANYTHING = st.text(st.characters(codec=None), max_size=300)


@given(
    st.lists(st.builds(Run, ANYTHING, st.sampled_from(["", "b", "blockquote expandable"]), ANYTHING)),
    st.integers(1, 400),
)
def test_any_runs_are_read_and_fit(runs: list[Run], limit: int) -> None:
    html = to_html(fit(runs, limit))

    assert read_units(read(html)) <= limit
    assert "\x00" not in html


@given(ANYTHING, st.integers(1, 40))
def test_any_text_in_parts_fits_and_loses_no_word_but_at_its_end(text: str, limit: int) -> None:
    found = parts(text, limit, most=5)

    assert len(found) <= 5
    assert all(0 < units(part) <= limit for part in found)


@pytest.mark.parametrize("text", ["<b>", "&lt;", "</b><i>", "<script>alert(1)</script>", "a < b & c > d", '"quoted"'])
def test_markup_is_shown_as_it_is(text: str) -> None:
    assert "".join(part.text for part in read(to_html([bold(text)]))) == text


def test_a_text_calls_nobody() -> None:
    (run,) = fit([Run("ask @everyone, or amira@acme.example")])

    assert run.text == "ask @\u2060everyone, or amira@acme.example"


def test_letters_outside_the_basic_plane_count_twice() -> None:
    assert units(shorten("😀" * 100, 21)) <= 21
    assert units("😀") == 2
