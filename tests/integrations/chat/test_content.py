"""What a built-in room keeps comes back as it went in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.ports.content import Attachment, from_json, to_json

buttons = st.builds(
    Button, st.text(), st.text(), st.sampled_from(Weight), st.none() | st.text(), st.none() | st.integers(0)
)
cards = st.builds(
    Card,
    st.text(),
    st.text(),
    st.sampled_from(Tone),
    st.lists(st.builds(Field, st.text(), st.text())).map(tuple),
    st.text(),
    st.lists(buttons).map(tuple),
)
files = st.builds(Attachment, st.text(), st.binary(), st.text())


@given(st.text() | cards | files)
def test_every_content_survives_being_kept_as_json(content: str | Card | Attachment) -> None:
    assert from_json(json.loads(json.dumps(to_json(content)))) == content


def test_a_card_of_a_newer_release_is_shown_without_what_is_not_known_here() -> None:
    kept: dict[str, Any] = {
        "card": {
            "title": "t",
            "fallback": "f",
            "tone": "festive",
            "actions": [{"label": "l", "command": "ack", "weight": "enormous"}],
        }
    }
    assert from_json(kept) == Card("t", "f", actions=(Button("l", "ack"),))


@pytest.mark.parametrize("kept", [{}, {"text": 5}, {"card": {}}, {"file": {"name": "x", "body": "&"}}, {"video": 1}])
def test_what_is_no_content_is_an_error_and_not_a_guess(kept: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"neither a text|not in base64"):
        from_json(kept)
