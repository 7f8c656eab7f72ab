"""The secrets that a file refers to as `env:NAME`, taken from the environment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import Final

from pydantic import SecretStr

from bot.config.file import File
from bot.config.problem import Problem
from bot.config.tree import Tree, Where
from bot.config.values import REFERENCE, is_reference

_PLAIN: Final = frozenset(ascii_letters + digits + "-_.~")
"""What stands in an address as it is."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords by person, keys and signing secrets by source, keys of heartbeats; all by name. Printed: asterisks."""

    logins: Mapping[str, SecretStr] = field(default_factory=dict)
    keys: Mapping[str, tuple[SecretStr, ...]] = field(default_factory=dict)
    signing: Mapping[str, tuple[SecretStr, ...]] = field(default_factory=dict)
    heartbeats: Mapping[str, SecretStr] = field(default_factory=dict)


def references(tree: Tree) -> dict[Where, str]:
    """Return the variable that each `env:NAME` of the file names, where it stands; only keys, signing and logins can."""
    found = {}
    for where, person in tree.entries("people"):
        login = person.get("login")
        if isinstance(login, str) and is_reference(login.strip()):
            found[(*where, "login")] = login.strip().removeprefix(REFERENCE)
    for where, heartbeat in tree.entries("heartbeats"):
        key = heartbeat.get("key")
        if isinstance(key, str) and is_reference(key.strip()):
            found[(*where, "key")] = key.strip().removeprefix(REFERENCE)
    for where, _ in tree.entries("sources"):
        for at, key in (*tree.words(*where, "keys"), *tree.words(*where, "signing")):
            if is_reference(key.strip()):
                found[at] = key.strip().removeprefix(REFERENCE)
    return found


def missing(tree: Tree, env: Mapping[str, str]) -> tuple[Problem, ...]:
    """Complain of references to variables that are not set, and of keys that no request could carry."""
    return tuple(_missing(tree, env))


def _missing(tree: Tree, env: Mapping[str, str]) -> Iterator[Problem]:
    for where, name in references(tree).items():
        value = env.get(name, "").strip()
        if not value:
            yield tree.problem(where, f"the environment variable {name} is not set", "set it where Tocsin is started")
        elif where[-1] == "key" and not all(letter in _PLAIN for letter in value):
            what = f"{name} holds a sign that an address can't carry as it stands"
            yield tree.problem(where, what, "use letters, digits, - and _ only")
        elif "keys" in where and not all("!" <= letter <= "~" for letter in value):
            what = f"{name} holds a space or a letter that HTTP can't carry"
            yield tree.problem(where, what, "use letters, digits and signs only")
    for where, heartbeat in tree.entries("heartbeats"):
        key = heartbeat.get("key")
        if isinstance(key, str) and key.strip() and not is_reference(key.strip()):
            what = "a key stands in the file, for everyone who can read it"
            yield tree.problem((*where, "key"), what, "put it into an environment variable: env:NAME", is_warning=True)
    for where, _ in tree.entries("sources"):
        for at, key in tree.words(*where, "keys"):
            if key.strip() and not key.strip().startswith(REFERENCE):
                what = "a key stands in the file, for everyone who can read it"
                yield tree.problem(at, what, "put it into an environment variable: env:NAME", is_warning=True)


def reveal(file: File, env: Mapping[str, str]) -> Secrets:
    """Return the secrets of a file whose references were found complete."""
    return Secrets(
        logins={person.name: _value(person.login, env) for person in file.people if person.login is not None},
        keys={source.name: tuple(_value(key, env) for key in source.keys) for source in file.sources},
        heartbeats={heartbeat.name: _value(heartbeat.key, env) for heartbeat in file.heartbeats},
        signing={source.name: tuple(_value(secret, env) for secret in source.signing) for source in file.sources},
    )


def _value(word: str, env: Mapping[str, str]) -> SecretStr:
    return SecretStr(env[word.removeprefix(REFERENCE)].strip() if is_reference(word) else word)
