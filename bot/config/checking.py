"""Check what the parts of tocsin.yaml say of one another: every name that is used must be someone's.

These checks look at the words as written, not at the sections read from them, so that a wrong time zone
in one line does not hide an unknown name in another.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from bot.config.declared import Declaration
from bot.config.hushing import check_window
from bot.config.problem import Problem, shown
from bot.config.senders import Kinds, check_senders
from bot.config.tree import Tree, Where
from bot.domain.dependencies import cycle
from bot.domain.text import nearest

_SECTIONS: Final = {"people": "person", "teams": "team", "services": "service", "schedules": "schedule"}
_ONE: Final = {
    **_SECTIONS,
    "policies": "policy",
    "rules": "rule",
    "sources": "source",
    "heartbeats": "heartbeat",
    "maintenance": "maintenance window",
    "inhibit": "inhibiting rule",
}
_KINDS: Final = {"person": "people", "schedule": "schedules", "team": "teams"}


def check(tree: Tree, kinds: Kinds | None = None, chats: Sequence[Declaration] = ()) -> tuple[Problem, ...]:
    """Return all that does not fit together. `kinds` are the kinds of sources that Tocsin has; None: not checked."""
    if tree.problems and not tree.data:
        return ()
    checks: tuple[Callable[[Tree], Iterator[Problem]], ...] = (
        _duplicates,
        partial(_accounts, chats=chats),
        _severities,
        _teams,
        _services,
        _circles,
        _schedules,
        _policies,
        _routes,
        _rules,
        _hours,
        _heartbeats,
        _maintenance,
        _people,
    )
    found = [problem for one in checks for problem in one(tree)]
    if kinds is not None:
        found.extend(check_senders(tree, kinds))
    return tuple(found)


def _known(tree: Tree, section: str, where: Where, name: object) -> Iterator[Problem]:
    """Complain if a name that is used somewhere is nobody's."""
    if not isinstance(name, str) or not name:
        return
    names = tree.names(section)
    if name in names:
        return
    near = nearest(name, names)
    remedy = f"did you mean {near!r}?" if near else f"add it to '{section}', or name another"
    yield tree.problem(where, f"there is no {_ONE[section]} {shown(name)}", remedy)


def _duplicates(tree: Tree) -> Iterator[Problem]:
    for section, one in _ONE.items():
        yield from _twice(tree, (section,), one)
    for where, _ in tree.entries("schedules"):
        yield from _twice(tree, (*where, "layers"), "layer of this schedule")


def _twice(tree: Tree, section: Where, one: str) -> Iterator[Problem]:
    seen: dict[str, Where] = {}
    for where, entry in tree.entries(*section):
        name = entry.get("name")
        if not isinstance(name, str) or not name:
            continue
        first = seen.setdefault(name.casefold(), where)
        if first != where:
            what = f"{shown(name)} is the name of another {one}, on line {tree.line((*first, 'name'))}"
            yield tree.problem((*where, "name"), what, "rename one of them")


def _accounts(tree: Tree, chats: Sequence[Declaration]) -> Iterator[Problem]:
    belongings = {chat.name: f"{chat.title} account" for chat in chats if chat.account is not None}
    belongings["email"] = "e-mail address"
    owners: dict[tuple[str, str], Where] = {}
    for where, entry in tree.entries("people"):
        for key, what in belongings.items():
            account = entry.get(key)
            if not isinstance(account, str) or not account:
                continue
            first = owners.setdefault((key, account.casefold()), where)
            if first != where:
                told = f"this {what} belongs to another person, on line {tree.line((*first, key))}"
                yield tree.problem((*where, key), told, "take it away from one of them")


def _severities(tree: Tree) -> Iterator[Problem]:
    words = tree.get(("severities",))
    seen: dict[str, str] = {}
    for word in words if isinstance(words, dict) else ():
        first = seen.setdefault(word.casefold(), word)
        if first != word:
            what = f"{shown(word)} and {shown(first)} are the same word in another case"
            yield tree.problem(("severities", word), what, "keep one of them", at_key=True)


def _teams(tree: Tree) -> Iterator[Problem]:
    for where, team in tree.entries("teams"):
        yield from _known(tree, "people", (*where, "lead"), team.get("lead"))
        for at, member in tree.words(*where, "members"):
            yield from _known(tree, "people", at, member)


def _services(tree: Tree) -> Iterator[Problem]:
    for where, service in tree.entries("services"):
        yield from _known(tree, "teams", (*where, "team"), service.get("team"))
        yield from _known(tree, "policies", (*where, "policy"), service.get("policy"))
        for at, other in tree.words(*where, "depends_on"):
            if other == service.get("name"):
                yield tree.problem(at, "this service depends on itself", "take its own name out of the list")
            elif other not in tree.names("services"):
                # Something that nobody pages for may well be named without being described.
                near = nearest(other, tree.names("services"))
                remedy = f"did you mean {near!r}?" if near else "add it to 'services', if it is to be looked after"
                yield tree.problem(at, f"there is no service {shown(other)}", remedy, is_warning=True)


def _circles(tree: Tree) -> Iterator[Problem]:
    edges: dict[str, list[str]] = {}
    places: dict[str, Where] = {}
    for where, service in tree.entries("services"):
        if isinstance(name := service.get("name"), str):
            edges[name] = [other for _, other in tree.words(*where, "depends_on") if other != name]
            places[name] = (*where, "depends_on")
    told: set[str] = set()
    for name in edges:
        if name not in told and (way := cycle(edges, name)):
            told.update(way)
            what = f"these services depend on one another in a circle: {' -> '.join(way)}"
            yield tree.problem(places[name], what, "take one of them out, so that one can tell which breaks the others")


