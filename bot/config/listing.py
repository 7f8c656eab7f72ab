"""Which sources there are, and the addresses that they send to."""

from collections.abc import Iterable, Mapping, Sequence

from bot.ports.sources import AlertSource, KeyedSource, Sender


def senders(named: Iterable[KeyedSource], kinds: Mapping[str, AlertSource], public_url: str) -> Sequence[Sender]:
    """Return the sources of the file, then the kinds that are there without standing in it."""
    listed = [(source.name, source.kind, True) for source in named]
    taken = {name for name, _, _ in listed}
    listed += [(kind, kind, False) for kind in kinds if kind not in taken and ":" not in kind]
    found = []
    for name, kind, is_named in listed:
        source = kinds.get(kind)
        # What has no route is Tocsin's own.
        if source is not None and source.routes:
            paths = [f"{route.method} {public_url}{route.path.replace('{source}', name)}" for route in source.routes]
            found.append(Sender(name, kind.partition(":")[0], paths, is_named))
    return found
