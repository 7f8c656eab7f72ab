"""When it comes: an update is owed."""

from bot.domain.actions import UpdateDue
from bot.domain.incident import TimerKind
from handlers.timing import IncidentTimer

TIMER = IncidentTimer(TimerKind.UPDATE, UpdateDue)
