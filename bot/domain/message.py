"""A sentence not yet spoken: its key in the message catalogue and the fields that fill it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.refusal import Value


@dataclass(frozen=True, slots=True)
class Message:
    """What to say. By their names, fields are drawn for the reader.

    `by` holds an `Actor` as text, `person` and `owner` a person id, `people` ids with commas between them, and a
    name ending in `_at` an instant in RFC 3339, shown in the reader's zone. Everything else is shown as it is.
    """

    key: str
    fields: Mapping[str, Value] = field(default_factory=dict)
