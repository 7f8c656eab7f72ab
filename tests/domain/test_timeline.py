"""Actors, as they are stored and read back."""

import pytest

from bot.domain.timeline import Actor


@pytest.mark.parametrize(
    ("actor", "text"),
    [
        (Actor(person="p-amira"), "person:p-amira"),
        (Actor(part="source:prom"), "tocsin:source:prom"),
        (Actor(part="timer"), "tocsin:timer"),
    ],
)
def test_an_actor_survives_being_written_down(actor: Actor, text: str) -> None:
    assert str(actor) == text
    assert Actor.parse(text) == actor
