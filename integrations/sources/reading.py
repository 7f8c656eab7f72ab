"""The shared pieces of reading what senders send: whatever the bytes, text comes out clean, short and harmless."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import orjson

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.domain.text import clean, clip
from bot.ports.sources import Broken, Parsed, Unreadable

LABEL_LIMIT: Final = 1_000
NAME_LIMIT: Final = 200
TITLE_LIMIT: Final = 300
SUMMARY_LIMIT: Final = 4_000
LINK_LIMIT: Final = 2_000
LISTED_BROKEN: Final = 20
"""How many broken parts of one body are told one by one; the rest are counted."""

# Later than this, a count of seconds would be past the year 5000: it counts milliseconds.
_FIRST_MILLISECONDS: Final = 100_000_000_000
_LONGEST_INSTANT: Final = 40
_OUR_DAYS: Final = range(1970, 2200)
_LONGEST_ID: Final = 20_000


class Misshapen(Exception):
    """One part of a body can't be read; the message says why, without the part's content."""


class EventDraft:
    """An alert event while it is being filled: give it `AlertEvent` as its class once every field is set.

    A frozen dataclass sets each field by a call. At thousands of alerts a second that would cost more than all the rest
    of reading them; this has the same slots, so that the finished object is an `AlertEvent` like any other.
    """

    __slots__ = AlertEvent.__slots__

    fingerprint: str
    is_firing: bool
    labels: dict[str, str]
    title: str
    severity: str | None
    summary: str
    url: str | None
    runbook: str | None
    starts_at: datetime | None
    ends_at: datetime | None


def sample(name: str) -> bytes:
    """Return the sample body that ships under this file name; missing: `FileNotFoundError`."""
    return files("integrations.sources").joinpath("samples", name).read_bytes()


def document(body: bytes) -> Any:
    """Read a JSON document; raises `Unreadable` with the shape `not JSON` when it is none.

    Half a surrogate pair or a broken UTF-8 sequence, such as a log line cut in the middle of a letter, spoils only the
    letter it stands in: an alert must not be lost for it.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        # The error's own words may quote the body.
        raise Unreadable(f"the body is not JSON ({type(error).__name__})", "not JSON") from None


def whole(body: bytes) -> dict[str, Any]:
    """Read a JSON document that must be one object; raises `Unreadable` when it is none."""
    found = document(body)
    if not isinstance(found, dict):
        raise Unreadable("the body is JSON, but not an object", "not an object")
    return found


def alone(part: Any, read: Callable[[Any], AlertEvent]) -> Parsed:
    """Read a body that is one alert; what makes it `Misshapen` makes it `Unreadable`."""
    try:
        return Parsed((read(part),))
    except Misshapen as error:
        raise Unreadable(str(error), str(error)) from None


def inner(value: Any, *path: str) -> dict[str, Any]:
    """Return the object at a path of names; an empty one where there is something else, or nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def collect(parts: Iterable[Any], read: Callable[[Any], AlertEvent], name: str) -> Parsed:
    """Read every part; those that are `Misshapen` are told of as broken and the others kept.

    Raises `Unreadable` when there are parts and none can be read.
    """
    events: list[AlertEvent] = []
    broken: list[Broken] = []
    uncounted = 0
    for place, part in enumerate(parts):
        try:
            events.append(read(part))
        except Misshapen as error:
            if len(broken) < LISTED_BROKEN:
                broken.append(Broken(f"{name}[{place}]", str(error)))
            else:
                uncounted += 1
    if broken and not events:
        why = broken[0].why
        raise Unreadable(f"none of the {len(broken) + uncounted} in {name} can be read: {why}", f"{name}: {why}")
    if uncounted:
        broken.append(Broken(name, f"{uncounted} more could not be read"))
    return Parsed(events, broken)


def is_tidy(value: object) -> bool:
    """Say whether a JSON value's text, names included, holds nothing to clean: neither control characters (but
    newline) nor marks that reorder text.

    May say no where there is nothing to clean, never yes where there is.
    """
    try:
        # Writing JSON is the fastest search for control characters there is: it escapes each of them.
        written = orjson.dumps(value)
    except TypeError:  # half a surrogate pair, or nested too deeply
        return False
    if not (written.decode().isprintable() if not written.isascii() else b"\x7f" not in written):
        return False
    escapes = written.count(b"\\")
    return not escapes or escapes == written.count(b'\\"') + written.count(b"\\n")


def text(value: object, limit: int = SUMMARY_LIMIT) -> str:
    """Return any JSON value as clean text of at most `limit` characters; null is empty, objects are shown as JSON."""
    if not isinstance(value, str):
        value = _spelled(value)
    if not (value.isprintable() or is_tidy(value)):
        value = clean(value)
    return value if len(value) <= limit else clip(value, limit)


def line(value: object, limit: int = TITLE_LIMIT) -> str:
    """Return any JSON value as clean text on one line, white space made single spaces."""
    # The work is bounded by what can be shown, however long the value.
    return clip(" ".join(text(value, limit * 4).split()), limit)


def labels(value: object) -> dict[str, str]:
    """Return labels as clean text, in their order; null gives none. Raises `Misshapen` when it is no object."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Misshapen("labels is not an object")
    try:
        if len("".join(value.values())) <= LABEL_LIMIT and len("".join(value)) <= NAME_LIMIT and is_tidy(value):
            return dict(value)
    except TypeError:  # a value that is no text
        pass
    return {text(name, NAME_LIMIT): text(inner, LABEL_LIMIT) for name, inner in value.items()}


