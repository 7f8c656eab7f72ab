"""A foreign program on loopback: started, waited for, its output kept, and stopped for certain."""

import asyncio
import contextlib
import os
import pwd
import random
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Protocol

import aiohttp

START_WITHIN = timedelta(
    seconds=60
)  # a loaded machine is slow, a broken one says nothing: only the latter waits so long
STOP_WITHIN = timedelta(seconds=20)
POLL_EVERY = timedelta(milliseconds=20)


class DidNotStart(Exception):
    """The program ended, or did not become ready in time; the message holds the end of its output."""


PORTS = range(10_000, 32_000)
"""Below those that systems give to whoever connects without asking for one."""

_PLACES = count(random.randrange(len(PORTS)))  # tests that run side by side begin at different ones


def free_port() -> int:
    """Return a loopback port that nobody held a moment ago and that this process was not given before."""
    while True:
        port = PORTS[next(_PLACES) % len(PORTS)]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def unprivileged_account() -> str | None:
    """Return `nobody` when the tests run as root, for programs that refuse root; None otherwise."""
    return pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None


@dataclass(slots=True)
class Program:
    """One process. `log` collects what it prints; `account` is the user that it runs as, None for our own;
    `env` is added to the bare environment that it starts in.
    """

    command: Sequence[str | Path]
    folder: Path
    log: Path
    account: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def is_running(self) -> bool:
        """True between a start and the end of the process, whoever ended it."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The number of the process, None before a start and after a stop."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process and return at once."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(part) for part in self.command],
                cwd=self.folder,
                env={**bare_environment(self.folder), **self.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C at the tests must not reach it before its fixture stops it
                user=self.account,
                group=pwd.getpwnam(self.account).pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
            )

    def run(self) -> int:
        """Start the process, wait for its end, and return its exit code."""
        self.start()
        assert self._process is not None
        code = self._process.wait(START_WITHIN.total_seconds())
        self._process = None
        return code

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Ask the process to end by `how`, insist by SIGKILL, and wait until it is gone; returns its exit code.

        Twice is harmless: None.
        """
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            self._process.wait(STOP_WITHIN.total_seconds())
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        code, self._process = self._process.returncode, None
        return code

    def signal(self, which: signal.Signals) -> None:
        """Send the process a signal and go on."""
        assert self._process is not None
        self._process.send_signal(which)

    def says(self) -> str:
        """Return the end of what the process has printed so far."""
        return end_of(self.log)


def bare_environment(folder: Path) -> dict[str, str]:
    """Return the environment that a program at home in a folder starts in: nothing of ours but where programs are."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C", "TZ": "UTC"}


def end_of(log: Path) -> str:
    """Return the end of what a program has printed into its log."""
    return log.read_text(errors="replace")[-4000:] if log.exists() else ""


class Runs(Protocol):
    """A process that may have ended."""

    @property
    def is_running(self) -> bool: ...


async def becomes_ready(program: Runs, url: str) -> bool:
    """Return true once `url` answers 200, false when the process ended first or took too long."""
    deadline = time.monotonic() + START_WITHIN.total_seconds()
    async with aiohttp.ClientSession() as session:
        while program.is_running and time.monotonic() < deadline:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return True
            await asyncio.sleep(POLL_EVERY.total_seconds())
    return False


async def start_server(
    command: Callable[[int], Sequence[str | Path]], folder: Path, attempts: int = 3
) -> tuple[str, Program]:
    """Start what `command` says for a port, in `folder`; return its address and the program once `/-/ready` says so.

    Raise DidNotStart when it ends before that, or takes too long.
    """
    port = free_port()
    program = Program(command(port), folder, folder / f"output-{port}.log")
    program.start()
    url = f"http://127.0.0.1:{port}"
    if await becomes_ready(program, f"{url}/-/ready"):
        return url, program
    program.stop()
    if attempts > 1 and "address already in use" in program.says():  # the port was free a moment ago
        return await start_server(command, folder, attempts - 1)
    raise DidNotStart(f"{program.command[0]} did not become ready:\n{program.says()}")


async def until(holds: Callable[[], Awaitable[bool]], within: timedelta = START_WITHIN) -> None:
    """Return as soon as `holds`; raise TimeoutError when it does not `within` that time."""
    async with asyncio.timeout(within.total_seconds()):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(POLL_EVERY.total_seconds())
