"""The alert sources that are there: those of this package, and the generic one as the configuration maps it."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from bot.ports.sources import AlertSource, MappedSource, options
from integrations.sources import heartbeat, release

Mappings = Mapping[str, Mapping[str, str]]
"""Mappings by the name of the kind that they make, such as `generic:jobs`."""


def options_of(sources: Mapping[str, AlertSource]) -> Mapping[str, frozenset[str]]:
    """Return the kinds, each with the keys of `sources` that not every kind has a use for and this one does."""
    return {name: options(source) for name, source in sources.items()}


def installed(kinds: Mapping[str, AlertSource], mappings: Callable[[], Mappings]) -> "Installed":
    """Return what deliveries are read by: these kinds, and Tocsin's own, which no file can name."""
    own = {source.name: source for source in (heartbeat.OWN, release.OWN)}
    return Installed({**kinds, **own}, mappings)


class Installed(Mapping[str, AlertSource]):
    """The sources by kind. A kind with a mapping is made when it is asked for, since a reload may change it.

    So a body that was set aside is read by the mapping that is in force when it is read again.
    """

    def __init__(self, sources: Mapping[str, AlertSource], mappings: Callable[[], Mappings]) -> None:
        self._sources = sources
        self._mappings = mappings

    def __getitem__(self, kind: str) -> AlertSource:
        source = self._sources[kind.partition(":")[0]]
        if ":" not in kind:
            return source
        if not isinstance(source, MappedSource):
            raise KeyError(kind)
        return _mapped(source, tuple(self._mappings()[kind].items()))

    def __iter__(self) -> Iterator[str]:
        yield from self._sources
        yield from self._mappings()

    def __len__(self) -> int:
        return len(self._sources) + len(self._mappings())


@lru_cache(maxsize=256)  # a mapping is compiled once, not with every body
def _mapped(source: MappedSource, mapping: tuple[tuple[str, str], ...]) -> AlertSource:
    return source.mapped(dict(mapping))
