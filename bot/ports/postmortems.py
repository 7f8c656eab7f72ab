"""What Tocsin asks of its memory for postmortems."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.postmortem import Answer, Postmortem
from bot.domain.postmortem_script import Script


class Postmortems(Protocol):
    """Postmortems, at most one for an incident; the script of each; every version of every answer."""

    async def open(self, postmortem: Postmortem, script: Script) -> Postmortem:
        """Store a new one with its script; returns it with version 1. Raises `Conflict` when the incident has one."""
        ...

    async def save(self, postmortem: Postmortem) -> Postmortem:
        """Store a changed one where `version` is still the stored one; returns it one version on, else `Conflict`."""
        ...

    async def of(self, incident_id: str) -> Postmortem | None:
        """Return the postmortem of an incident."""
        ...

    async def script(self, digest: str) -> Script:
        """Return the script that a postmortem began with. Raises `LookupError` when there is none of this digest."""
        ...

    async def add(self, answers: Sequence[Answer]) -> None:
        """Store new versions of answers; one that is there already, under the same number: `Conflict`."""
        ...

    async def answers(self, postmortem_id: str) -> Sequence[Answer]:
        """Return every version of every answer, in the order in which they were given."""
        ...
