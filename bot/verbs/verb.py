"""One word of the command line."""

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One word of the command line. `arguments` adds what it takes; `run` returns the exit code."""

    name: str
    summary: str
    run: Callable[[argparse.Namespace], Awaitable[int]]
    arguments: Callable[[argparse.ArgumentParser], None] = _nothing
