"""Start Tocsin, and tell a running one to read its configuration again."""

import argparse
import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

from bot.app import running
from bot.config.report import reload_text
from bot.config.settings import Settings
from bot.interpreter import settle
from bot.log import configure
from bot.operator import operator
from bot.parts import Tocsin
from bot.ports.records import AuditEntry
from bot.process import Alone, pid_file
from bot.verbs.verb import Verb
from integrations.chat.discovery import declared
from integrations.sources.discovery import discover
from integrations.sources.installed import options_of
from storage.store import write_audit

EXIT_NOT_DONE = 1


async def run(_given: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    configure()
    settings = Settings.from_environment(os.environ, declared())
    with Alone(settings):
        async with running(settings) as tocsin:
            settle()
            sys.stderr.write(f"Tocsin is ready: open {tocsin.url}\n")
            await _until_told_to_stop(tocsin)
    return 0


async def reload(_given: argparse.Namespace) -> int:
    """Send SIGHUP to the Tocsin that runs in this folder, unless it could make nothing of the file."""
    settings = Settings.from_environment(os.environ)
    if faults := reload_text(os.environ, chats=declared(), kinds=options_of(discover())):
        sys.stderr.write(f"{faults}\n")
        return EXIT_NOT_DONE
    path = pid_file(settings)
    try:
        process = int(path.read_text())
        os.kill(process, 0)
        entry = AuditEntry(datetime.now(UTC), operator(), "", "Reload", "configuration")
        await write_audit(settings.database_url, entry)
        os.kill(process, signal.SIGHUP)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        sys.stderr.write(f"No Tocsin runs here ({path}); elsewhere, send SIGHUP to its process.\n")
        return EXIT_NOT_DONE
    sys.stdout.write("Told it to read its configuration again; its log says whether it liked it.\n")
    return 0


async def _until_told_to_stop(tocsin: Tocsin) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    reloading: set[asyncio.Task[None]] = set()

    def read_again() -> None:
        task = loop.create_task(tocsin.reload())
        reloading.add(task)
        task.add_done_callback(reloading.discard)

    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, told.set)
    loop.add_signal_handler(signal.SIGHUP, read_again)
    await told.wait()


VERBS = (
    Verb("run", "Start Tocsin and serve until it is told to stop.", run),
    Verb("reload", "Tell a running Tocsin to read its configuration again.", reload),
)
