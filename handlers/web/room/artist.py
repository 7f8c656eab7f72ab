"""Draws pages and parts of pages from templates, in the reader's words; everything that is filled in is escaped."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.wording.speech import Speech
from handlers.web.room.statics import Statics

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LINK: Final = re.compile(r"(https?://[^\s<>\"'`]+)|\bINC-[0-9]{1,18}\b", re.IGNORECASE)
_CLOSING: Final = ".,;:!?)]}…"
_HUES: Final = 8


class Artist:
    """Holds the templates. Drawing neither waits nor reads files once a template is loaded."""

    def __init__(self, statics: Statics) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(linked=linked, initials=initials, hue=hue)
        self._environment.globals["static"] = statics.urls

    def draw(self, template: str, speech: Speech, **values: Any) -> Markup:
        """Fill a template. `say` in it speaks the catalogue's sentences to the reader of `speech`."""
        language = speech.reader.language if speech.reader is not None else "en"
        html = self._environment.get_template(template).render(
            say=speech.words,
            word=speech.word,
            language=language,
            direction=direction(language),
            **values,
        )
        return Markup(html)  # noqa: S704 - the template has escaped whatever was filled in


def linked(text: str) -> Markup:
    """Escape a text and make links of web addresses and of incidents' names; all else stays as it was written."""
    parts: list[Markup] = []
    end = 0
    for found in _LINK.finditer(text):
        name = found.group().rstrip(_CLOSING)
        if name.lower() in {"http:/", "https:/", "http://", "https://"}:
            continue
        parts.append(escape(text[end : found.start()]))
        # `ugc` and `noreferrer`: what people paste is not vouched for, and learns nothing of our rooms.
        template = '<a href="{0}" rel="noopener noreferrer ugc" target="_blank">{0}</a>'
        if found[1] is None:
            template = '<a href="/incidents/{0}">{0}</a>'
        parts.append(Markup(template).format(name))  # noqa: S704 - constant, and `format` escapes what it fills in
        end = found.start() + len(name)
    parts.append(escape(text[end:]))
    return Markup().join(parts)


def initials(name: str) -> str:
    """Return one or two letters for a name: `AM` of `amira`, `DK` of `dina.karim`."""
    words = [word for word in re.split(r"[\W_]+", name) if word]
    if not words:
        return "?"
    return (words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]).upper()


def hue(name: str) -> int:
    """Return one of eight hues, the same for the same name always."""
    return sum(name.encode("utf-8", "replace")) % _HUES


def direction(language: str) -> str:
    """Return `rtl` or `ltr`, the direction in which a language is written."""
    try:
        return str(Locale.parse(language.replace("-", "_")).text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"


def when(at: datetime, now: datetime, speech: Speech) -> str:
    """Return the time of day, for the reader; with date and zone when it is not within the last 18 hours."""
    is_recent = (now - at).total_seconds() < 18 * 3600
    return speech.clock(at).partition(" ")[0] if is_recent else speech.at(at)
