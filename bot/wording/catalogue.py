"""The one catalogue of every sentence that a person sees: key to English, in the language of `bot.wording.sentence`."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Final

import bot.wording.sentences
from bot.startup import StartupError
from bot.wording.sentence import Sentence


def discover(package: ModuleType = bot.wording.sentences) -> Mapping[str, Sentence]:
    """Return the sentences of every module of a package.

    Raises `StartupError` for a module that has no `SENTENCES`, and for a key that two of them have.
    """
    found: dict[str, Sentence] = {}
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        sentences: Mapping[str, Sentence] | None = getattr(importlib.import_module(info.name), "SENTENCES", None)
        if sentences is None:
            raise StartupError(f"{info.name} has no SENTENCES; every module there holds sentences of one subject.")
        if twice := found.keys() & sentences.keys():
            raise StartupError(f"{info.name} has {', '.join(sorted(twice))}, which another module has, too; keep one.")
        found.update(sentences)
    return found


_SENTENCES: Final = dict(discover())
SENTENCES: Final[Mapping[str, Sentence]] = _SENTENCES
"""Every key and its sentence; `add` puts those of the chats beside them."""


def add(subject: str, sentences: Mapping[str, Sentence]) -> None:
    """Add the sentences of a part that has its own; their keys begin with its name. Adding them again changes nothing.

    Raises `StartupError` for a key that begins otherwise, since it may be somebody else's.
    """
    for key in sentences:
        if not key.startswith(f"{subject}."):
            raise StartupError(f"{subject} has the sentence {key!r}; its key must begin with '{subject}.'.")
    _SENTENCES.update(sentences)


CHOSEN_BY: Final[Mapping[str, str]] = {
    "timeline.status_changed": "status",
    "announce.status_changed": "status",
    "refusal.transition.illegal": "current",
}
"""Keys of which some values of a field have a sentence of their own: `timeline.status_changed.resolved`."""
