"""The one catalogue of every sentence that a person sees: key to English, in the language of `bot.wording.sentence`."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence
from bot.wording.sentences import announcements, cards, commands, pages, refusals, replies, timeline, words

_SUBJECTS: Final = (
    timeline.SENTENCES,
    announcements.SENTENCES,
    replies.SENTENCES,
    refusals.SENTENCES,
    pages.SENTENCES,
    commands.SENTENCES,
    cards.SENTENCES,
    words.SENTENCES,
)

SENTENCES: Final[Mapping[str, Sentence]] = {key: text for subject in _SUBJECTS for key, text in subject.items()}
"""Every key and its sentence."""

CHOSEN_BY: Final[Mapping[str, str]] = {
    "timeline.status_changed": "status",
    "announce.status_changed": "status",
}
"""Keys of which some values of a field have a sentence of their own: `timeline.status_changed.resolved`."""
