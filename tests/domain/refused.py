"""What is said when the rules say no."""

from collections.abc import Callable, Mapping

import pytest

from bot.domain.actions import Action
from bot.domain.incident import Incident
from bot.domain.refusal import Refusal, Value
from bot.domain.timeline import Actor
from tests.builders import AMIRA, decided


def refused(incident: Incident, action: Action, actor: Actor = AMIRA) -> tuple[str, Mapping[str, Value]]:
    """Return the key and the fields of the refusal that the action meets."""
    with pytest.raises(Refusal) as met:
        decided(incident, action, actor)
    return met.value.key, met.value.fields


def refusal_of(call: Callable[..., object], *arguments: object) -> Refusal:
    """Return the refusal that a call of the rules meets."""
    with pytest.raises(Refusal) as met:
        call(*arguments)
    return met.value
