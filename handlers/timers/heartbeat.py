"""When it comes: a heartbeat should have been heard of by now."""

from bot.domain.incident import TimerKind
from bot.ports.records import Due
from bot.ports.store import Unit
from handlers.beating import look
from handlers.desk import Desk


class HeartbeatTimer:
    """Looks at one heartbeat; the timer after it is set in the same commit."""

    kind = TimerKind.HEARTBEAT

    async def run(self, desk: Desk, unit: Unit, due: Due) -> None:
        """Report a miss, unless it has beaten since or Tocsin could not have heard it."""
        await look(desk, unit, due.subject)


TIMER = HeartbeatTimer()
