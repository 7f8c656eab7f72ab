"""Write an incident and its postmortem to the standard output, whether Tocsin runs or not."""

import argparse
import os
import re
import sys
from typing import Final

from bot.config.building import build
from bot.config.loading import load_file
from bot.config.settings import Settings
from bot.domain.access import SYSTEM
from bot.domain.organisation import Organisation
from bot.ports.store import DEFAULT_TENANT
from bot.startup import StartupError
from bot.verbs.database import opened_store
from bot.verbs.verb import Verb
from handlers.exporting.gathering import gather
from handlers.exporting.markdown import markdown
from handlers.exporting.plain import as_json
from integrations.chat.discovery import declared

_REF: Final = re.compile(r"(?:INC-?|#)?([1-9][0-9]{0,17})", re.ASCII | re.IGNORECASE)


async def export(given: argparse.Namespace) -> int:
    """Print an incident with its timeline, its answers and its actions, as Markdown or JSON; private ones too."""
    ref = _REF.fullmatch(given.incident)
    if ref is None:
        raise StartupError(f"{given.incident!r} names no incident; write for example: tocsin export INC-42")
    org = _organisation()
    async with opened_store() as store, store.read(DEFAULT_TENANT) as unit:
        incident = await unit.incidents.by_number(int(ref[1]), SYSTEM)
        if incident is None:
            raise StartupError(f"There is no incident INC-{ref[1]} in this database.")
        dossier = await gather(unit, incident, org)
    sys.stdout.write(as_json(dossier, org) if given.json else markdown(dossier, org))
    return 0


def _organisation() -> Organisation:
    """Return whose incidents these are, by the file; people are named by the database, which knows them by their ids."""
    loaded = load_file(Settings.from_environment(os.environ, declared()), os.environ, None)
    if loaded.file is None:
        return Organisation("", "UTC", ())
    org = build(loaded.file, {person.name: person.name for person in loaded.file.people})
    return Organisation(org.name, org.timezone, ())


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("incident", help="the incident: INC-42, or its number")
    parser.add_argument("--json", action="store_true", help="for programs, with every earlier version of every answer")


VERBS = (Verb("export", "Print an incident with its timeline and its postmortem.", export, _arguments),)
