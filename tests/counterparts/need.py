"""Ask for a counterpart: found, skipped with a reason on a desk, or a failure where CI must have it."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A program that the tests start but Tocsin does not ship."""

    executables: Sequence[str]
    remedy: str


COUNTERPARTS = {
    # Debian prefixes the name; upstream's own archives do not.
    "alertmanager": Counterpart(
        ("prometheus-alertmanager", "alertmanager"), "install Debian's prometheus-alertmanager, or Alertmanager itself"
    ),
    "chromium": Counterpart(
        ("chromium", "chromium-browser", "google-chrome"), "install Debian's chromium, or another Chromium or Chrome"
    ),
    "prometheus": Counterpart(("prometheus",), "install Debian's prometheus, or Prometheus itself"),
}


def need(name: str) -> Path:
    """Return the executable of the counterpart `name`; without it, skip the test, or fail it under CI."""
    counterpart = COUNTERPARTS[name]
    for executable in counterpart.executables:
        if found := shutil.which(executable):
            return Path(found)
    return missing(name, counterpart.remedy)


def missing(name: str, remedy: str) -> NoReturn:
    """Skip the test that needs `name`, saying what would let it run; with CI set, fail instead.

    A skip under CI would let a green run hide that a whole counterpart was never met.
    """
    reason = f"{name} is not on this machine: {remedy}"
    if under_ci():
        pytest.fail(f"{reason} (CI is set, so this is a failure and not a skip)", pytrace=False)
    pytest.skip(reason)


def under_ci() -> bool:
    """Tell whether every counterpart must be there."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}
