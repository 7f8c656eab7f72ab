"""Earlier incidents that are like one, brought along for the question that asks for them."""

from collections.abc import Sequence
from typing import Final

from bot.domain.access import ANYONE
from bot.domain.incident import Incident
from bot.domain.postmortem import State
from bot.domain.resemblance import alike
from bot.domain.text import clean, clip
from bot.ports.store import Unit
from bot.wording.speech import Speech

LOOKED_AT: Final = 500
"""Among so many of the last incidents."""

LONGEST_TITLE: Final = 100


async def alike_lines(unit: Unit, incident: Incident, speech: Speech, public_url: str) -> Sequence[str]:
    """Return a line for each earlier incident that is like this one: what it was, when, in what, where it is told.

    Only incidents that everyone may see: what is answered is read by more than the one who answers.
    """
    earlier = await unit.history.before(incident.number, ANYONE, limit=LOOKED_AT)
    lines = []
    for other, ways in alike(incident, earlier):
        postmortem = await unit.postmortems.of(other.id)
        is_told = postmortem is not None and postmortem.state is not State.WAIVED
        line = speech.words(
            "interview.alike",
            ref=other.ref,
            title=clip(" ".join(clean(other.title).split()), LONGEST_TITLE),
            date=f"{other.opened_at:%Y-%m-%d}",
            why=", ".join(speech.words(f"interview.alike.{way.value}") for way in ways),
            link=f"{public_url}/incidents/{other.ref}" if is_told else None,
        )
        lines.append(line)
    return lines
