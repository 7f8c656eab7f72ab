"""Which earlier incidents are like one: shown to those who look back, so that nobody has to remember them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.incident import Incident

MOST: Final = 5
"""So many are worth looking at."""

_WORD: Final = re.compile(r"[^\W\d]\w{2,}")
# Words that every other title has; two incidents that share no more than these share nothing.
_EMPTY: Final = frozenset({"and", "are", "for", "from", "has", "have", "not", "the", "too", "was", "with"})


class Likeness(StrEnum):
    """In what an incident is like another; each has the sentence `interview.alike.<value>`."""

    ALERT = "alert"
    TITLE = "title"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Earlier:
    """As much of an earlier incident as it takes to tell whether it is like another."""

    id: str
    number: int
    title: str
    service: str | None
    group_key: str | None
    opened_at: datetime

    @property
    def ref(self) -> str:
        """The name by which people call it."""
        return f"INC-{self.number}"


def alike(incident: Incident, earlier: Iterable[Earlier]) -> tuple[tuple[Earlier, tuple[Likeness, ...]], ...]:
    """Return at most `MOST` of the earlier incidents that are like this one, the newest first, and in what.

    The same alert means the same rule with the same grouping labels. Where more are like it, those stay that are most:
    by the same alert before a title that shares a third of its words, and that before nothing but the same service.
    """
    found = [(one, ways) for one in earlier if (ways := _ways(incident, one))]
    order = list(Likeness)
    found.sort(key=lambda pair: ([way not in pair[1] for way in order], -pair[0].number))
    return tuple(sorted(found[:MOST], key=lambda pair: -pair[0].number))


def _ways(incident: Incident, other: Earlier) -> tuple[Likeness, ...]:
    held = {
        Likeness.ALERT: incident.group_key is not None and incident.group_key == other.group_key,
        Likeness.TITLE: _share_words(incident.title, other.title),
        Likeness.SERVICE: incident.service is not None and incident.service == other.service,
    }
    return tuple(way for way, is_so in held.items() if is_so)


def _share_words(one: str, other: str) -> bool:
    first, second = (set(_WORD.findall(title.casefold())) - _EMPTY for title in (one, other))
    common = first & second
    return bool(common) and 3 * len(common) >= len(first | second)
