"""How bad an incident is (severity), and how soon it matters (priority from impact and urgency)."""

from enum import IntEnum
from typing import Final

from bot.domain.refusal import Refusal


class Severity(IntEnum):
    """SEV1 is the worst, SEV5 the mildest; a smaller number is more severe."""

    SEV1 = 1
    SEV2 = 2
    SEV3 = 3
    SEV4 = 4
    SEV5 = 5

    def is_worse_than(self, other: "Severity") -> bool:
        """Say whether this severity is strictly more severe than the other."""
        return self < other

    def is_at_least(self, other: "Severity") -> bool:
        """Say whether this severity is as severe as the other, or worse."""
        return self <= other


CRITICAL: Final = Severity.SEV2
"""From this severity on an alert is critical: to hide such alerts has to be said, and they wait for nothing."""


class Level(IntEnum):
    """ITIL's three levels of impact and of urgency; 1 is the highest."""

    HIGH = 1
    MEDIUM = 2
    LOW = 3


def priority(impact: Level, urgency: Level) -> int:
    """Return the priority from 1 (highest) to 5: impact + urgency - 1, the common ITIL matrix."""
    return impact + urgency - 1


def severity_of(impact: Level, urgency: Level) -> Severity:
    """Return the severity that a new incident of this impact and urgency starts with: the priority's number."""
    return Severity(priority(impact, urgency))


def parse_severity(text: str) -> Severity:
    """Read `1`, `sev1`, `SEV-1` or `sev 1`; anything else is refused with the five names."""
    word = text.strip().upper().removeprefix("SEV").removeprefix("-").strip()
    if word in {"1", "2", "3", "4", "5"}:
        return Severity(int(word))
    raise Refusal("severity.unknown", given=text)


def parse_level(text: str) -> Level:
    """Read `high`, `medium` or `low`, their first letters, or 1 to 3; anything else is refused."""
    word = text.strip().lower()
    for level in Level:
        if word and (level.name.lower().startswith(word) or word == str(level.value)):
            return level
    raise Refusal("level.unknown", given=text)
