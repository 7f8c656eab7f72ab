"""Decides who writes next where only one may write at a time."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Final, Protocol

from bot.ports.store import Urgency

PATIENCE: Final = 4
"""How many more urgent turns may go ahead of one that waits before it goes first."""


class Gate(Protocol):
    """What every write passes before it opens its transaction. `commands_waited` counts the urgent ones that waited."""

    commands_waited: int

    def turn(self, urgency: Urgency) -> AbstractAsyncContextManager[None]:
        """Wait for a turn, hold it while the context is entered, and hand it on when it is left."""
        ...


class OpenGate:
    """Lets all through at once: PostgreSQL has as many writers as connections."""

    commands_waited = 0

    def turn(self, urgency: Urgency) -> AbstractAsyncContextManager[None]:  # noqa: ARG002 - see Gate
        return nullcontext()


class WriterGate:
    """Hands the one writer from one to the next: commands before intake, intake before processing.

    - Within an urgency, who came first goes first.
    - Nobody starves: who was passed over `PATIENCE` times goes next, whatever else waits. Intake that never pauses
      thus leaves processing one turn in five.
    - Cancelling who waits, or who was given the turn and does not know yet, loses no turn.
    - A turn is not re-entrant: whoever asks for a second one within the first waits for ever.
    """

    def __init__(self) -> None:
        self.commands_waited = 0
        self._is_taken = False
        self._waiting: dict[Urgency, deque[asyncio.Future[None]]] = {urgency: deque() for urgency in Urgency}
        self._passed_over: dict[Urgency, int] = dict.fromkeys(Urgency, 0)

    @asynccontextmanager
    async def turn(self, urgency: Urgency) -> AsyncIterator[None]:
        await self._enter(urgency)
        try:
            yield
        finally:
            self._hand_on()

    async def _enter(self, urgency: Urgency) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        self.commands_waited += urgency is Urgency.COMMAND
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[urgency].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._hand_on()  # the turn was ours already
            raise

    def _hand_on(self) -> None:
        waiting = [urgency for urgency in Urgency if self._someone_waits(urgency)]
        if not waiting:
            self._is_taken = False
            return
        impatient = [urgency for urgency in waiting if self._passed_over[urgency] >= PATIENCE]
        chosen = (impatient or waiting)[0]
        for urgency in waiting:
            if urgency > chosen:
                self._passed_over[urgency] += 1
        self._passed_over[chosen] = 0
        self._waiting[chosen].popleft().set_result(None)

    def _someone_waits(self, urgency: Urgency) -> bool:
        queue = self._waiting[urgency]
        while queue and queue[0].cancelled():
            queue.popleft()
        return bool(queue)
