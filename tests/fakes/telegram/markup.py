"""Telegram's HTML, read as strictly as Telegram reads it."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

_TAGS: Final = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "blockquote", "tg-spoiler"}
)
_NAME: Final = re.compile(r"(?<!\w)@[A-Za-z]\w{2,}")


class Unreadable(Exception):
    """Telegram would not parse it; the message is Telegram's."""


@dataclass(frozen=True)
class Part:
    """Some words as they are read, with the innermost element around them and the address behind them."""

    text: str
    tag: str = ""
    href: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Part] = []
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise Unreadable(f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self._open.append((tag, dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise Unreadable("Bad Request: can't parse entities: Unmatched end tag")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        tag, href = self._open[-1] if self._open else ("", "")
        self.parts.append(Part(data, tag, href))

    def handle_comment(self, data: str) -> None:
        raise Unreadable("Bad Request: can't parse entities: Unsupported start tag")

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def end(self) -> list[Part]:
        self.close()
        if self._open:
            raise Unreadable("Bad Request: can't parse entities: Can't find end tag")
        return self.parts


def read(html: str) -> list[Part]:
    """Return the words of a message; raises `Unreadable` for what Telegram would refuse."""
    reader = _Reader()
    reader.feed(html)
    return reader.end()


def units(parts: list[Part]) -> int:
    """Return the length that Telegram counts: what is read, in UTF-16 units."""
    return sum(len(part.text.encode("utf-16-le", "surrogatepass")) // 2 for part in parts)


def rings(parts: list[Part]) -> bool:
    """Say whether a message mentions anybody, by a link to their account or by a name that Telegram finds in it."""
    is_linked = any(part.href.startswith("tg://") for part in parts)
    return is_linked or any(_NAME.search(part.text) for part in parts if part.tag not in {"code", "pre"})


def lines(parts: list[Part]) -> str:
    """Return what can be read, each part on lines of its own."""
    found = [line.strip() for part in parts for line in part.text.splitlines()]
    return "\n".join(line for line in found if line)
