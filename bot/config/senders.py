"""Check the sources of tocsin.yaml against the kinds of alert sources that Tocsin has."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from bot.config.problem import Problem, shown
from bot.config.tree import Tree
from bot.domain.text import nearest

Kinds = Mapping[str, Collection[str]]
"""The kinds of alert sources, each with the keys that not every kind has a use for and this one does."""

_FOR_SOME: Final = {
    "signing": "it signs nothing that could be checked, so 'signing' would let nobody in",
    "topics": "it has no topics",
    "mapping": "it needs no mapping: it knows the shape of what it is sent",
}


def check_senders(tree: Tree, kinds: Kinds) -> Iterator[Problem]:
    """Complain of kinds that nobody has, and of keys that a kind has no use for."""
    for where, source in tree.entries("sources"):
        kind = source.get("kind")
        if not isinstance(kind, str) or not kind:
            continue
        if kind not in kinds:
            near = nearest(kind, kinds)
            remedy = f"did you mean {near!r}?" if near else "run 'tocsin sources' for those that Tocsin knows"
            yield tree.problem((*where, "kind"), f"there is no kind of source {shown(kind)}", remedy)
            continue
        for key, why in _FOR_SOME.items():
            if source.get(key) and key not in kinds[kind]:
                what = f"{key!r} means nothing to the kind {shown(kind)}: {why}"
                remedy = "give it 'keys' instead" if key != "mapping" else "take it away, or make the kind 'generic'"
                yield tree.problem((*where, key), what, remedy, at_key=True)
