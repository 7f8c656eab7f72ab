"""Claim, act, wake, stop: the one shape of every background loop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

import structlog

from bot.ports.store import LeaseLost

log = structlog.get_logger(__name__)

FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 15.0


class Bell:
    """Wakes whoever waits for a topic; a ring that comes before the wait is not lost."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def subscribe(self, *topics: str) -> asyncio.Event:
        """Return an event that is set at every ring of one of the topics; the owner clears it."""
        event = asyncio.Event()
        for topic in topics:
            self._waiting.setdefault(topic, set()).add(event)
        return event

    def unsubscribe(self, event: asyncio.Event) -> None:
        """Forget an event."""
        for topic in [topic for topic, events in self._waiting.items() if event in events]:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    def ring(self, topics: Iterable[str]) -> None:
        """Wake all who wait for any of these topics."""
        for topic in topics:
            for event in self._waiting.get(topic, ()):
                event.set()


@dataclass(slots=True)
class Loop:
    """One background loop: it takes a step, again at once while there is more, else when woken or after `every_seconds`.

    Between two steps of a loop that is woken all the time lie `rest_seconds` at least.

    `step` returns whether it found work. A step that fails is logged once with its traceback and tried again after a
    growing pause: a loop outlives every bug. `beat_at` (monotonic seconds) tells whether it still turns.
    """

    name: str
    step: Callable[[], Awaitable[bool]]
    wake: asyncio.Event
    every_seconds: float = 1.0
    rest_seconds: float = 0.0
    beat_at: float = field(default_factory=monotonic)
    _failures: int = 0

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            self.wake.clear()
            busy = await self._one_step()
            self.beat_at = monotonic()
            if busy:
                await asyncio.sleep(0)
                continue
            await asyncio.sleep(self.rest_seconds)
            try:
                async with asyncio.timeout(self.every_seconds):
                    await self.wake.wait()
            except TimeoutError:
                continue

    async def _one_step(self) -> bool:
        try:
            busy = await self.step()
        except LeaseLost:
            log.warning("lease_lost", loop=self.name)
            return True
        except Exception:
            pause = min(FIRST_BACKOFF_SECONDS * 2**self._failures, LONGEST_BACKOFF_SECONDS)
            self._failures += 1
            log.exception("loop_failed", loop=self.name, failures=self._failures, pause_seconds=pause)
            await asyncio.sleep(pause)
            return True
        self._failures = 0
        return busy


class Workers:
    """A bounded set of tasks, so that one slow lane holds up no other."""

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def free(self) -> int:
        """How many more tasks may start now."""
        return max(self._limit - len(self._tasks), 0)

    def start(self, work: Awaitable[None], when_done: Callable[[], None]) -> None:
        """Run the work beside the others; what it raises is logged, `when_done` is called whatever happened."""
        task = asyncio.ensure_future(self._outlive(work))
        self._tasks.add(task)

        def finished(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            when_done()

        task.add_done_callback(finished)

    async def stop(self, grace_seconds: float) -> None:
        """Let the tasks finish for a while, then cancel them: what they did not store is done again later."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _outlive(self, work: Awaitable[None]) -> None:
        try:
            await work
        except LeaseLost:
            log.warning("lease_lost", loop=self._name)
        except Exception:
            log.exception("worker_failed", loop=self._name)
