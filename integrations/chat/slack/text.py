"""Text for Slack and from Slack: harmless whatever it holds, within limits, and mentions in the words of commands."""

import html
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from bot.domain.text import clean, clip

LONGEST_TEXT: Final = 3000
"""Top-level text: `chat.update` takes 4,000; the rest is for what escaping adds."""

LONGEST_PIECE: Final = 2900
MOST_PIECES: Final = 8

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'\u201c\u201d|]{1,400}[^\s<>\"'\u201c\u201d|.,:;!?)\]]")
_MARKED: Final = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


def escaped(text: str, limit: int) -> str:
    """Return text that Slack shows as it is, in at most `limit` characters: no mention, no link, no control sign.

    Slack reads `&`, `<` and `>` as its own signs, so that escaping them is what makes `<!channel>` harmless.
    """
    plain = clean(text)
    cut = min(limit, len(plain))
    while len(html.escape(clip(plain, max(cut, 1)), quote=False)) > limit:
        cut -= max(1, cut // 20)
    return html.escape(clip(plain, max(cut, 1)), quote=False) if plain else ""


def linked(text: str) -> str:
    """Return escaped text in which addresses can be followed."""
    return _ADDRESS.sub(lambda found: f"<{found.group()}>", text)


def plain(text: str, limit: int) -> dict[str, Any]:
    """Return a plain-text object, which Slack shows literally; it may not be empty."""
    return {"type": "plain_text", "text": clip(clean(text), limit) or "–", "emoji": False}


def pieces(text: str) -> list[str]:
    """Return a text in pieces that fit into a block each, parted at line ends where that can be; a very long one is cut."""
    whole = clip(clean(text), LONGEST_PIECE * MOST_PIECES)
    found: list[str] = []
    while len(whole) > LONGEST_PIECE and len(found) < MOST_PIECES - 1:
        at = whole.rfind("\n", LONGEST_PIECE // 2, LONGEST_PIECE) + 1 or LONGEST_PIECE
        found.append(whole[:at].rstrip("\n"))
        whole = whole[at:]
    found.append(clip(whole, LONGEST_PIECE) if whole else "")
    return [piece for piece in found if piece.strip()]


def literal(text: str) -> dict[str, Any]:
    """Return a block that shows text literally, except that addresses in it can be followed."""
    parts = list(_parts(text))
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}


def leading_to(channel: str) -> dict[str, Any]:
    """Return a block from which a channel can be opened. Who may not see the channel does not see its name either."""
    element = {"type": "channel", "channel_id": channel}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}


def _parts(text: str) -> Iterator[dict[str, Any]]:
    at = 0
    for found in _ADDRESS.finditer(text):
        if found.start() > at:
            yield {"type": "text", "text": text[at : found.start()]}
        yield {"type": "link", "url": found.group()}
        at = found.end()
    if at < len(text):
        yield {"type": "text", "text": text[at:]}


async def understood(text: str, name_of: Callable[[str], Awaitable[str]], *, without: str = "") -> str:
    """Return what a person wrote as commands understand it: mentions by name, addresses bare, nothing escaped.

    `name_of` returns what to call a user (id). Mentions of the user `without`, the bot itself, are left out.
    """
    names: dict[str, str] = {}
    for found in _MARKED.finditer(text):
        if found[1] == "@" and found[2] not in names:
            names[found[2]] = "" if found[2] == without else f"@{await name_of(found[2])}"

    def spoken(found: re.Match[str]) -> str:
        sign, target, label = found[1], found[2], found[3]
        match sign:
            case "@":
                return names[target]
            case "#":
                # A channel may be called 42, and #42 is an incident.
                return f"#{target if not label or label.isdigit() else label}"
            case "!":
                return label or f"@{target.partition('^')[0]}"
            case _:
                return target.removeprefix("mailto:")

    return html.unescape(_MARKED.sub(spoken, text)).strip()
