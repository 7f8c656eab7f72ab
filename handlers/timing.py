"""The timer loop: what is due is taken once, decided upon anew and stored in one commit."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from bot.domain.actions import CommanderDue, EscalationDue, QuietDue, UpdateDue
from bot.domain.incident import TimerKind
from bot.domain.timeline import Actor
from bot.ports.records import Due
from bot.ports.store import Conflict, Unit, Urgency
from bot.setbacks import Setbacks
from handlers.deciding import act, reload
from handlers.desk import Desk

log = structlog.get_logger(__name__)

TOCSIN = Actor(part="timer")
AT_ONCE = 50
TRIES = 5


class Timer(Protocol):
    """What a module in `handlers/timers` declares as its `TIMER`."""

    kind: TimerKind

    async def run(self, desk: Desk, unit: Unit, due: Due) -> None:
        """Do what is due, in the unit of work in which the timer was removed; stale: do nothing."""
        ...


class IncidentTimer:
    """A timer of an incident: the action is decided on the incident as it is now."""

    def __init__(
        self, kind: TimerKind, action: Callable[[], EscalationDue | UpdateDue | CommanderDue | QuietDue]
    ) -> None:
        self.kind = kind
        self._action = action

    async def run(self, desk: Desk, unit: Unit, due: Due) -> None:
        """Decide, and set the incident's timers from what it then is."""
        incident = await reload(unit, due.subject)
        if incident is None:
            return
        decision = await act(desk, unit, incident, self._action(), TOCSIN)
        await unit.timers.set_for(incident.id, decision.incident.timers())


def discover() -> Mapping[str, Timer]:
    """Return every timer by its kind; a module without `TIMER`, two of one kind, or a kind without one: RuntimeError."""
    package = importlib.import_module("handlers.timers")
    found: dict[str, Timer] = {}
    for module in pkgutil.iter_modules(package.__path__):
        timer = getattr(importlib.import_module(f"handlers.timers.{module.name}"), "TIMER", None)
        if timer is None:
            raise RuntimeError(f"handlers/timers/{module.name}.py has no TIMER: declare one, or move the file away.")
        if timer.kind.value in found:
            raise RuntimeError(f"handlers/timers/{module.name}.py declares the timer '{timer.kind}' a second time.")
        found[timer.kind.value] = timer
    missing = [kind.value for kind in TimerKind if kind.value not in found]
    if missing:
        raise RuntimeError(f"No file in handlers/timers declares: {', '.join(missing)}.")
    return found


class TimerLoop:
    """One step takes the timers that are due, the longest overdue first.

    Each stands by itself: one that fails is put off for a growing while, and the rest go on. A timer of a kind that
    only a newer replica knows is left to that one.
    """

    def __init__(self, desk: Desk, timers: Mapping[str, Timer]) -> None:
        self._desk = desk
        self._timers = timers
        self._setbacks = Setbacks[Due]("timers", desk.metrics)

    async def step(self) -> bool:
        """Carry out what is due; returns whether there was anything."""
        now = self._desk.now()
        resting = self._setbacks.resting(now)
        # Those that rest are the longest overdue: they must not fill the window before the others.
        due = await self._desk.store.timers.due(now, kinds=self._timers.keys(), limit=AT_ONCE + len(resting))
        awake = [one for one in due if one not in resting]
        for one in awake:
            await self._by_itself(one)
        return bool(awake)

    async def _by_itself(self, due: Due) -> None:
        try:
            await self._carry_out(due)
        except OSError:
            raise  # the database is away: that is no timer's fault, and the loop pauses
        except Exception as error:  # noqa: BLE001 - the other timers must go on
            self._setbacks.failed(due, self._desk.now(), error, kind=due.kind, subject=due.subject)
        else:
            self._setbacks.well(due)

    async def _carry_out(self, due: Due) -> None:
        timer = self._timers[due.kind]
        for _ in range(TRIES):
            try:
                async with self._desk.store.write(due.tenant, Urgency.COMMAND) as unit:
                    if await unit.timers.consume(due):
                        await timer.run(self._desk, unit, due)
                        log.info("timer_ran", kind=due.kind, subject=due.subject, due_at=due.due_at.isoformat())
                return
            except Conflict:
                continue
        raise Conflict("the incident kept changing under its timer")
