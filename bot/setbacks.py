"""What failed lately: each such thing is left alone for a growing while, so that it holds up nothing but itself."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

import structlog

from bot.metrics import Metrics
from bot.ports.store import Conflict

log = structlog.get_logger(__name__)

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=1)
FORGOTTEN_AFTER: Final = timedelta(minutes=5)
"""What was not tried for so long after its pause is not there any more: somebody else has done it, or removed it."""

MOST_DOUBLINGS: Final = 10

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Setback:
    """How often something failed in a row, and until when it is left alone."""

    failures: int
    until: datetime


class Setbacks(Generic[K]):
    """The things of one loop that failed when they were last tried, by whatever tells them apart.

    They are remembered in this process alone: another replica, or this one after a restart, tries them once itself.
    How many there are is the metric `tocsin_put_off`.
    """

    def __init__(self, loop: str, metrics: Metrics) -> None:
        self._loop = loop
        self._count = metrics.put_off.labels(loop)
        self._kept: dict[K, Setback] = {}

    def failed(self, what: K, now: datetime, error: BaseException | None = None, /, **about: Any) -> Setback:
        """Put something off; its first failure in a row is logged with its traceback, unless it was mere contention."""
        before = self._kept.get(what)
        failures = before.failures + 1 if before is not None else 1
        pause = min(FIRST_PAUSE * 2 ** min(failures - 1, MOST_DOUBLINGS), LONGEST_PAUSE)
        setback = self._kept[what] = Setback(failures, now + pause)
        if before is None:
            self._count.inc()
        log.error(
            "put_off",
            loop=self._loop,
            failures=failures,
            pause_seconds=pause.total_seconds(),
            error=type(error).__name__ if error is not None else None,
            exc_info=error if failures == 1 and not isinstance(error, Conflict) else None,
            **about,
        )
        return setback

    def waits(self, what: K, now: datetime, delay: timedelta, **about: Any) -> None:
        """Put something off that is well and merely has to wait."""
        before = self._kept.get(what)
        if before is None:
            self._count.inc()
        self._kept[what] = Setback(before.failures if before is not None else 0, now + delay)
        log.info("waits", loop=self._loop, seconds=delay.total_seconds(), **about)

    def well(self, what: K) -> None:
        """Forget the failures of something: it was done."""
        if self._kept.pop(what, None) is not None:
            self._count.dec()

    def resting(self, now: datetime) -> frozenset[K]:
        """Return what is to be left alone now."""
        self.forget(now)
        return frozenset(what for what, setback in self._kept.items() if now < setback.until)

    def forget(self, now: datetime) -> None:
        """Forget what is not there any more; to be called now and then."""
        gone = [what for what, setback in self._kept.items() if now - setback.until > FORGOTTEN_AFTER]
        for what in gone:
            self.well(what)
