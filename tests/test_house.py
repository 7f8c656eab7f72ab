"""The rules of the house that no linter keeps."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "handlers", "integrations", "storage", "tests", "benchmarks")
MOST_LINES = 320

# Each exception says why.
LARGER = {
    "bot/ports/store.py": "all that storage promises, read as one page: signatures and their promises, no statement",
}

DOMAIN = sorted((ROOT / "bot" / "domain").rglob("*.py"))


def of_the_repository(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", DOMAIN, ids=of_the_repository)
def test_the_domain_imports_the_standard_library_and_itself_only(module: Path) -> None:
    foreign = {
        name
        for name in imports(module)
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("bot.domain")
    }

    assert foreign == set()


@pytest.mark.parametrize("module", DOMAIN, ids=of_the_repository)
def test_the_domain_never_asks_what_time_it_is(module: Path) -> None:
    asked = [
        f"line {call.lineno}"
        for call in ast.walk(tree_of(module))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"now", "today", "utcnow"}
    ]

    assert asked == []


def test_files_are_small_enough_to_hold_one_subject() -> None:
    lengths = {
        of_the_repository(path): len(path.read_text().splitlines())
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }

    assert {path for path, lines in lengths.items() if lines > MOST_LINES} == set(LARGER)


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, "relative imports are not used here"
            yield node.module


def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(), filename=str(module))