def _heartbeats(tree: Tree) -> Iterator[Problem]:
    for where, heartbeat in tree.entries("heartbeats"):
        yield from _known(tree, "services", (*where, "service"), heartbeat.get("service"))


def _maintenance(tree: Tree) -> Iterator[Problem]:
    for where, window in tree.entries("maintenance"):
        for at, service in tree.words(*where, "services"):
            yield from _known(tree, "services", at, service)
        yield from check_window(tree, where, window)


def _schedules(tree: Tree) -> Iterator[Problem]:
    for where, _ in tree.entries("schedules"):
        for layer, _ in tree.entries(*where, "layers"):
            for at, person in tree.words(*layer, "people"):
                yield from _known(tree, "people", at, person)


def _policies(tree: Tree) -> Iterator[Problem]:
    for where, _ in tree.entries("policies"):
        for step, _ in tree.entries(*where, "steps"):
            for at, target in tree.words(*step, "page"):
                kind, _, name = target.partition(":")
                if kind in _KINDS:
                    yield from _known(tree, _KINDS[kind], at, name)


def _routes(tree: Tree) -> Iterator[Problem]:
    routes = list(tree.entries("routes"))
    seen: dict[str, Where] = {}
    for where, route in routes:
        yield from _known(tree, "services", (*where, "service"), route.get("service"))
        yield from _known(tree, "policies", (*where, "policy"), route.get("policy"))
        match = route.get("match")
        if isinstance(match, str):
            first = seen.setdefault(match, where)
            if first != where:
                what = f"no alert comes here: the route on line {tree.line(first)} has the same 'match'"
                yield tree.problem((*where, "match"), what, "take one of the two away")
            if not route.get("service") and not route.get("policy"):
                yield tree.problem(where, "this route leads nowhere", "give it a 'service', a 'policy' or both")
        elif match is None and where != routes[-1][0]:
            what = "this route has no 'match' and catches all; those after it never get an alert"
            yield tree.problem(where, what, "make it the last one, or give it a 'match'")
    if routes:
        yield from _last_route(tree, *routes[-1])


def _rules(tree: Tree) -> Iterator[Problem]:
    rules = list(tree.entries("rules"))
    for where, rule in rules:
        for key, section in (("service", "services"), ("policy", "policies"), ("team", "teams")):
            yield from _known(tree, section, (*where, key), rule.get(key))
        if rule.get("match") is None and rule.get("service") is None and where != rules[-1][0]:
            what = "this rule has neither 'match' nor 'service' and fits all; those after it never get an alert"
            yield tree.problem(where, what, "make it the last one, or give it a 'match'")
        if not rule.keys() - {"name", "match", "service"}:
            yield tree.problem(where, "this rule changes nothing", "say what it does otherwise, or take it away")


def _hours(tree: Tree) -> Iterator[Problem]:
    hours, outside = tree.get(("business_hours",)), tree.get(("outside_hours",))
    if isinstance(hours, dict):
        begin, end = (str(hours.get(key, usual)).zfill(5) for key, usual in (("begin", "09:00"), ("end", "18:00")))
        if end <= begin:
            what = f"work ends at {end}, before it begins at {begin}"
            yield tree.problem(("business_hours",), what, "write an 'end' that is later on the same day", at_key=True)
    if not isinstance(outside, dict):
        return
    if not isinstance(hours, dict):
        what, remedy = "nothing says when work is, so this changes nothing", "add 'business_hours:'"
        yield tree.problem(("outside_hours",), what, remedy, at_key=True)
    for severity, worth in outside.items():
        if str(worth).upper().startswith("SEV") and str(worth).upper() <= severity.upper():
            what = f"{shown(worth)} is not milder than {severity}"
            yield tree.problem(("outside_hours", severity), what, "write a milder severity, or 'hold'")


def _last_route(tree: Tree, where: Where, route: dict[str, object]) -> Iterator[Problem]:
    if route.get("match") is not None:
        remedy = "add a last route without 'match': - {policy: ...}"
        yield tree.problem(where, "alerts that match no route would page nobody", remedy)
    elif not route.get("policy") and not _policy_of(tree, route.get("service")):
        what = "the route that catches all names no policy, so it would page nobody"
        yield tree.problem(where, what, "add 'policy: ...' to it")


def _policy_of(tree: Tree, service: object) -> object:
    return next((entry.get("policy") for _, entry in tree.entries("services") if entry.get("name") == service), None)


def _people(tree: Tree) -> Iterator[Problem]:
    people = list(tree.entries("people"))
    if not people:
        what = "there is nobody in this file, so nobody can be paged and no command is obeyed"
        yield tree.problem((), what, "add 'people:' with yourself in it")
    elif all(str(person.get("access", "")).strip().lower() != "admin" for _, person in people):
        what, remedy = "nobody has the access 'admin'", "give it to one person at least"
        yield tree.problem(("people",), what, remedy, at_key=True, is_warning=True)
    if people and not tree.get(("policies",)):
        what, remedy = "there is no policy, so alerts page nobody", "add 'policies:' with one policy"
        yield tree.problem((), what, remedy, is_warning=True)
