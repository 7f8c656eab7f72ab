"""A page as a tree of elements, as a browser that runs no script would have it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_EMPTY: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "circle"})
_BLOCKS: Final = frozenset({"p", "li", "div", "h1", "h2", "h3", "dt", "dd", "section", "article", "header", "button"})


@dataclass
class Node:
    """One element."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list["Node | str"] = field(default_factory=list)

    def all(self, tag: str = "", *, named: str = "") -> Iterator["Node"]:
        """Every element in it of a tag, or of a class, or with an id, in the order of the page."""
        for child in self.inside:
            if isinstance(child, Node):
                names = {*child.attributes.get("class", "").split(), child.attributes.get("id", "")}
                if (not tag or child.tag == tag) and (not named or named in names):
                    yield child
                yield from child.all(tag, named=named)

    def first(self, tag: str = "", *, named: str = "") -> "Node | None":
        """The first such element."""
        return next(self.all(tag, named=named), None)

    @property
    def words(self) -> str:
        """What can be read in it, a line for each part."""
        lines = [" ".join(line.split()) for line in self._text().splitlines()]
        return "\n".join(line for line in lines if line)

    def _text(self) -> str:
        said = "".join(child if isinstance(child, str) else child._text() for child in self.inside)
        return f"\n{said}\n" if self.tag in _BLOCKS else said


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(node)
        if tag not in _EMPTY:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, node in enumerate(self._open) if node.tag == tag]
        if places:
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def read_html(text: str) -> Node:
    """Return the whole page."""
    builder = _Builder()
    builder.feed(text)
    return builder.root
