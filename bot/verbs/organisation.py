"""Look at the organisation: is its file good, who is on call, what can be said."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.config.building import build
from bot.config.loading import load_file
from bot.config.problem import errors
from bot.config.report import check_text, doctor_text
from bot.config.settings import Settings
from bot.domain.organisation import Organisation
from bot.domain.phrases import Misread, parse_when
from bot.domain.rotation import on_call
from bot.startup import StartupError
from bot.verbs.verb import Verb
from bot.wording.listing import listing
from bot.wording.speech import Speech
from integrations.chat.discovery import declared
from integrations.chat.discovery import discover as discover_chats


async def check(given: argparse.Namespace) -> int:
    """Say what is wrong with the file and the environment, each with line and remedy."""
    from integrations.sources.discovery import discover
    from integrations.sources.installed import options_of

    code, text = check_text(given.path, os.environ, chats=declared(), kinds=options_of(discover()))
    sys.stdout.write(f"{text}\n")
    return code


async def doctor(_given: argparse.Namespace) -> int:
    """Examine settings, file, database, secret key, clocks, port and chats, each with its remedy."""
    from bot.verbs.secret_key import try_key
    from integrations.sources.discovery import discover
    from integrations.sources.installed import options_of
    from storage.migrate import pending
    from storage.store import ask_time

    settings, _ = Settings.read(os.environ, declared())
    ask = [chat.examine for chat in discover_chats().values() if chat.is_wanted(settings.chats)]
    code, text = await doctor_text(
        os.environ,
        database=ask_time,
        pending=pending,
        key=try_key,
        chats=declared(),
        ask=ask,
        kinds=options_of(discover()),
    )
    sys.stdout.write(f"{text}\n")
    return code


async def oncall(given: argparse.Namespace) -> int:
    """Print who is on call for each schedule, now or when asked for."""
    org = _organisation()
    at = datetime.now(UTC)
    if given.when:
        try:
            at = parse_when(" ".join(given.when), at, org.timezone)
        except Misread as misread:
            raise StartupError(Speech(org).misread(misread)) from None
    speech = Speech(org)
    sys.stdout.write(f"{speech.at(at)}\n")
    for schedule in org.schedules:
        names = ", ".join(speech.name(person) for person in on_call(schedule, at)) or "nobody"
        sys.stdout.write(f"  {schedule.name:24} {names}\n")
    return 0


async def wording(_given: argparse.Namespace) -> int:
    """Print every sentence that Tocsin can say, by its key."""
    sys.stdout.write(listing())
    return 0


def _organisation() -> Organisation:
    loaded = load_file(Settings.from_environment(os.environ, declared()), os.environ, None)
    if loaded.file is None or errors(loaded.problems):
        raise StartupError("The configuration has errors; `tocsin check` names them.")
    return build(loaded.file, {person.name: person.name for person in loaded.file.people})


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", type=Path, help="the file (default: the one that Tocsin would read)")


def _when(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("when", nargs="*", help="such as: tomorrow 09:00 (default: now)")


VERBS = (
    Verb("check", "Check the configuration: every mistake with its line and remedy.", check, _file),
    Verb("doctor", "Examine this machine's Tocsin: database, secret key, clocks, port, exposure, chats.", doctor),
    Verb("oncall", "Say who is on call.", oncall, _when),
    Verb("wording", "List every sentence that Tocsin can say.", wording),
)
