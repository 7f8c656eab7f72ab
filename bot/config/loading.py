"""Everything between a path and a configuration that can be used: read, check, resolve, and see who can reach it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.config.checking import check
from bot.config.default import read_default
from bot.config.exposure import check_exposure
from bot.config.file import File
from bot.config.problem import Problem, errors, in_order
from bot.config.reading import read_path
from bot.config.secrets import Secrets, missing, references, reveal
from bot.config.senders import Kinds
from bot.config.settings import Settings
from bot.config.shape import file_with


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found. `file` and `secrets` are None where an error stands in the way; warnings may come with them.

    `referred` are the environment variables that the file names; `is_default`: there is no file.
    """

    file: File | None
    secrets: Secrets | None
    problems: tuple[Problem, ...]
    referred: frozenset[str] = frozenset()
    is_default: bool = False


def load_file(settings: Settings, env: Mapping[str, str], kinds: Kinds | None = None) -> Loaded:
    """Load the file that the settings name, or the default organisation where none is named and none is there.

    `kinds` are the kinds of alert sources that Tocsin has; None: they are not checked. Never raises for what the file
    holds.
    """
    is_default = not settings.config_is_named and not settings.config_path.exists()
    chats = settings.chats.declared
    shape = file_with(chats)
    reading = read_default(shape) if is_default else read_path(settings.config_path, shape)
    tree = reading.tree
    problems = [*reading.problems]
    if reading.file is not None or tree.data:
        problems += [*check(tree, kinds, chats), *missing(tree, env)]
    referred = frozenset(references(tree).values())
    if reading.file is None or errors(problems):
        return Loaded(None, None, in_order(problems), referred, is_default)
    secrets = reveal(reading.file, env)
    problems += check_exposure(settings, reading.file, secrets)
    return Loaded(reading.file, secrets, in_order(problems), referred, is_default)
