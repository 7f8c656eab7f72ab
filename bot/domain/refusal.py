"""The one error by which the rules say no to a person, in words that the message catalogue holds."""

from collections.abc import Mapping

Value = str | int | None
"""What a field of a message, an event or a refusal may hold: plain, so that it can be stored and compared."""


class Refusal(Exception):
    """A person asked for something that can't be done; nothing was changed.

    `key` names a sentence of the message catalogue under `refusal.`, and `fields` fills it. The sentence says what
    was wrong, why, and what to do instead.
    """

    def __init__(self, key: str, **fields: Value) -> None:
        super().__init__(key, fields)
        self.key = key
        self.fields: Mapping[str, Value] = fields

    def __str__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.key}({inside})"


class Already(Refusal):
    """What a person asked for is so already: nothing was changed, and whoever asks twice has made no mistake."""
