"""Tocsin's own words, who acts when no person does, and what is said of times that were not understood."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "word.triage": "triage",
    "word.investigating": "investigating",
    "word.mitigated": "mitigated",
    "word.resolved": "resolved",
    "word.closed": "closed",
    "word.cancelled": "cancelled",
    "word.draft": "opened",
    "word.collecting": "being answered",
    "word.in_review": "in review",
    "word.approved": "approved",
    "word.published": "published",
    "word.waived": "waived",
    "word.viewer": "viewer",
    "word.responder": "responder",
    "word.manager": "manager",
    "word.admin": "admin",
    "word.commander": "commander",
    "word.deputy": "deputy",
    "word.scribe": "scribe",
    "word.liaison": "liaison",
    "word.real": "real",
    "word.drill": "drill",
    "word.test": "test",
    "word.backfilled": "backfilled",
    "word.private": "private",
    "word.open": "open",
    "word.nobody": "nobody",
    "word.someone_gone": "someone who has left",
    "actor.tocsin": "Tocsin",
    "actor.source": "Tocsin ({source})",
    "phrase.duration": "“{text}” is no duration. Write one such as 30m, 2h or 1h30m.",
    "phrase.when": "“{text}” is no time. Write one such as in 2h, 17:30, tomorrow 09:00 or 2026-12-01 14:00.",
    "phrase.past": "“{text}” has passed already. Give a time to come.",
    "phrase.far": "“{text}” is too far ahead: five years at most.",
}
