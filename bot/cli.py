"""The command line: `tocsin run`, `check`, `backup` and the others; every one says what to do when it can't."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Sequence

from bot.config.problem import ConfigError
from bot.startup import StartupError


def main(words: Sequence[str] | None = None) -> int:
    """Carry out one command line; returns the exit code: 0 done, 1 not done, 2 misused, 141 nobody reads on."""
    # Loaded here, so that `tocsin --help` answers at once and a broken part names itself.
    from bot.verbs import VERBS
    from storage.engine import UnusableDatabase

    parser = argparse.ArgumentParser(prog="tocsin", description="An incident bot for chat that you host yourself.")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        one = verbs.add_parser(verb.name, help=verb.summary, description=verb.summary)
        verb.arguments(one)
        one.set_defaults(run=verb.run)
    given = parser.parse_args(words)
    try:
        code = _finish(given.run(given))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _unread()
    except ExceptionGroup as group:
        # A verb of several tasks, such as the demo, in one of which it happened.
        if group.split(BrokenPipeError)[1] is not None:
            raise
        return _unread()
    except (ConfigError, StartupError, UnusableDatabase) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _unread() -> int:
    """End as programs do whose reader has had enough, such as `head`."""
    # Python writes what is left once more at its end; it must not fail there.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE


def _finish(work: Awaitable[int]) -> int:
    async def awaited() -> int:
        return await work

    if os.name == "posix":
        import uvloop

        return uvloop.run(awaited())
    return asyncio.run(awaited())
