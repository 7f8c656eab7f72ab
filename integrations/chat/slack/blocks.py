"""Draws what Tocsin says as Block Kit, within all of Slack's limits, so that no text however odd can spoil a message."""

import json
from collections.abc import Mapping
from typing import Any, Final

from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.domain.text import clean
from bot.ports.chat import Content
from bot.wording.speech import Speech
from integrations.chat.slack.text import LONGEST_TEXT, escaped, leading_to, linked, literal, pieces, plain

Block = dict[str, Any]

MOST_BLOCKS: Final = 50
MOST_FIELDS: Final = 10
MOST_BUTTONS: Final = 25
LONGEST_HEADER: Final = 150
LONGEST_FIELD: Final = 2000
LONGEST_LABEL: Final = 75
LONGEST_VALUE: Final = 2000
LONGEST_CONFIRM: Final = 300
EVERYONE: Final = "<!channel>"
"""Rings for all who are in the channel. It is written by us alone: in anything that is told it is escaped."""

_SIGNS: Final[Mapping[Tone, str]] = {Tone.ALARM: "🔴", Tone.WORKING: "🟠", Tone.CALM: "🟢", Tone.NEUTRAL: "⚪"}
"""A sign for the hurried eye. It is never the only one: title and status say the same in words."""

_STYLES: Final[Mapping[Weight, str]] = {Weight.PRIMARY: "primary", Weight.DANGER: "danger"}


def message(content: Content, speech: Speech, *, is_loud: bool = False, channel: str = "") -> dict[str, Any]:
    """Return the `text` and `blocks` of a message, which may lead to a channel.

    The text says all that matters to a push and to a screen reader.
    """
    if isinstance(content, Card):
        text, blocks = content.fallback or content.title, _card(content, speech)
    else:
        text, blocks = content, [literal(piece) for piece in pieces(content)]
    if channel:
        blocks = [*blocks[: MOST_BLOCKS - 1], leading_to(channel)]
    words = escaped(text, LONGEST_TEXT) or "–"
    if not is_loud:
        return {"text": words, "blocks": blocks[:MOST_BLOCKS]}
    ringing = {"type": "section", "text": {"type": "mrkdwn", "text": EVERYONE}}
    return {"text": f"{EVERYONE} {words}", "blocks": [ringing, *blocks][:MOST_BLOCKS]}


def _card(card: Card, speech: Speech) -> list[Block]:
    title = f"{_SIGNS[card.tone]} {clean(card.title)}"
    blocks: list[Block] = [{"type": "header", "text": {**plain(title, LONGEST_HEADER), "emoji": True}}]
    if fields := card.fields[:MOST_FIELDS]:
        blocks.append({"type": "section", "fields": [_field(field) for field in fields]})
    blocks.extend(literal(piece) for piece in pieces(card.body))
    buttons = [drawn for place, one in enumerate(card.actions) if (drawn := _button(one, place, speech)) is not None]
    if buttons:
        blocks.append({"type": "actions", "elements": buttons[:MOST_BUTTONS]})
    return blocks


def _field(field: Field) -> Block:
    text = f"*{escaped(field.label, 200)}*\n{linked(escaped(field.value, LONGEST_FIELD // 2))}"
    # Verbatim, since Slack would otherwise look for mentions of its own accord.
    return {"type": "mrkdwn", "text": text[:LONGEST_FIELD], "verbatim": True}


def _button(button: Button, place: int, speech: Speech) -> Block | None:
    """Return a button; None for a command that Slack could not carry, which the text of its card names as well."""
    value = json.dumps({"command": clean(button.command), "version": button.version}, ensure_ascii=False)
    if len(value) > LONGEST_VALUE:
        return None
    drawn: Block = {
        "type": "button",
        "action_id": f"command.{place}",
        "text": plain(button.label, LONGEST_LABEL),
        "value": value,
    }
    if button.weight in _STYLES:
        drawn["style"] = _STYLES[button.weight]
    if button.confirm is not None:
        drawn["confirm"] = {
            "title": plain(button.label, 100),
            "text": plain(button.confirm, LONGEST_CONFIRM),
            "confirm": plain(button.label, 30),
            "deny": plain(speech.words("slack.cancel"), 30),
        }
        if button.weight is Weight.DANGER:
            drawn["confirm"]["style"] = "danger"
    return drawn


def pressed(value: object) -> tuple[str, int | None] | None:
    """Return the command and version behind a button's value; None for one that we never made."""
    try:
        kept = json.loads(str(value))
    except (ValueError, RecursionError):
        return None
    match kept:
        case {"command": str(command), "version": int() | None as version} if command:
            return command, version
        case _:
            return None
