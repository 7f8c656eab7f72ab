"""When it comes: the next step of an escalation is due."""

from bot.domain.actions import EscalationDue
from bot.domain.incident import TimerKind
from handlers.timing import IncidentTimer

TIMER = IncidentTimer(TimerKind.ESCALATE, EscalationDue)
