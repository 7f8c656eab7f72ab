"""Tocsin as a process of its own, forked from one that has imported it.

Most of a start are imports, and the tests of survival start Tocsin two hundred times. The fork runs what
`python -m bot run` runs, in the same bare environment, and dies of the same signals.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bot.cli import main
from tests.counterparts.program import STOP_WITHIN, bare_environment, end_of

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "bot.app",
        "bot.verbs",
        "integrations.chat.slack.opening",
        "integrations.chat.telegram.opening",
        "tests.counterparts.forked",
        "uvloop",
    ]
)


@dataclass(slots=True)
class Forked:
    """One such process. `log` collects what it prints; `env` is added to the bare environment."""

    folder: Path
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    _process: ForkServerProcess | None = field(default=None, init=False)

    @property
    def is_running(self) -> bool:
        """True between a start and the end of the process, whoever ended it."""
        return self._process is not None and self._process.is_alive()

    def start(self) -> None:
        """Start the process and return at once."""
        env = {**bare_environment(self.folder), **self.env}
        self._process = _FORKS.Process(target=_run, args=(self.folder, self.log, env), daemon=True)
        self._process.start()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Ask the process to end by `how`, insist by SIGKILL, and wait until it is gone; returns its exit code.

        Twice is harmless: None.
        """
        if self._process is None:
            return None
        self.signal(how)
        self._process.join(STOP_WITHIN.total_seconds())
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        code = self._process.exitcode
        self._process.close()
        self._process = None
        return code

    def signal(self, which: signal.Signals) -> None:
        """Send the process a signal and go on."""
        assert self._process is not None
        if self._process.is_alive():
            assert self._process.pid is not None
            os.kill(self._process.pid, which)

    def says(self) -> str:
        """Return the end of what the process has printed so far."""
        return end_of(self.log)


def _run(folder: Path, log: Path, env: Mapping[str, str]) -> None:
    """Be Tocsin: what the fork does."""
    os.setsid()  # Ctrl-C at the tests must not reach it before its fixture stops it
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        for ours, standard in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(ours.fileno(), standard)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(folder)
    sys.exit(main(["run"]))
