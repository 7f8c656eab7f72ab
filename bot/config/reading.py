"""Read tocsin.yaml: from its text to its sections, with every mistake told where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.file import File
from bot.config.mistakes import not_text
from bot.config.problem import Problem, shown_key
from bot.config.section import keys_of
from bot.config.tree import Tree, Where, plant
from bot.config.values import OutOfBounds, Wrong
from bot.domain.text import nearest

_SECTION_EXPECTED: Final = {"model_type", "model_attributes_type", "dict_type"}
_LIST_EXPECTED: Final = {"tuple_type", "list_type"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading gave. `file` is None when anything was wrong with the shape; `tree` is always there."""

    tree: Tree
    file: File | None
    problems: tuple[Problem, ...]


def read_path(path: Path, shape: type[File] = File) -> Reading:
    """Read a file. One that can't be opened, or is not UTF-8, is a problem like any other."""
    source = str(path)
    try:
        body = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it can't be opened"
        problem = Problem(source, f"it can't be read: {reason}", "check its path and its permissions")
        return Reading(Tree(source), None, (problem,))
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Reading(Tree(source), None, (not_text(body, error, source),))
    return read_text(text, source, shape)


def read_text(text: str, source: str, shape: type[File] = File) -> Reading:
    """Read a text; `source` is what problems call it. Never raises for what the text holds.

    `shape` is what a file looks like with the chats there are (`bot.config.shape`).
    """
    tree = plant(text, source)
    if tree.problems and not tree.data:
        return Reading(tree, None, tuple(tree.problems))
    try:
        file = shape.model_validate(tree.data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        found = [_problem(tree, one, shape) for one in details if not _is_echo(tree, one)]
        return Reading(tree, None, (*tree.problems, *found))
    return Reading(tree, None if tree.problems else file, tuple(tree.problems))


def _is_echo(tree: Tree, details: ErrorDetails) -> bool:
    """Say whether a list is called empty only since its entries were refused, each with a problem of its own."""
    return details["type"] == "too_short" and bool(tree.get(details["loc"]))


def _problem(tree: Tree, details: ErrorDetails, shape: type[File]) -> Problem:
    where: Where = details["loc"]
    kind = details["type"]
    at_key = bool(where) and where[-1] == "[key]"
    where = where[:-1] if at_key else where
    refused = details.get("ctx", {}).get("error")
    if isinstance(refused, OutOfBounds):
        key = next(step for step in reversed(where) if isinstance(step, str))
        return tree.problem(where, f"{key!r} {refused.what}", refused.remedy, at_key=at_key)
    if isinstance(refused, Wrong):
        return tree.problem(where, refused.what, refused.remedy, at_key=at_key)
    if kind == "extra_forbidden":
        return _unknown_key(tree, where, shape)
    if kind == "missing":
        return tree.problem(where[:-1], f"{where[-1]!r} is missing", f"write '{where[-1]}: ...' here")
    if kind in _SECTION_EXPECTED:
        known = ", ".join(_keys_at(where, shape)) or "key: value"
        return tree.problem(where, "a section belongs here", f"write its keys, one a line and indented: {known}")
    if kind in _LIST_EXPECTED:
        return tree.problem(where, "a list belongs here", "write [one, two], or a line that begins with '- ' for each")
    if kind == "too_short":
        return tree.problem(where, "this list is empty", "put one entry into it at least")
    return tree.problem(where, "this value does not fit here", "compare it with docs/configuration.md")


def _unknown_key(tree: Tree, where: Where, shape: type[File]) -> Problem:
    name, known = str(where[-1]), _keys_at(where[:-1], shape)
    near = nearest(name, known)
    remedy = f"did you mean {near!r}?" if near else f"the keys here are {', '.join(known)}"
    told = shown_key(name, has_value=tree.get(where) is not None)
    what = f"unknown key {told}" if told.startswith("'") else f"{told} is unknown"
    return tree.problem(where, what, remedy, at_key=True)


def _keys_at(where: Where, shape: type[File]) -> tuple[str, ...]:
    """Return the keys that the section at a place may have; none where the keys are free."""
    at: Any = shape
    for step in where:
        if isinstance(step, int):
            at = next((inner for inner in get_args(at) if inner is not Ellipsis), None)
        elif isinstance(at, type) and issubclass(at, BaseModel) and step in keys_of(at):
            at = keys_of(at)[step].annotation
        else:
            return ()
    fields: Mapping[str, Any] = keys_of(at) if isinstance(at, type) and issubclass(at, BaseModel) else {}
    return tuple(fields)
