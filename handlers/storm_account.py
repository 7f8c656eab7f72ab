"""What people are told of a storm: how far it reaches, since when, and what its alerts have in common."""

from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.domain.storm import top_values
from bot.domain.text import clean, clip
from bot.ports.store import Unit
from bot.wording.speech import Speech

LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class StormAccount:
    """A storm in words: its extent in one line, and a line for each label that tells something."""

    extent: str
    values: tuple[str, ...]


async def of(unit: Unit, incident: Incident, speech: Speech) -> StormAccount | None:
    """Return the account of an incident's storm; None when it is no storm's."""
    storm = await unit.storms.get(incident.id) if incident.is_storm else None
    if storm is None:
        return None
    extent = await unit.storms.extent(incident.id)
    words = speech.words(
        "card.storm_extent",
        groups=extent.groups,
        services=extent.services,
        first_at=storm.began_at.isoformat(),
        last_at=storm.last_at.isoformat(),
    )
    lines = []
    if storm.beside:
        lines.append(speech.words("card.storm_beside", titles="; ".join(storm.beside)))
    for name, counts in top_values(storm):
        values = [
            speech.words("card.storm_value", value=clip(clean(value), LONGEST_VALUE), count=count)
            for value, count in counts
        ]
        lines.append(speech.words("card.storm_values", name=name, values=", ".join(values)))
    return StormAccount(words, tuple(lines))
