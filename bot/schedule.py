"""APScheduler ticks; the database knows what is due."""

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger


class Schedule:
    """Calls things at intervals. A tick that is late or was missed is harmless: the next one sees the same rows."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def every(self, seconds: float, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Call `work` every so many seconds; never twice at once."""
        self._scheduler.add_job(work, IntervalTrigger(seconds=seconds), id=name, name=name)

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; work in progress is the loops' affair."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
