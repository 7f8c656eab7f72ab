"""What needs what."""

import random

import pytest

from bot.domain.dependencies import Edges, all_needed, all_needing, cycle, path

SHOP: Edges = {"web": ["shop"], "shop": ["store", "mail"], "store": ["disks"], "mail": [], "disks": []}
RING: Edges = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}


def test_all_that_is_needed_comes_the_nearest_first() -> None:
    assert all_needed(SHOP) == {
        "web": ("shop", "store", "mail", "disks"),
        "shop": ("store", "mail", "disks"),
        "store": ("disks",),
    }
    assert all_needing(SHOP)["disks"] == ("store", "shop", "web")
    assert all_needing({"a": ["unheard of"]}) == {"unheard of": ("a",)}


@pytest.mark.parametrize(
    ("start", "end", "way"),
    [
        ("web", "disks", ("web", "shop", "store", "disks")),
        ("web", "web", ("web",)),
        ("disks", "web", ()),
        ("unheard of", "web", ()),
    ],
)
def test_the_shortest_way_is_told(start: str, end: str, way: tuple[str, ...]) -> None:
    assert path(SHOP, start, end) == way


@pytest.mark.parametrize(("start", "way"), [("a", ("a", "b", "c", "a")), ("b", ("b", "c", "a", "b")), ("d", ())])
def test_a_circle_is_found_by_those_in_it(start: str, way: tuple[str, ...]) -> None:
    assert cycle(RING, start) == way


def test_whatever_the_edges_needed_and_needing_are_each_others_mirror() -> None:
    chance = random.Random(4)
    names = [f"s{number}" for number in range(8)]
    for _ in range(200):
        edges = {name: chance.sample(names, chance.randrange(4)) for name in names}
        needed, needing = all_needed(edges), all_needing(edges)
        pairs = {(name, other) for name, others in needed.items() for other in others}
        assert pairs == {(other, name) for name, others in needing.items() for other in others}
        assert all(bool(path(edges, name, other)) for name, other in pairs)
