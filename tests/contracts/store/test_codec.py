"""Effects as JSON: whatever a decision may want comes back as it was."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.effects import (
    Announce,
    AskQuestion,
    CloseRoom,
    DrawCard,
    Effect,
    Invite,
    KeepLink,
    OpenRoom,
    Page,
    PinCard,
    Say,
    SetTopic,
    ShareExport,
    Tell,
)
from bot.domain.message import Message
from storage.codec import from_plain, to_plain
from storage.tables.base import storable, to_json

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
several = st.lists(words).map(tuple)
numbers = st.integers(-(2**63), 2**63 - 1)
messages = st.builds(Message, words, st.dictionaries(words, words | numbers | st.none()))
effects: st.SearchStrategy[Effect] = st.one_of(
    st.builds(OpenRoom),
    st.builds(Invite, several),
    st.builds(DrawCard),
    st.builds(Say, messages, loud=st.booleans(), actions=several, also=st.lists(messages, max_size=2).map(tuple)),
    st.builds(Announce, messages),
    st.builds(Page, words, numbers, numbers, messages),
    st.builds(Tell, words, messages, actions=several),
    st.builds(CloseRoom),
    st.builds(AskQuestion, st.none() | words, st.none() | words),
    st.builds(SetTopic),
    st.builds(KeepLink),
    st.builds(PinCard),
    st.builds(ShareExport, as_json=st.booleans()),
)


@given(effects)
def test_every_effect_comes_back_as_it_was(effect: Effect) -> None:
    assert from_plain(orjson.loads(to_json(to_plain(effect)))) == effect


def test_a_field_that_only_a_newer_release_knows_is_passed_over() -> None:
    assert from_plain({"do": "invite", "people": ["p-omar"], "politely": True}) == Invite(("p-omar",))


def test_an_effect_of_an_unknown_kind_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="sing"):
        from_plain({"do": "sing"})


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())))
def test_any_text_becomes_json_that_a_database_can_hold(value: dict[str, object]) -> None:
    kept = orjson.loads(to_json(value))
    assert "\0" not in repr(kept).encode("utf-8").decode()
    assert orjson.loads(to_json(kept)) == kept


def test_numbers_and_nesting_that_no_database_can_hold_are_kept_as_well_as_can_be() -> None:
    deep: list[object] = []
    for _ in range(900):
        deep = [deep]

    kept = orjson.loads(to_json({"number": 2**70, "is_so": True, "deep": deep, "last": "word"}))

    assert (kept["number"], kept["is_so"], kept["last"]) == (str(2**70), True, "word")
    assert kept["deep"][0][0][0]


@given(words)
def test_text_that_a_database_can_hold_is_left_as_it_is(text: str) -> None:
    assert storable(text) == text
    assert orjson.loads(to_json({"it": text})) == {"it": text}
