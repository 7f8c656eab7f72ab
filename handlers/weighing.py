"""Reckon how good the alerts of a time were, for the command and for the API."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.access import Viewer
from bot.domain.noise import Episode, Quality, qualities
from bot.domain.organisation import Organisation
from bot.ports.store import Unit

USUAL_PERIOD: Final = timedelta(days=7)
AT_ONCE: Final = 1_000
MOST: Final = 100_000
"""Beyond so many alerts the period is cut short, and said to be."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The rules, the noisiest first, and up to when alerts were looked at."""

    rules: Sequence[Quality]
    until: datetime
    is_cut: bool


async def weigh(
    unit: Unit, org: Organisation, viewer: Viewer, since: datetime, until: datetime, *, service: str | None = None
) -> Weighed:
    """Look at the alerts that began in a time, as far as this viewer may see them, and weigh their rules."""
    episodes: list[Episode] = []
    after: str | None = None
    while len(episodes) < MOST:
        found = await unit.history.began(since, until, viewer, after=after, limit=AT_ONCE)
        episodes += [episode for episode in found if service is None or episode.rule.service == service]
        if len(found) < AT_ONCE:
            break
        after = found[-1].id
    else:
        until = episodes[-1].began_at
    calls = await unit.history.calls({episode.incident for episode in episodes if episode.incident is not None})

    def zone_of(person_id: str) -> str:
        person = org.person(person_id)
        return (person.timezone if person is not None else "") or org.timezone

    # Beside the event loop: with a hundred thousand alerts it takes a good part of a second.
    rules = await asyncio.to_thread(qualities, episodes, calls, zone_of)
    return Weighed(rules, until, is_cut=len(episodes) >= MOST)
