"""The questions of postmortems, as they ship with Tocsin."""

from functools import cache
from importlib.resources import files

import yaml

from bot.domain.postmortem_script import Script, script_from_plain
from bot.startup import StartupError


@cache
def own_script() -> Script:
    """Return Tocsin's own script, read once."""
    return read_script(files("bot.config").joinpath("postmortem.yaml").read_text(encoding="utf-8"), "postmortem.yaml")


def read_script(text: str, source: str) -> Script:
    """Read a script from YAML; `source` is what it is called. Raises `StartupError`, which says what is wrong."""
    try:
        return script_from_plain(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError) as error:
        raise StartupError(f"{source}: {error}") from error
