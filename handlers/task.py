"""What one chat is asked to do for an effect, or why it is asked for nothing now."""

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.incident import Incident
from bot.ports import chat as ask

ROOM_OPENS_WITHIN = timedelta(milliseconds=200)
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to ask of a chat. `draws` is the hash of the card that it will show, when it draws the card.

    `drawn` is the incident which is drawn, and `ends` how many of its alerts are said to be over. `is_first`: it opens
    the room that the effect itself needs, and the effect is told after it. `opens` is the incident whose room it opens.
    """

    effect: ask.ChatEffect
    suffix: str = ""
    draws: str | None = None
    drawn: Incident | None = None
    ends: int | None = None
    is_first: bool = False
    opens: Incident | None = None

    @property
    def version(self) -> int | None:
        """The version of the incident that is drawn."""
        return self.drawn.version if self.drawn is not None else None


class Untellable(Exception):
    """This can't be told to this chat, now or ever: the reason is for the dead-letter list."""


class Unneeded(Exception):
    """There is nothing left to tell. `version` is that of the incident whose card shows it already."""

    def __init__(self, why: str, version: int | None = None) -> None:
        super().__init__(why)
        self.version = version


class TooEarly(Exception):
    """What must come before has not been told yet; `wait` is how long that may take."""

    def __init__(self, why: str, wait: timedelta) -> None:
        super().__init__(why)
        self.wait = wait


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many tries: a second, then twice that, a minute at most."""
    doublings: int = 2 ** min(attempts, 10)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
