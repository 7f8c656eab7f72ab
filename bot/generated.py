"""Writes anew what is made of the code: `python -m bot.generated` after a change to a setting or to a sentence.

It stands this high up since chats, which nothing in `bot.config` and `bot.wording` knows, have settings and sentences.
"""

from collections.abc import Mapping
from pathlib import Path

from bot.config.document import document
from bot.wording.listing import TEMPLATE, translators_template
from integrations.chat.discovery import declared

CONFIGURATION = Path(__file__).parents[1] / "docs" / "configuration.md"


def generated() -> Mapping[Path, str]:
    """Return what each of these files has to hold."""
    chats = declared()
    return {CONFIGURATION: document(chats), TEMPLATE: translators_template()}


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
