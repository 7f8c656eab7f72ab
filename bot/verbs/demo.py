"""Show Tocsin at work to somebody who has nothing yet: no configuration, no account, no alert."""

import argparse
import asyncio
import logging
import os
import shutil
import signal
import sys
import textwrap
import webbrowser
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

import aiohttp

from bot.app import running
from bot.demo.guide import Guide
from bot.demo.house import ME, free_port, settings_in, wanted_port
from bot.demo.story import play
from bot.log import configure
from bot.parts import Tocsin
from bot.verbs.verb import Verb

_NARROWEST: Final = 40
"""Columns in which a sentence can still be read."""


async def demo(given: argparse.Namespace) -> int:
    """Play an incident until SIGINT, SIGTERM or SIGHUP; nothing that it wrote is left behind.

    The caller's tocsin.yaml, environment and database are not looked at, but for the port of TOCSIN_LISTEN.
    """
    configure(level=logging.WARNING)
    told = _told_to_stop()
    tell = _teller()
    with TemporaryDirectory(prefix="tocsin-demo-") as folder:
        wanted = wanted_port(os.environ)
        port = free_port(wanted)
        async with running(settings_in(Path(folder), port), env={}) as tocsin:
            _welcome(tocsin, taken=wanted if wanted not in {0, port} else None)
            if given.open:
                await asyncio.to_thread(webbrowser.open, tocsin.url)
            async with aiohttp.ClientSession(tocsin.url) as session, asyncio.TaskGroup() as tasks:
                guide = Guide(tocsin, session, tell)
                parts = [tasks.create_task(guide.follow()), tasks.create_task(play(tocsin, session, guide, tell))]
                await told.wait()
                for part in parts:
                    part.cancel()
            end = tocsin.desk.speech().words("demo.end")
    _write("")
    _write(end)
    return 0


def _told_to_stop() -> asyncio.Event:
    """Return what is set when the demo is to end; a terminal that is closed ends it, too."""
    told = asyncio.Event()
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(stop, told.set)
    return told


def _teller() -> Callable[[str], None]:
    """Return what writes a line into the terminal, with the seconds since now before it."""
    begun_at = monotonic()
    return lambda line: _write(line, f"{monotonic() - begun_at:6.1f} s  ")


def _welcome(tocsin: Tocsin, *, taken: int | None) -> None:
    speech = tocsin.desk.speech()
    _write(speech.words("demo.open", url=tocsin.url, name=ME))
    _write(speech.words("demo.about"))
    if taken is not None:
        _write(speech.words("demo.port", taken=taken))
    _write("")


def _write(line: str, head: str = "") -> None:
    """Write a line at once; on a terminal it is broken between words, and goes on under its beginning."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        line = textwrap.fill(line, max(width - len(head), _NARROWEST), break_on_hyphens=False)
        line = textwrap.indent(line, " " * len(head))[len(head) :]
    sys.stdout.write(f"{head}{line}\n")
    sys.stdout.flush()


def _open(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--open", action="store_true", help="open it in the browser")


VERBS = (Verb("demo", "Play an incident to try Tocsin on, and forget it at the end.", demo, _open),)
