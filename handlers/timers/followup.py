"""When it comes: a follow-up's owner is reminded, also when the incident is closed long since."""

from bot.domain.actions import FollowupDue
from bot.domain.incident import TimerKind
from bot.ports.records import Due
from bot.ports.store import Unit
from handlers.deciding import act, reload
from handlers.desk import Desk
from handlers.timing import TOCSIN


class FollowupTimer:
    """Reminds of one follow-up; the reminder after it is set in the same commit."""

    kind = TimerKind.FOLLOWUP

    async def run(self, desk: Desk, unit: Unit, due: Due) -> None:
        """Remind, unless the work is done or the follow-up is gone."""
        followup = await unit.followups.get(due.subject)
        incident = await reload(unit, followup.incident) if followup is not None else None
        if followup is not None and incident is not None:
            await act(desk, unit, incident, FollowupDue(followup), TOCSIN)


TIMER = FollowupTimer()
