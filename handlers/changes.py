"""What a batch of alert events means for one incident, gathered event by event."""

from dataclasses import dataclass, field

from bot.domain.actions import AlertsChanged, Joined
from bot.domain.routing import Destination
from bot.domain.severity import Severity

TITLES_NAMED = 3


@dataclass(slots=True)
class Change:
    """What a batch means for one incident, or for a group that has none yet."""

    fired: int = 0
    resolved: int = 0
    worst: Severity | None = None
    titles: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    destination: Destination | None = None
    runbook: str | None = None
    joined: dict[str, Joined] = field(default_factory=dict)
    flapping: list[str] = field(default_factory=list)
    turns: int = 0
    held: int = 0
    left: list[str] = field(default_factory=list)

    def fires(self, fingerprint: str, title: str, severity: Severity) -> None:
        """Count an alert that began, or that became bad enough to count."""
        self.fired += 1
        self.fresh.append(fingerprint)
        self.worsens(title, severity)

    def flaps(self, title: str, turns: int, *, is_back: bool) -> None:
        """Note an alert that was found to flap; `is_back`: by its return, which was counted as one that began."""
        self.flapping.append(title)
        self.held += is_back
        self.turns = max(self.turns, turns)

    def worsens(self, title: str, severity: Severity) -> None:
        """Count a severity."""
        if self.worst is None or severity.is_worse_than(self.worst):
            self.worst = severity
        if len(self.titles) < TITLES_NAMED and title not in self.titles:
            self.titles.append(title)

    def add(self, other: "Change") -> None:
        """Take in what the batch means for the same incident by way of another group."""
        self.fired += other.fired
        self.flapping += other.flapping
        self.held += other.held
        self.turns = max(self.turns, other.turns)
        self.resolved += other.resolved
        if other.worst is not None and (self.worst is None or other.worst.is_worse_than(self.worst)):
            self.worst = other.worst
        more = [title for title in other.titles if title not in self.titles]
        self.titles += more[: TITLES_NAMED - len(self.titles)]

    def action(self) -> AlertsChanged:
        """Return what the incident is told."""
        return AlertsChanged(
            fired=self.fired,
            resolved=self.resolved,
            worst=self.worst,
            titles=tuple(self.titles),
            joined=tuple(self.joined.values()),
            flapping=tuple(self.flapping),
            turns=self.turns,
            held=self.held,
            left=tuple(self.left),
        )
