"""What watches Tocsin: `/healthz` (alive), `/readyz` (able to work), `/metrics` (in figures)."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Final

import orjson
import structlog
from aiohttp import web

from bot.clock import Clock
from bot.loops import Loop
from bot.metrics import CONTENT_TYPE, Metrics
from bot.ports.store import DatabaseMoved, Store
from handlers.web.problems import Problem
from handlers.web.tokens import check_token

log = structlog.get_logger(__name__)

LONGEST_SILENCE: Final = timedelta(seconds=60)
"""A loop that has not turned for so long counts as stuck."""

CHECK_SECONDS: Final = 5.0
"""How long the database may take to answer."""

FRESH_SECONDS: Final = 5.0
"""How long the figures of what waits are good for: asking for them costs the database something."""

MOVED: Final = (
    "The database's file was moved, removed or replaced while it was open, and what comes in now is lost when Tocsin "
    "stops; the log says which file it is and what to do."
)


def add_health(
    app: web.Application,
    *,
    store: Store,
    clock: Clock,
    loops: Callable[[], Iterable[Loop]],
    metrics: Metrics,
    token: str | None,
) -> None:
    """Add the health routes to an application.

    `loops` returns the background loops that should run; before there are any, Tocsin is not ready. Health needs no
    token and tells nothing but yes or no, and `MOVED`. The metrics want the `token` when there is one: give it where more than this
    machine can reach us.
    """
    watch = _Watch(store, clock, loops, metrics, token)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", watch.ready)
    app.router.add_get("/metrics", watch.figures)


async def _alive(request: web.Request) -> web.Response:  # noqa: ARG001 - aiohttp hands it over
    return web.Response(text="alive\n")


@dataclass(slots=True)
class _Watch:
    store: Store
    clock: Clock
    loops: Callable[[], Iterable[Loop]]
    metrics: Metrics
    token: str | None
    _asked_at: float = float("-inf")

    async def ready(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """Answer 200 when the database is reachable and migrated and every loop turns, else 503; both say which."""
        now = monotonic()
        loops = {loop.name: now - loop.beat_at < LONGEST_SILENCE.total_seconds() for loop in self.loops()}
        database, reason = await self._database()
        is_ready = database and bool(loops) and all(loops.values())
        told = {"ready": is_ready, "database": database, "loops": loops, **({"reason": reason} if reason else {})}
        return web.Response(body=orjson.dumps(told), status=200 if is_ready else 503, content_type="application/json")

    async def figures(self, request: web.Request) -> web.Response:
        """Answer with every metric in Prometheus's text format."""
        try:
            check_token(request, self.token)
        except Problem as problem:
            return problem.response()
        await self._refresh()
        return web.Response(body=self.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def _database(self) -> tuple[bool, str]:
        """Return whether the database works, and why not, as far as everyone may know it."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self.store.check()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the answer is no
            log.warning("not_ready", error=str(error) or type(error).__name__)
            return False, MOVED if isinstance(error, DatabaseMoved) else ""
        return True, ""

    async def _refresh(self) -> None:
        if monotonic() - self._asked_at < FRESH_SECONDS:
            return
        self._asked_at = monotonic()
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                backlog = await self.store.backlog(self.clock.now())
        except (ConnectionError, TimeoutError) as error:
            log.warning("backlog_unknown", error=str(error))
            return
        # Read now: a loop that turned while the database was asked would seem to have done so in the future.
        now = monotonic()
        self.metrics.take(backlog, [(loop.name, timedelta(seconds=now - loop.beat_at)) for loop in self.loops()])
