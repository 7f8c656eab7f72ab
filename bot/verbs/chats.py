"""The words of the command line that chats bring along, such as what is needed before Tocsin can be connected to one."""

import argparse
import os
import sys
from collections.abc import Awaitable, Callable

from bot.config.loading import load_file
from bot.config.settings import Settings
from bot.startup import StartupError
from bot.verbs.verb import Verb
from integrations.chat.discovery import declared, discover
from integrations.chat.kind import ChatVerb


def _carried_out(verb: ChatVerb) -> Callable[[argparse.Namespace], Awaitable[int]]:
    async def run(given: argparse.Namespace) -> int:
        settings, _ = Settings.read(os.environ, declared())
        loaded = load_file(settings, os.environ)
        if loaded.file is None:
            raise StartupError("The configuration has errors; `tocsin check` names them.")
        sys.stdout.write(verb.run(settings, loaded.file, given))
        return 0

    return run


VERBS = tuple(
    Verb(verb.name, verb.summary, _carried_out(verb), verb.arguments)
    for kind in discover().values()
    for verb in kind.verbs
)
