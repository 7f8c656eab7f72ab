"""Speech: what Tocsin knows as keys, fields, ids and instants, said in words for one reader."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_timedelta

from bot.domain.message import Message
from bot.domain.organisation import Organisation, Person
from bot.domain.phrases import Misread, describe
from bot.domain.refusal import Refusal, Value
from bot.domain.timeline import Actor, Event
from bot.wording.catalogue import CHOSEN_BY, SENTENCES
from bot.wording.sentence import Plural, Sentence, Template, template
from bot.wording.translations import LOCALES, translations

_WORDS: Final = frozenset(
    {"status", "before", "current", "wanted", "possible", "role", "held", "needed", "kind", "state"}
)
"""Fields whose values are words of Tocsin's own; the catalogue has each as `word.<value>`."""

_FULL: Final = "EEE d MMM y, HH:mm"
_SHORT: Final = "HH:mm"
_DAY: Final = "EEEE d MMMM y"


@dataclass(frozen=True, slots=True)
class Speech:
    """Speaks to one reader in their language and zone; to a whole room (no reader) in English and the organisation's.

    Nothing here raises: a key that is missing is shown as it is, a person who has left is called so.
    """

    org: Organisation
    reader: Person | None = None
    locales: Path = LOCALES

    def say(self, message: Message) -> str:
        """Return the sentence of a message, its fields drawn for the reader as `Message` promises.

        A clause about `by` is left out where that is the very `person` of the sentence.
        """
        fields = message.fields
        chooser = CHOSEN_BY.get(message.key)
        variant = f"{message.key}.{fields.get(chooser)}" if chooser is not None else message.key
        key = variant if variant in SENTENCES else message.key
        sentence = SENTENCES.get(key)
        if sentence is None:
            return message.key
        drawn = {name: self._draw(name, value) for name, value in fields.items()}
        nothing = {name for name, value in fields.items() if value == 0}
        if fields.get("by") == str(Actor(person=str(fields.get("person")))):
            nothing.add("by")
        return self._template(key, sentence, fields.get("count")).fill(drawn, nothing)

    def words(self, key: str, **fields: Value) -> str:
        """Return the sentence of a key of the catalogue."""
        return self.say(Message(key, fields))

    def refuse(self, refusal: Refusal) -> str:
        """Return what a person is told who asked for what can't be done."""
        return self.say(Message(f"refusal.{refusal.key}", refusal.fields))

    def stranger(self, chat: str, user: str) -> str:
        """Return what an account is told that nobody is known by: its id, and how its chat lets people be linked."""
        key = f"{chat}.stranger"
        return self.words(key if key in SENTENCES else "refusal.account.unknown", chat=chat, user=user)

    def misread(self, misread: Misread) -> str:
        """Return what a person is told whose time or duration was not understood."""
        return self.say(Message(misread.key, misread.fields))

    def event(self, event: Event) -> str:
        """Return the sentence of a timeline event."""
        return self.say(Message(f"timeline.{event.kind.value}", {"by": str(event.actor), **event.fields}))

    def at(self, instant: datetime) -> str:
        """Return an instant on the reader's clock, with its date and the zone's short name."""
        return self._format(instant, _FULL)

    def clock(self, instant: datetime) -> str:
        """Return the time of day on the reader's clock, with the zone's short name, for a text that has the date."""
        return self._format(instant, _SHORT)

    def day(self, instant: datetime) -> str:
        """Return the date on the reader's calendar."""
        local = self._local(instant)
        return format_datetime(local, _DAY, tzinfo=local.tzinfo, locale=self._locale())

    def relative(self, instant: datetime, now: datetime) -> str:
        """Return how far an instant is from now: `in 20 minutes`, `3 days ago`. Not for what is drawn once."""
        return format_timedelta(instant - now, add_direction=True, locale=self._locale())

    def duration(self, span: timedelta) -> str:
        """Return a duration in its two largest units."""
        return describe(span)

    def name(self, person_id: str) -> str:
        """Return what a person is called; one who has left the organisation is called so."""
        person = self.org.person(person_id)
        return person.name if person is not None else self.words("word.someone_gone")

    def names(self, person_ids: tuple[str, ...]) -> str:
        """Return several people's names with commas between them."""
        return ", ".join(self.name(person_id) for person_id in person_ids)

    def word(self, value: str) -> str:
        """Return one of Tocsin's own words, such as a status or a role, in the reader's language."""
        return self.words(f"word.{value}") if f"word.{value}" in SENTENCES else value

    @property
    def language(self) -> str:
        """The reader's language; that of a whole room is English."""
        return self.reader.language if self.reader is not None else "en"

    def _template(self, key: str, sentence: Sentence, count: Value) -> Template:
        found = translations(self.language, self.locales)
        if isinstance(sentence, Plural):
            number = count if isinstance(count, int) else 2
            text = str(found.npgettext(key, sentence.one, sentence.other, number))
            spare = sentence.one if number == 1 else sentence.other
        else:
            text, spare = str(found.pgettext(key, sentence)), sentence
        try:
            return template(text)
        except ValueError:
            # A translator's slip must not keep a page from being written.
            return template(spare)

    def _draw(self, name: str, value: Value) -> str:
        if value is None or value == "":
            return ""
        text = str(value)
        if name == "by":
            return self._actor(Actor.parse(text))
        if name in {"person", "owner"}:
            return self.name(text)
        if name == "people":
            return self.names(tuple(part for part in text.split(",") if part))
        if name.endswith("_at"):
            return self._instant(text)
        if name in _WORDS:
            return ", ".join(self.word(part) for part in text.split(", "))
        return text

    def _actor(self, actor: Actor) -> str:
        if actor.person is not None:
            return self.name(actor.person)
        kind, _, source = (actor.part or "").partition(":")
        return self.words("actor.source", source=source) if kind == "source" else self.words("actor.tocsin")

    def _instant(self, text: str) -> str:
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            return text
        return self.at(instant) if instant.tzinfo is not None else text

    def _format(self, instant: datetime, pattern: str) -> str:
        local = self._local(instant)
        return f"{format_datetime(local, pattern, tzinfo=local.tzinfo, locale=self._locale())} {_zone_name(local)}"

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(_zone(self.reader.timezone if self.reader else "", self.org.timezone))

    def _locale(self) -> Locale:
        return _locale(self.language)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    """Return the conventions of a language; those of English, the British way, for one that is not known."""
    try:
        return Locale.parse("en_GB" if language == "en" else language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


@lru_cache(maxsize=256)
def _zone(*names: str) -> ZoneInfo:
    """Return the first of these zones that there is, else UTC."""
    for name in names:
        try:
            return ZoneInfo(name)
        except (LookupError, ValueError, OSError):  # an unknown name, a malformed one, a folder's name
            continue
    return ZoneInfo("UTC")


def _zone_name(local: datetime) -> str:
    """Return `CET`, or `UTC+4` where the zone has no letters of its own."""
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    hours, minutes = name[1:3].lstrip("0") or "0", name[3:5]
    return f"UTC{name[0]}{hours}{':' + minutes if minutes.strip('0') else ''}"
