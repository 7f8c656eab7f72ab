"""Follow-ups: work that an incident leaves behind, with an owner and a due time, remembered after it is closed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

REMIND_AGAIN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Followup:
    """One piece of work. `remind_at` is when its owner hears of it next; None once it is done."""

    id: str
    incident: str
    text: str
    owner: str
    due_at: datetime
    created_by: str
    created_at: datetime
    remind_at: datetime | None
    done_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None


def reminded(followup: Followup, now: datetime) -> Followup | None:
    """Return the follow-up with its next reminder a day ahead, or None when none is due now.

    A reminder that fell due while Tocsin was down is due now, once.
    """
    if followup.remind_at is None or followup.remind_at > now:
        return None
    return replace(followup, remind_at=now + REMIND_AGAIN_AFTER)


def done(followup: Followup, now: datetime) -> Followup:
    """Return the follow-up as done at `now`; one done before keeps its first time."""
    return replace(followup, done_at=followup.done_at or now, remind_at=None)
