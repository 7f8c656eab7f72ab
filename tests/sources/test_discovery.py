"""Sources are found by their files; a file that is no source stops the start with a sentence."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from integrations.sources.discovery import BadSource, discover
from tests.counterparts.tocsin import REPOSITORY

PLAIN = "from integrations.sources.generic import Generic\nSOURCE = Generic()\n"


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Callable[..., ModuleType]]:
    """Make a package of modules with these contents."""
    made: list[str] = []
    sys.path.insert(0, str(tmp_path))

    def make(name: str, **modules: str) -> ModuleType:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").touch()
        for module, content in modules.items():
            (folder / f"{module}.py").write_text(content)
        made.append(name)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield make
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] in made]:
        del sys.modules[name]


def test_the_sources_that_ship_are_found() -> None:
    assert {"alertmanager", "generic"} <= set(discover())
    assert all(name == source.name for name, source in discover().items())


def test_a_new_file_is_a_new_source(package: Callable[..., ModuleType]) -> None:
    assert list(discover(package("sources_one", plain=PLAIN))) == ["generic"]


def test_a_file_without_a_source_is_named(package: Callable[..., ModuleType]) -> None:
    with pytest.raises(BadSource, match=r"sources_two\.empty has no SOURCE"):
        discover(package("sources_two", empty="x = 1\n"))


def test_two_sources_of_one_name_are_named(package: Callable[..., ModuleType]) -> None:
    with pytest.raises(BadSource, match=r"called 'generic', in sources_three\.a and sources_three\.b"):
        discover(package("sources_three", a=PLAIN, b=PLAIN))


def test_the_page_of_sources_says_of_each_kind_what_its_tests_rest_on() -> None:
    page = (REPOSITORY / "docs/sources/README.md").read_text()
    table = page.partition("| sender | kind |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    rests_on = {row[1].strip("`"): row[5] for row in rows}
    assert set(rests_on) == set(discover())
    assert all(rests_on.values())
