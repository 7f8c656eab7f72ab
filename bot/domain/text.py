"""Make text safe to show, short enough to fit, and fit for a room's name."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_DROPPED: Final = dict.fromkeys(
    [
        *(code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)
_JOINER: Final = "\u200d"
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_LOW_SURROGATES: Final = range(0xDC00, 0xE000)
# A letter under more marks than this is vandalism, and is cut like anything else.
_LONGEST_SEQUENCE: Final = 32
_FALLBACK: Final = "incident"


def slug(text: str, limit: int) -> str:
    """Return `text` as at most `limit` characters of a-z, 0-9 and single inner hyphens.

    Accents are dropped. Text with no such letter or digit, in another script say, gives
    "incident" (itself cut to `limit`). `limit` is at least 1, else ValueError.
    """
    _require(limit)
    # Folded twice: a sign such as the numero sign comes apart into letters of either case.
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold()
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    words = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    return words[:limit].rstrip("-") or _FALLBACK[:limit]


def clip(text: str, limit: int) -> str:
    """Return `text` in at most `limit` code points, ending with an ellipsis when cut.

    A cut does not part a letter from its accents, nor an emoji from what it is joined to,
    unless the sequence is longer than 32. `limit` is at least 1, else ValueError.
    """
    _require(limit)
    if len(text) <= limit:
        return text
    cut = limit - 1
    for back in range(min(cut, _LONGEST_SEQUENCE) + 1):
        if not _continues(text, cut - back):
            cut -= back
            break
    return text[:cut].rstrip() + "…"


def clean(text: str) -> str:
    """Return `text` without what can break a store or disguise a sentence.

    Control characters other than newline and tab are dropped, and so are the marks that
    reorder text (U+202A-202E, U+2066-2069). Half a surrogate pair becomes U+FFFD; two
    halves become the character they stand for. Right-to-left letters stay as they are.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.translate(_DROPPED)


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like `word`, whatever its case, or None if none is like it."""
    by_folded: dict[str, str] = {}
    for candidate in candidates:
        by_folded.setdefault(candidate.casefold(), candidate)
    # Comparing is quadratic in the length, and nobody mistypes a word of 100 letters.
    close = get_close_matches(word[:100].casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else None


def _continues(text: str, index: int) -> bool:
    """Whether the character at `index` belongs to the one before it."""
    char = text[index]
    return (
        unicodedata.category(char).startswith("M")
        or char == _JOINER
        or ord(char) in _SKIN_TONES
        or ord(char) in _LOW_SURROGATES
        or text[index - 1 : index] == _JOINER
    )


def _require(limit: int) -> None:
    if limit < 1:
        raise ValueError(f"a limit of {limit} leaves no room for text; use 1 or more")
