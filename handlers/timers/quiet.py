"""When it comes: all alerts have been silent for the quiet time."""

from bot.domain.actions import QuietDue
from bot.domain.incident import TimerKind
from handlers.timing import IncidentTimer

TIMER = IncidentTimer(TimerKind.QUIET, QuietDue)
