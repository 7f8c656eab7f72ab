"""Finds the alert sources: every module of this package but the shared ones is a source."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Final

import integrations.sources
from bot.ports.sources import AlertSource

_SHARED: Final = frozenset(
    {"discovery", "heartbeat", "installed", "opsgenie_replies", "reading", "release", "signing", "sns"}
)


class BadSource(Exception):
    """A source can't be used: Tocsin must not start, or alerts would be refused."""


def discover(package: ModuleType = integrations.sources) -> Mapping[str, AlertSource]:
    """Import every source of a package; returns them by name, in the order of their names.

    Raises `BadSource` when a module has no `SOURCE`, or when two sources have one name.
    """
    found: dict[str, AlertSource] = {}
    homes: dict[str, str] = {}
    for entry in sorted(pkgutil.iter_modules(package.__path__), key=lambda entry: entry.name):
        if entry.name in _SHARED:
            continue
        path = f"{package.__name__}.{entry.name}"
        source: AlertSource | None = getattr(import_module(path), "SOURCE", None)
        if source is None:
            raise BadSource(f"{path} has no SOURCE; a file of this folder must define the alert source it is for")
        if source.name in found:
            both = f"{homes[source.name]} and {path}"
            raise BadSource(f"two alert sources are called {source.name!r}, in {both}; give one of them another name")
        found[source.name] = source
        homes[source.name] = path
    return dict(sorted(found.items()))