def named(**given: object) -> dict[str, str]:
    """Return values as labels, in their order, those without a value left out."""
    found = {name: text(value, LABEL_LIMIT) for name, value in given.items()}
    return {name: value for name, value in found.items() if value}


def short_labels(value: object) -> dict[str, str]:
    """Return what of an object is short enough to be a label: text, numbers and truth values on one line."""
    if not isinstance(value, dict):
        return {}
    found = {}
    for name, inner_value in value.items():
        if isinstance(inner_value, str | int | float) and name:
            shown = text(inner_value, LABEL_LIMIT)
            if shown and len(shown) <= NAME_LIMIT and "\n" not in shown:
                found[text(name, NAME_LIMIT)] = shown
    return {name: shown for name, shown in found.items() if name}


def identity(value: object) -> str:
    """Return a vendor's id as a fingerprint, and nothing for no id; one that is too long is hashed, never cut."""
    whole_id = text(value, _LONGEST_ID)
    return whole_id if len(whole_id) <= NAME_LIMIT else fingerprint({"id": whole_id})


def identity_labels(value: dict[str, Any]) -> dict[str, str]:
    """Return labels whole, for telling alerts apart: two that differ behind a cut are two alerts."""
    return {name: inner if isinstance(inner, str) else _spelled(inner) for name, inner in value.items()}


def address(value: object) -> str | None:
    """Return any JSON value as a web address as `link` does."""
    return link(value) if isinstance(value, str) and len(value) <= LINK_LIMIT else None


@lru_cache(maxsize=1024)  # alerts of one rule have one address
def link(url: str) -> str | None:
    """Return a web address that is safe to show as a link, or None: other schemes could run code in a browser.

    `url` is kept for a while, so that the caller must bound its length.
    """
    return url if url.lower().startswith(("https://", "http://")) and url.isprintable() and " " not in url else None


@lru_cache(maxsize=1024)  # the alerts of one evaluation start together
def instant(written: str) -> datetime | None:
    """Return the instant of an RFC 3339 text, taken for UTC when it has no offset; None when it is none.

    A time that no sender means (see `_possible`) is none. `written` is kept for a while: the caller must bound its
    length.
    """
    try:
        read_at = datetime.fromisoformat(written)
        at = read_at.astimezone(UTC) if read_at.tzinfo else read_at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return _possible(at)


def moment(value: object) -> datetime | None:
    """Return the instant of any JSON value: text as `instant`, or seconds or milliseconds since 1970; else None."""
    if isinstance(value, str):
        return instant(value) if len(value) <= _LONGEST_INSTANT else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return _possible(datetime.fromtimestamp(value / 1000 if value >= _FIRST_MILLISECONDS else value, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _possible(at: datetime) -> datetime | None:
    """Return a time of our days, and None for any other: the zero times of Go and .NET, or the end of all days.

    Such a time means none, or is a mistake; and at either end of what can be told, some zones have no such time.
    """
    return at if at.year in _OUR_DAYS else None


def _spelled(value: object) -> str:
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return "…"
