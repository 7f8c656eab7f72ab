"""When it comes: a storm may be over."""

from bot.domain.incident import TimerKind
from bot.ports.records import Due
from bot.ports.store import Unit
from handlers.desk import Desk
from handlers.storming import look


class StormTimer:
    """Looks at one storm; if it goes on, the timer after it is set in the same commit."""

    kind = TimerKind.STORM

    async def run(self, desk: Desk, unit: Unit, due: Due) -> None:
        """Say that it is over, unless so much began again that it is not."""
        await look(desk, unit, due.subject)


TIMER = StormTimer()
