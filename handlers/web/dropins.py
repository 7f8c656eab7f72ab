"""Takes what the clients of other vendors send, at the vendors' routes, and answers as the vendors do."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from aiohttp import hdrs, web

from bot.clock import Clock
from bot.metrics import Metrics
from bot.ports.dropins import Call, DropIn, Known, Recall, Refused, Reply, Taken
from bot.ports.records import Delivery, NewDelivery
from bot.ports.sources import AlertSource, KeyedSource, Keyring, Route
from bot.ports.store import Overloaded, Store
from handlers.deciding import reload
from handlers.web.admission import Admission
from handlers.web.bodies import read_body
from handlers.web.problems import RETRY_AFTER_SECONDS, Problem

log = structlog.get_logger(__name__)

LIMIT_BYTES: Final = 1_000_000
_REMEMBERED: Final = timedelta(days=7)
_NOT_NOW: Final = "This can't be taken just now; send it again in a moment."


def add_drop_ins(
    app: web.Application,
    *,
    keyring: Callable[[], Keyring],
    sources: Mapping[str, AlertSource],
    store: Store,
    clock: Clock,
    metrics: Metrics,
    admission: Admission,
) -> None:
    """Add the routes that drop-in sources declare, each as it stands.

    What is taken is in the inbox before it is answered. What went wrong here is 503, in the vendor's shape, since the
    vendors' clients send again after that; a client's mistake is refused in the vendor's words and changes nothing.
    """
    for source in sources.values():
        if isinstance(source, DropIn):
            door = _Door(source, keyring, store, clock, metrics, admission)
            for route in source.routes:
                app.router.add_route(route.method, route.path, door.handler(route))


@dataclass(frozen=True, slots=True)
class _Recollection:
    """What one source has told before, out of the database."""

    store: Store
    keyed: KeyedSource
    clock: Clock

    async def alert(self, fingerprint: str) -> Known | None:
        async with self.store.read(self.keyed.tenant) as unit:
            found = await unit.alerts.latest(self.keyed.name, fingerprint, self.clock.now() - _REMEMBERED)
            incident = await reload(unit, found.incident) if found is not None and found.incident else None
        return None if found is None else Known(found, incident is not None and incident.acknowledged_at is not None)

    async def alert_by_id(self, alert_id: str) -> Known | None:
        async with self.store.read(self.keyed.tenant) as unit:
            found = await unit.alerts.get(alert_id)
            incident = await reload(unit, found.incident) if found is not None and found.incident else None
        if found is None or found.source != self.keyed.name:
            return None
        return Known(found, incident is not None and incident.acknowledged_at is not None)

    async def delivery(self, delivery_id: str) -> Delivery | None:
        async with self.store.read(self.keyed.tenant) as unit:
            found = await unit.deliveries.get(delivery_id)
        return found if found is not None and found.source == self.keyed.name else None


@dataclass(frozen=True, slots=True)
class _Door:
    source: DropIn
    keyring: Callable[[], Keyring]
    store: Store
    clock: Clock
    metrics: Metrics
    admission: Admission

    def handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return what aiohttp calls for a route."""

        async def handle(request: web.Request) -> web.Response:
            outcome = "failed"
            try:
                reply = await self._take(request, route)
                outcome = "accepted"
                return _response(reply)
            except Refused as refused:
                outcome = "refused"
                return _response(refused.reply)
            except Problem as problem:
                outcome = "unauthorised" if problem.status in {401, 403} else "refused"
                return _response(self.source.refusal(problem.status, problem.detail), problem.headers)
            except Overloaded:
                outcome = "overloaded"
            except ConnectionError as error:
                outcome = "unavailable"
                log.warning("delivery_not_stored", error=str(error))
            except Exception:
                # The sender must hear something that it tries again after, whatever broke here.
                log.exception("request_failed", method=request.method, route=route.path)
            finally:
                self.metrics.deliveries.labels(self.source.name, outcome).inc()
            return _response(self.source.refusal(503, _NOT_NOW), {hdrs.RETRY_AFTER: str(RETRY_AFTER_SECONDS)})

        return handle

    async def _take(self, request: web.Request, route: Route) -> Reply:
        """Read, authenticate, store, answer. The body comes first, since a key may stand in it."""
        body = await read_body(request, LIMIT_BYTES)
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(route, dict(request.match_info), dict(request.query), headers, body, self.clock.now())
        with self.admission.counted(self.source.name):
            keyed, key = self._opened(call)
        recall: Recall = _Recollection(self.store, keyed, self.clock)
        with self.admission.counted(keyed.name):
            self.admission.check_network(request, keyed)
            self.admission.take_turn(keyed, key)
            answer = await self.source.answer(call, recall)
        match answer:
            case Reply():
                return answer
            case Taken(stored, reply):
                delivery = NewDelivery(keyed.tenant, keyed.name, keyed.kind, stored, self.clock.now())
                return reply(await self.store.inbox.take(delivery))

    def _opened(self, call: Call) -> tuple[KeyedSource, str | None]:
        keyring = self.keyring()
        # Where no key is needed, none may be shown.
        for key in self.source.keys(call) or (None,):
            keyed = keyring.find(self.source.name, key)
            if keyed is not None and keyed.kind == self.source.name:
                return keyed, key
        raise Problem(401, "The key is missing or wrong; the keys stand under `sources` in tocsin.yaml.")


def _response(reply: Reply, headers: Mapping[str, str] | None = None) -> web.Response:
    # The standard library's, since what is given back may be text that no encoding has bytes for.
    body = json.dumps(reply.document).encode()
    every = {**reply.headers, **(headers or {})}
    return web.Response(body=body, status=reply.status, headers=every, content_type="application/json")
