"""The script of a postmortem: its questions as data, of which every conversation keeps the version it began with."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

FALLBACK: Final = "en"
"""The language that every question has."""


class PromptKind(StrEnum):
    """What sort of answer a question takes, and so how it is checked and which form asks it."""

    TEXT = "text"
    FACILITATOR = "facilitator"
    TIMELINE = "timeline"
    SUMMARY = "summary"
    IMPACT = "impact"
    TIMES = "times"
    DETECTION = "detection"
    CONDITIONS = "conditions"
    WORKED = "worked"
    SIMILAR = "similar"
    ACTIONS = "actions"
    DECLINED = "declined"


class Who(StrEnum):
    """Whom a question is meant for."""

    COMMANDER = "commander"
    SCRIBE = "scribe"
    OWNER = "owner"
    LIAISON = "liaison"
    RESPONDERS = "responders"
    EACH = "each"
    GROUP = "group"
    ALL = "all"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question. `texts` and `hints` are by language and have `FALLBACK` at least; `number` counts from 0.

    `is_optional`: it may be left out without a reason. `is_private`: hidden until all have answered. `is_group`: it is
    answered together. `is_anonymous`: the answer is kept without its author.
    """

    id: str
    number: int
    who: Who
    kind: PromptKind
    texts: Mapping[str, str]
    hints: Mapping[str, str]
    is_optional: bool = False
    is_private: bool = False
    is_group: bool = False
    is_anonymous: bool = False

    @property
    def place(self) -> int:
        """Its place among the questions as people count, from 1: `question 3 of 17`."""
        return self.number + 1

    def text(self, language: str = FALLBACK) -> str:
        """Return the question in a language, or in the one that it has for certain."""
        return self.texts.get(language, self.texts[FALLBACK])

    def hint(self, language: str = FALLBACK) -> str:
        """Return what helps to answer it, in a language or in the one that it has for certain."""
        return self.hints.get(language, self.hints.get(FALLBACK, ""))


@dataclass(frozen=True, slots=True)
class Script:
    """The questions in their order. `digest` is the same for the same content, whoever wrote it down."""

    name: str
    prompts: tuple[Prompt, ...]
    digest: str

    def prompt(self, prompt_id: str | None) -> Prompt | None:
        """Return the question of this id."""
        return next((prompt for prompt in self.prompts if prompt.id == prompt_id), None)

    def at(self, place: int) -> Prompt | None:
        """Return the question at this place, counted from 1."""
        return next((prompt for prompt in self.prompts if prompt.place == place), None)


def script_to_plain(script: Script) -> dict[str, Any]:
    """Return a script as plain values; `script_from_plain` gives back an equal one."""
    return {
        "name": script.name,
        "questions": [
            {
                "id": prompt.id,
                "who": prompt.who.value,
                "kind": prompt.kind.value,
                "text": dict(prompt.texts),
                "hint": dict(prompt.hints),
                "optional": prompt.is_optional,
                "private": prompt.is_private,
                "group": prompt.is_group,
                "anonymous": prompt.is_anonymous,
            }
            for prompt in script.prompts
        ],
    }


def script_from_plain(plain: Any) -> Script:
    """Read a script from plain values. Raises `ValueError`, which says what is wrong with which question."""
    questions = plain.get("questions") if isinstance(plain, Mapping) else None
    if not isinstance(questions, list) or not questions:
        raise ValueError("a script needs its questions: a list under `questions`")
    prompts = tuple(_prompt(number, given) for number, given in enumerate(questions))
    twice = {prompt.id for prompt in prompts if sum(other.id == prompt.id for other in prompts) > 1}
    if twice:
        raise ValueError(f"two questions are called {min(twice)!r}; an answer must know its own")
    script = Script(str(plain.get("name", "")), prompts, "")
    # Made of what was understood, so that a comment or another order of the keys makes no other version.
    canonical = json.dumps(script_to_plain(script), sort_keys=True, separators=(",", ":"))
    return Script(script.name, prompts, hashlib.sha256(canonical.encode()).hexdigest())


def _prompt(number: int, given: Any) -> Prompt:
    name = given.get("id") if isinstance(given, Mapping) else None
    if not isinstance(name, str) or not name:
        raise ValueError(f"question {number} needs an `id`")
    texts = given.get("text")
    if not isinstance(texts, Mapping) or not texts.get(FALLBACK):
        raise ValueError(f"the question {name!r} needs a `text` in the language {FALLBACK!r}")
    try:
        who, kind = Who(str(given.get("who"))), PromptKind(str(given.get("kind", PromptKind.TEXT)))
    except ValueError as unknown:
        raise ValueError(f"the question {name!r}: {unknown}") from None
    return Prompt(
        id=name,
        number=number,
        who=who,
        kind=kind,
        texts={str(language): str(text) for language, text in texts.items()},
        hints={str(language): str(text) for language, text in (given.get("hint") or {}).items()},
        is_optional=bool(given.get("optional")),
        is_private=bool(given.get("private")),
        is_group=bool(given.get("group")),
        is_anonymous=bool(given.get("anonymous")),
    )
