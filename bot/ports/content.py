"""How the content of a built-in room's message is kept as JSON: a text, a card, or a file.

It stands beside the ports because two sides that are blind to each other need it: the chat that writes the messages
and the pages that draw them.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.ports.chat import Content

Named = TypeVar("Named", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a room; `alt` describes a picture for those who can't see it."""

    name: str
    body: bytes
    alt: str = ""


def to_json(content: Content | Attachment) -> dict[str, Any]:
    """Return the content as plain JSON values; `from_json` gives back an equal content."""
    if isinstance(content, str):
        return {"text": content}
    if isinstance(content, Attachment):
        body = base64.b64encode(content.body).decode("ascii")
        return {"file": {"name": content.name, "alt": content.alt, "body": body}}
    return {
        "card": {
            "title": content.title,
            "fallback": content.fallback,
            "tone": content.tone.value,
            "fields": [[field.label, field.value] for field in content.fields],
            "body": content.body,
            "actions": [_button_to_json(button) for button in content.actions],
        }
    }


def from_json(kept: Mapping[str, Any]) -> Content | Attachment:
    """Read what `to_json` wrote, also what a newer release wrote: a mood or weight unknown here becomes the plain one.

    Raises `ValueError` for what is no content at all.
    """
    match kept:
        case {"text": str(text)}:
            return text
        case {"card": {"title": str(), "fallback": str()} as card}:
            return _card_from_json(card)
        case {"file": {"name": str(name), "body": str(body), **rest}}:
            try:
                return Attachment(name, base64.b64decode(body, validate=True), str(rest.get("alt", "")))
            except binascii.Error as error:
                raise ValueError(f"the file {name!r} is not in base64") from error
        case _:
            raise ValueError(f"this is neither a text, a card nor a file: it holds {sorted(kept)}")


def _card_from_json(kept: Mapping[str, Any]) -> Card:
    return Card(
        title=kept["title"],
        fallback=kept["fallback"],
        tone=_named(Tone, kept.get("tone"), Tone.NEUTRAL),
        fields=tuple(Field(str(label), str(value)) for label, value in kept.get("fields", ())),
        body=str(kept.get("body", "")),
        actions=tuple(_button_from_json(button) for button in kept.get("actions", ())),
    )


def _button_to_json(button: Button) -> dict[str, Any]:
    return {
        "label": button.label,
        "command": button.command,
        "weight": button.weight.value,
        "confirm": button.confirm,
        "version": button.version,
    }


def _button_from_json(kept: Mapping[str, Any]) -> Button:
    version = kept.get("version")
    confirm = kept.get("confirm")
    return Button(
        label=str(kept["label"]),
        command=str(kept["command"]),
        weight=_named(Weight, kept.get("weight"), Weight.PLAIN),
        confirm=None if confirm is None else str(confirm),
        version=None if version is None else int(version),
    )


def _named(kind: type[Named], value: object, otherwise: Named) -> Named:
    try:
        return kind(str(value))
    except ValueError:
        return otherwise
