"""Takes heartbeats: `GET` or `POST /heartbeats/{name}/{key}`, written down before they are answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import orjson
import structlog
from aiohttp import web

from bot.ports.store import Conflict, Urgency
from handlers.beating import beat
from handlers.desk import Desk
from handlers.web.problems import Problem, later, problems

log = structlog.get_logger(__name__)

TRIES = 5


class Keys(Protocol):
    """Knows which key belongs to which heartbeat."""

    def opens(self, name: str, presented: str, /) -> bool:
        """Say whether this is the heartbeat's key."""
        ...


def add_heartbeats(app: web.Application, *, desk: Desk, keys: Callable[[], Keys]) -> None:
    """Add the heartbeats to an application. `keys` returns the keys now in force.

    A wrong key and an unknown name are one answer, 404, so that names can't be tried out. The body of a `POST` is not
    looked at: whoever sends something beats, be it a `curl` or Alertmanager's Watchdog.
    """
    door = _Door(desk, keys)
    heartbeats = web.Application(middlewares=[problems(is_retried=True)])
    heartbeats.router.add_get("/{name}/{key}", door.take, allow_head=False)
    heartbeats.router.add_post("/{name}/{key}", door.take)
    app.add_subapp("/heartbeats/", heartbeats)


@dataclass(frozen=True, slots=True)
class _Door:
    desk: Desk
    keys: Callable[[], Keys]

    async def take(self, request: web.Request) -> web.Response:
        """Take one beat."""
        name, key = request.match_info["name"], request.match_info["key"]
        heartbeat = self.desk.organisation().heartbeat(name)
        if not self.keys().opens(name, key) or heartbeat is None:
            raise Problem(
                404, "There is no heartbeat of this name and key; they stand under `heartbeats` in tocsin.yaml."
            )
        desk = self.desk
        try:
            for _ in range(TRIES):
                try:
                    async with desk.store.write(desk.tenant, Urgency.INTAKE) as unit:
                        due_at = await beat(desk, unit, heartbeat)
                except Conflict:
                    continue
                document = {"name": heartbeat.name, "missed_from": due_at.isoformat()}
                return web.Response(body=orjson.dumps(document), content_type="application/json")
        except ConnectionError as error:
            log.warning("heartbeat_not_stored", error=str(error))
        raise later("The beat can't be written down just now; send it again in a moment.")
