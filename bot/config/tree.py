"""A YAML text as plain lists, mappings and words, with the line and column of everything in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from bot.config.mistakes import at_character, plain_words
from bot.config.problem import Problem, shown_key
from bot.domain.text import clean

Where = tuple[str | int, ...]
"""Where in the tree: keys and, in lists, positions from 0."""

LONGEST: Final = 1_000_000
_MOST_NODES: Final = 100_000
_DEEPEST: Final = 20
_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
)
_NULL: Final = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text; both count from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Tree:
    """What a text says. Every scalar is a word as it was written, or None: types are the reader's to decide.

    So nothing that YAML would guess (`no` as false, `09:00` as 540) can surprise anyone.
    """

    source: str
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    key_marks: dict[Where, Mark] = field(default_factory=dict)
    value_marks: dict[Where, Mark] = field(default_factory=dict)
    _names: dict[str, frozenset[str]] = field(default_factory=dict)

    def problem(
        self, path: Where, what: str, remedy: str, *, at_key: bool = False, is_warning: bool = False
    ) -> Problem:
        """Return a problem that stands at a path: at the value, or at the key that names it."""
        mark = self._mark(path, at_key=at_key)
        return Problem(self.source, what, remedy, mark.line, mark.column, is_warning)

    def line(self, path: Where) -> int:
        """Return the line on which the value at a path begins."""
        return self._mark(path, at_key=False).line

    def entries(self, *path: str | int) -> Iterator[tuple[Where, dict[str, Any]]]:
        """Go through the mappings of the list at a path; whatever else stands there is passed over."""
        for place, item in enumerate(self._list(path)):
            if isinstance(item, dict):
                yield (*path, place), item

    def words(self, *path: str | int) -> Iterator[tuple[Where, str]]:
        """Go through the words of the list at a path; whatever else stands there is passed over."""
        for place, item in enumerate(self._list(path)):
            if isinstance(item, str):
                yield (*path, place), item

    def names(self, section: str) -> frozenset[str]:
        """Return the names of a section's entries."""
        if section not in self._names:
            named = (entry.get("name") for _, entry in self.entries(section))
            self._names[section] = frozenset(name for name in named if isinstance(name, str))
        return self._names[section]

    def get(self, path: Where) -> Any:
        """Return what stands at a path, or None."""
        found: Any = self.data
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def _list(self, path: Where) -> list[Any]:
        found = self.get(path)
        return found if isinstance(found, list) else []

    def _mark(self, path: Where, *, at_key: bool) -> Mark:
        # What is missing has no place of its own: the nearest thing around it stands for it.
        if at_key and path in self.key_marks:
            return self.key_marks[path]
        while path and path not in self.value_marks:
            path = path[:-1]
        return self.value_marks.get(path, Mark(1, 1))


def plant(text: str, source: str) -> Tree:
    """Read a YAML text of one document; what is wrong with it is in the tree's `problems`. Never raises for the text.

    Nothing is built from tags, and aliases can't make a small text into a large tree.
    """
    tree = Tree(source)
    if len(text) > LONGEST:
        tree.problems.append(Problem(source, "the file is over a million characters long", "is it the right file?"))
        return tree
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        tree.problems.append(at_character(text, error, source))
        return tree
    except yaml.MarkedYAMLError as error:
        tree.problems.append(plain_words(error, source))
        return tree
    except RecursionError:
        tree.problems.append(Problem(source, "lists stand in lists too many times", "write it flatter"))
        return tree
    except (ValueError, OverflowError):
        # The parser lets this one through from chr().
        tree.problems.append(Problem(source, "a \\U escape names no character", "use single quotes around the text"))
        return tree
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag == _NULL):
        return tree
    if not isinstance(root, yaml.MappingNode):
        remedy = "begin with a section, for example 'people:'"
        tree.problems.append(Problem(source, "the file holds no sections", remedy, *_place(root)))
        return tree
    try:
        tree.data = _Planter(tree).plant(root, ())
    except _TooLarge as error:
        what = "sections within sections, or aliases, make this file too large"
        tree.problems.append(Problem(source, what, "write it flatter", *_place(error.node)))
    return tree


class _TooLarge(Exception):
    """There is more at this node than any organisation needs."""

    def __init__(self, node: yaml.Node) -> None:
        super().__init__()
        self.node = node


class _Planter:
    """Turns nodes into plain values and notes where they stood."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._nodes = 0

    def plant(self, node: yaml.Node, path: Where) -> Any:
        self._nodes += 1
        self._tree.value_marks[path] = Mark(*_place(node))
        if self._nodes > _MOST_NODES or len(path) > _DEEPEST:
            raise _TooLarge(node)
        if not self._is_plain(node):
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self.plant(item, (*path, place)) for place, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if node.tag == _NULL:
            return None
        if clean(node.value) != node.value:
            self._wrong(node, "an invisible control character stands in this text", "delete it")
        return node.value

    def _mapping(self, node: yaml.MappingNode, path: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not self._is_plain(key):
                continue
            if not isinstance(key, yaml.ScalarNode):
                self._wrong(key, "a list or a section stands where a key belongs", "write a word before the colon")
                continue
            name = str(key.value)
            if key.tag == "tag:yaml.org,2002:merge":
                self._wrong(key, "'<<' does not merge anything here", "write the keys out")
                continue
            if name in found:
                first = self._tree.key_marks[(*path, name)].line
                told = shown_key(name, has_value=value.tag != _NULL) if not is_private(path) else "this key"
                self._wrong(key, f"{told} stands here a second time; the first is on line {first}", "keep one of them")
                continue
            self._tree.key_marks[(*path, name)] = Mark(*_place(key))
            found[name] = self.plant(value, (*path, name))
        return found

    def _is_plain(self, node: yaml.Node) -> bool:
        if node.tag not in _TAGS:
            # What follows may have been a value or a key once, so it is not looked at.
            self._wrong(node, "tags such as !this mean nothing here", "take the word with the exclamation mark away")
        return node.tag in _TAGS

    def _wrong(self, node: yaml.Node, what: str, remedy: str) -> None:
        self._tree.problems.append(Problem(self._tree.source, what, remedy, *_place(node)))


def is_private(path: Where) -> bool:
    """Say whether what stands at a path may be a secret, or hold one, so that no message may show it."""
    return any(step in {"keys", "signing", "login"} for step in path) or (path[:1], path[-1:]) == (
        ("heartbeats",),
        ("key",),
    )


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
