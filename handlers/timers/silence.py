"""When it comes: a silence ends soon, or has ended."""

from bot.domain.incident import TimerKind
from bot.ports.records import Due
from bot.ports.store import Unit
from handlers.desk import Desk
from handlers.silencing import falls_due


class SilenceTimer:
    """Tells of it, and lets go what the silence held; its subject is the silence's number and `soon` or `end`."""

    kind = TimerKind.SILENCE

    async def run(self, desk: Desk, unit: Unit, due: Due) -> None:
        """Do so, unless it was ended or is none any more."""
        await falls_due(desk, unit, due.subject)


TIMER = SilenceTimer()
