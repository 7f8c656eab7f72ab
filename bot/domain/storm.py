"""Storms: when so much breaks at once that a room for each thing would hide them all, newcomers share one incident."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.domain.severity import Severity

STORM_GROUP: Final = "storm"
"""The group of a storm's incident. No alert's group is called so: those are hexadecimal digits."""

TELLING_LABELS: Final = ("alertname", "service", "cluster", "namespace", "severity")
"""The labels by which people tell what a storm is about."""

TOP: Final = 5
MOST_BESIDE: Final = 20
_MOST_VALUES: Final = 100


@dataclass(frozen=True, slots=True)
class StormRules:
    """More than `groups` new groups `within` a while are a storm; it is over when that is over for `quiet`.

    What is `critical` or worse never folds.
    """

    groups: int = 20
    within: timedelta = timedelta(minutes=1)
    quiet: timedelta = timedelta(minutes=5)
    critical: Severity = Severity.SEV2

    def is_spared(self, worst: Severity | None) -> bool:
        """Whether a group as bad as this opens an incident of its own, whatever the weather."""
        return worst is not None and worst.is_at_least(self.critical)


USUAL_STORM: Final = StormRules()


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm as it is remembered, under its incident (id). `above_at` is when the rate was last seen above the limit.

    `beside` names the latest incidents that critical alerts opened meanwhile. `values` counts the folded alerts by label and value; of a label with very many values, the rarest are forgotten.
    """

    incident: str
    began_at: datetime
    last_at: datetime
    above_at: datetime
    ended_at: datetime | None = None
    beside: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        """Whether newcomers fold into it."""
        return self.ended_at is None


def folding(
    newcomers: Iterable[tuple[str, Severity | None]], recent: int, rules: StormRules, *, is_on: bool
) -> tuple[str, ...]:
    """Return which of the new groups (key and worst severity, in order of receipt) fold.

    `recent` counts the groups that were new shortly before. All count, and those before the limit is passed stay.
    """
    folded = []
    for key, worst in newcomers:
        recent += 1
        is_on = is_on or recent > rules.groups
        if is_on and not rules.is_spared(worst):
            folded.append(key)
    return tuple(folded)


def counted(
    values: Mapping[str, Mapping[str, int]], labels: Iterable[Mapping[str, str]]
) -> Mapping[str, Mapping[str, int]]:
    """Return the counts with those of more alerts, given by their labels."""
    sums = {name: dict(counts) for name, counts in values.items()}
    for one in labels:
        for name in TELLING_LABELS:
            if value := one.get(name):
                counts = sums.setdefault(name, {})
                counts[value] = counts.get(value, 0) + 1
    return {name: dict(_most(counts, _MOST_VALUES)) for name, counts in sums.items()}


def top_values(storm: Storm) -> Sequence[tuple[str, Sequence[tuple[str, int]]]]:
    """Return the most frequent values of each telling label that its alerts have, with their counts."""
    return [(name, _most(storm.values[name], TOP)) for name in TELLING_LABELS if name in storm.values]


def over_at(storm: Storm, rules: StormRules) -> datetime:
    """Return when the storm is over, unless the rate rises above the limit once more before that."""
    return storm.above_at + rules.quiet


def _most(counts: Mapping[str, int], limit: int) -> Sequence[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
