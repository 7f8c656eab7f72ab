"""Find every sentence that the code refers to, by reading the code."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.wording.catalogue import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "handlers", "integrations", "storage")
SUBJECTS = sorted({key.partition(".")[0] for key in SENTENCES})

# A word with a dot that begins like a key, in quotes: that is how code and templates name sentences.
_KEY = re.compile(rf"(?:{'|'.join(SUBJECTS)})(?:\.[a-z0-9_]*[a-z0-9])+")
_QUOTED = re.compile(rf"""(["'])({_KEY.pattern})\1""")
_FILES = re.compile(r".*\.(?:py|js|css|html|yaml|json|toml|md|po|db)")


@dataclass(frozen=True)
class Reference:
    """A sentence that is referred to; `fields` are those that it is given, None where that can't be read."""

    place: str
    key: str
    fields: frozenset[str] | None = None


def references() -> list[Reference]:
    """Every reference in the code and in the templates of pages."""
    found: list[Reference] = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.stem != "sentences" and path.parent.name != "sentences":
                found.extend(_in_code(path))
        for path in sorted((ROOT / package).rglob("*.html")):
            found.extend(_in_text(path))
    return found


def _in_text(path: Path) -> Iterator[Reference]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for match in _QUOTED.finditer(line):
            if not _FILES.fullmatch(match[2]):
                yield Reference(f"{path.relative_to(ROOT)}:{number}", match[2])


def _in_code(path: Path) -> Iterator[Reference]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # A refusal is named without the word that all of them begin with.
            if f"refusal.{node.value}" in SENTENCES:
                yield Reference(place, f"refusal.{node.value}")
            elif _KEY.fullmatch(node.value) and not _FILES.fullmatch(node.value):
                yield Reference(place, node.value)
        elif isinstance(node, ast.Call) and node.args:
            for key in _texts(node.args[0]):
                yield from _called(node, key, place)


def _called(call: ast.Call, key: str, place: str) -> Iterator[Reference]:
    match call.func:
        case ast.Name(id="Message"):
            yield Reference(place, key, _of_dict(call.args[1]) if len(call.args) > 1 else frozenset())
        case ast.Name(id="Refusal"):
            yield Reference(place, f"refusal.{key}", _of_keywords(call))
        case ast.Name(id="Misread"):
            yield Reference(place, key, frozenset({"text"}))
        case ast.Attribute(attr="words"):
            yield Reference(place, key, _of_keywords(call))
        case ast.Attribute(attr="decide"):
            given = _of_keywords(call)
            yield Reference(place, f"reply.{key}", None if given is None else given | {"ref"})
        case _:
            pass


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be: a constant, or one of two."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)
        case _:
            pass


def _of_dict(node: ast.expr) -> frozenset[str] | None:
    if not isinstance(node, ast.Dict):
        return None
    names = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    return frozenset(str(name) for name in names) if None not in names else None


def _of_keywords(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return frozenset(str(name) for name in names) if None not in names else None
