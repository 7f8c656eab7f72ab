"""When it comes: someone should lead by now."""

from bot.domain.actions import CommanderDue
from bot.domain.incident import TimerKind
from handlers.timing import IncidentTimer

TIMER = IncidentTimer(TimerKind.COMMANDER, CommanderDue)
