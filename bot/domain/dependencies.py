"""What needs what: the services that one depends on, also by way of others."""

from collections import deque
from collections.abc import Mapping, Sequence

Edges = Mapping[str, Sequence[str]]
"""By name, what each one needs itself."""


def all_needed(edges: Edges) -> dict[str, tuple[str, ...]]:
    """Return by name all that each one needs, the nearest first; what needs nothing is left out."""
    found = {name: tuple(paths)[1:] for name, paths in ((name, _paths(edges, name)) for name in edges)}
    return {name: needed for name, needed in found.items() if needed}


def all_needing(edges: Edges) -> dict[str, tuple[str, ...]]:
    """Return by name all that need each one, the nearest first; what nothing needs is left out."""
    turned: dict[str, list[str]] = {name: [] for name in edges}
    for name, needed in edges.items():
        for other in needed:
            turned.setdefault(other, []).append(name)
    return all_needed(turned)


def path(edges: Edges, start: str, end: str) -> tuple[str, ...]:
    """Return the shortest way by which one needs another, both ends in it; empty when it does not."""
    return _paths(edges, start).get(end, ())


def cycle(edges: Edges, start: str) -> tuple[str, ...]:
    """Return the shortest way from one back to itself, both ends in it; empty when there is none."""
    ways = _paths(edges, start)
    closing = [(*way, start) for last, way in ways.items() if last != start and start in edges.get(last, ())]
    return min(closing, key=len, default=())


def _paths(edges: Edges, start: str) -> dict[str, tuple[str, ...]]:
    """Return the shortest way to all that can be reached, in the order of their distance; the first is the start."""
    ways: dict[str, tuple[str, ...]] = {start: (start,)}
    ahead = deque([start])
    while ahead:
        here = ahead.popleft()
        for other in edges.get(here, ()):
            if other not in ways:
                ways[other] = (*ways[here], other)
                ahead.append(other)
    return ways
