"""A card: a small, neutral message tree that every chat can draw within its own limits."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """The mood of a card. Colour is never the only sign: the title says it too."""

    ALARM = "alarm"
    WORKING = "working"
    CALM = "calm"
    NEUTRAL = "neutral"


class Weight(StrEnum):
    """How much a button draws the eye."""

    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A command behind a label: pressing it is typing `command`. `confirm` is asked first when set.

    `version` is the incident's version that the card was drawn from, so that a stale press is told what changed.
    """

    label: str
    command: str
    weight: Weight = Weight.PLAIN
    confirm: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled value of a card."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Card:
    """A message with structure. `fallback` is the whole of it as one line of text, for push and screen readers."""

    title: str
    fallback: str
    tone: Tone = Tone.NEUTRAL
    fields: tuple[Field, ...] = ()
    body: str = ""
    actions: tuple[Button, ...] = ()
