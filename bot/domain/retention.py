"""How long what came and what was done is kept: the rules by which old rows go, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never


class Shelf(StrEnum):
    """What is cleared out. Incidents, alerts, timelines, postmortems and the audit stand on none of these."""

    DELIVERIES = "deliveries"
    EFFECTS = "effects"
    LINES = "lines"
    UPDATES = "updates"
    CHANGES = "changes"


class Standing(StrEnum):
    """Whether a row is still needed: not yet done with, done with, or set aside for somebody to look at."""

    OPEN = "open"
    DONE = "done"
    SET_ASIDE = "set aside"


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """For how long, and for deliveries also how much. `receipts` are lines, effects and updates that are done with."""

    deliveries: timedelta = timedelta(days=30)
    deliveries_size_bytes: int = 5_000_000_000
    quarantined: timedelta = timedelta(days=180)
    receipts: timedelta = timedelta(days=30)
    # PagerDuty keeps its change events for 90 days, too ("Send a Change Event", "Data Retention").
    changes: timedelta = timedelta(days=90)

    def ages(self, shelf: Shelf) -> dict[Standing, timedelta]:
        """Return from which age on a row goes, by its standing; what is left out stays for good.

        An effect that was given up waits for a person, however long.
        """
        match shelf:
            case Shelf.DELIVERIES:
                return {Standing.DONE: self.deliveries, Standing.SET_ASIDE: self.quarantined}
            case Shelf.UPDATES:
                return {Standing.DONE: self.receipts, Standing.SET_ASIDE: self.quarantined}
            case Shelf.EFFECTS | Shelf.LINES:
                return {Standing.DONE: self.receipts}
            case Shelf.CHANGES:
                return {Standing.DONE: self.changes}
            case _:
                assert_never(shelf)


USUAL_RETENTION: Final = RetentionRules()


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as the rules see it. `key` sorts by the time at which it came."""

    key: int | str
    at: datetime
    standing: Standing
    size_bytes: int = 0


def outlived(
    kept: Sequence[Kept],
    ages: dict[Standing, timedelta],
    now: datetime,
    *,
    excess_bytes: int = 0,
    gives_way: frozenset[Standing] = frozenset({Standing.DONE}),
) -> list[Kept]:
    """Return which of these, oldest first, are to go.

    Those that are old enough go, and of those that `gives_way` names as many more as free `excess_bytes`. What is not
    done with never goes.
    """
    going: list[Kept] = []
    for one in kept:
        age = ages.get(one.standing)
        is_old = age is not None and now - one.at >= age
        if is_old or (excess_bytes > 0 and one.standing in gives_way):
            going.append(one)
            excess_bytes -= one.size_bytes
    return going


def portions(going: Sequence[Kept], *, rows: int, size_bytes: int) -> list[list[Kept]]:
    """Cut what is to go into portions of so many rows and bytes at most; a larger row is a portion of its own."""
    cut: list[list[Kept]] = []
    taken = 0
    for one in going:
        if not cut or len(cut[-1]) >= rows or taken + one.size_bytes > size_bytes:
            cut.append([])
            taken = 0
        cut[-1].append(one)
        taken += one.size_bytes
    return cut
