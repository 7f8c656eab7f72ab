"""Text for Telegram: runs of plain words, bold, code and links, cut by what is read of them and written as HTML.

Limits count what remains when the markup is taken away, in UTF-16 units, so they are kept before HTML is written:
no cut falls inside a tag or an entity.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.text import clean, clip

LONGEST_MESSAGE: Final = 4096
LONGEST_CAPTION: Final = 1024
LONGEST_TOAST: Final = 200

# A word joiner behind the sign: what an alert says must not call a member of the group by a name it happens to hold.
_CALL: Final = re.compile(r"(?<!\w)@(?=\w{3})")
_UNCALLED: Final = "@\u2060"


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in one style: `tag` is an element of Telegram's HTML, with its attributes, `href` makes them a link."""

    text: str
    tag: str = ""
    href: str = ""


def bold(text: str) -> Run:
    """Return words in bold."""
    return Run(text, "b")


def to_html(runs: Iterable[Run]) -> str:
    """Write runs as the HTML that Telegram reads; whatever they say is text and no markup."""
    return "".join(map(_element, runs))


def units(text: str) -> int:
    """Return how long Telegram finds a text: in UTF-16 units."""
    return len(text.encode("utf-16-le", "replace")) // 2


def shorten(text: str, limit: int) -> str:
    """Return a text within so many UTF-16 units, ending with an ellipsis when cut."""
    room = limit
    while units(short := clip(text, room)) > limit:
        if room == 1:
            return "…"
        room = max(room - max((units(short) - limit) // 2, 1), 1)
    return short


def fit(runs: Sequence[Run], limit: int = LONGEST_MESSAGE) -> list[Run]:
    """Return the runs within a limit; the one that does not fit is cut, what follows it is left out."""
    kept: list[Run] = []
    left = limit
    for run in map(_cleaned, runs):
        if units(run.text) > left:
            if left > 0:
                kept.append(replace(run, text=shorten(run.text, left)))
            break
        kept.append(run)
        left -= units(run.text)
    return kept


def parts(text: str, limit: int = LONGEST_MESSAGE, most: int = 4) -> list[str]:
    """Return a text as messages, parted between lines, then between words; what would be too many is cut off."""
    rest = _cleaned(Run(text)).text
    found: list[str] = []
    while units(rest) > limit and len(found) < most - 1:
        head = rest[:limit]
        while units(head) > limit:
            head = head[: -((units(head) - limit + 1) // 2)]
        at = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0) or len(head)
        found.append(rest[:at].rstrip())
        rest = rest[at:].lstrip("\n ")
    return [part for part in (*found, shorten(rest, limit)) if part]


def _cleaned(run: Run) -> Run:
    return replace(run, text=_CALL.sub(_UNCALLED, clean(run.text)), href=clean(run.href))


def _element(run: Run) -> str:
    inside = html.escape(run.text, quote=False)
    if run.tag:
        inside = f"<{run.tag}>{inside}</{run.tag.split()[0]}>"
    return f'<a href="{html.escape(run.href)}">{inside}</a>' if run.href else inside
