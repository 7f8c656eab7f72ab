"""The commands there are: found in `handlers/commands`, one a file, so that adding one is adding its file."""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import handlers.commands
from bot.domain.text import nearest
from bot.startup import StartupError
from handlers.ask import Command


@dataclass(frozen=True, slots=True)
class Registry:
    """The commands, in the order of their names."""

    commands: tuple[Command, ...]

    def find(self, verb: str) -> Command | None:
        """Return the command of this name or alias, whatever its case, or None."""
        word = verb.casefold()
        return next((command for command in self.commands if word == command.name or word in command.aliases), None)

    def like(self, verb: str) -> str | None:
        """Return the verb that is most like this one, if any is."""
        return nearest(verb, (verb for command in self.commands for verb in (command.name, *command.aliases)))


def discover(package: ModuleType = handlers.commands) -> Registry:
    """Import every module of a package and return their commands.

    Raises `StartupError` for a module that has no `COMMAND`, and for a verb that two modules claim.
    """
    found: dict[str, Command] = {}
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        command = getattr(module, "COMMAND", None)
        if not isinstance(command, Command):
            raise StartupError(
                f"{info.name} has no COMMAND; every module there is one command: add it, or move the module elsewhere."
            )
        found[info.name] = command
    check(found.items())
    return Registry(tuple(sorted(found.values(), key=lambda command: command.name)))


def check(found: Iterable[tuple[str, Command]]) -> None:
    """Raise `StartupError` when two modules claim the same verb, naming both."""
    claimed: dict[str, str] = {}
    for module, command in found:
        for verb in (command.name, *command.aliases):
            if verb in claimed:
                raise StartupError(f"{claimed[verb]} and {module} both claim the verb {verb!r}; rename one of them.")
            claimed[verb] = module


@cache
def registry() -> Registry:
    """Return Tocsin's own commands, found once."""
    return discover()


def usage(command: Command) -> str:
    """Return how a command is written: `sev [INC-42] <1-5> [reason]`."""
    return f"{command.name} {command.usage}".strip()
