"""Takes alert deliveries: `POST /webhooks/{source}`, stored before they are answered."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import hdrs, web

from bot.clock import Clock
from bot.metrics import Metrics
from bot.ports.records import NewDelivery
from bot.ports.sources import (
    USUAL_ROUTES,
    AlertSource,
    GuardedFetch,
    KeyedSource,
    Keyring,
    SignedSource,
    Unreachable,
    WebhookRequest,
)
from bot.ports.store import Inbox, Overloaded
from handlers.web.admission import Admission
from handlers.web.bodies import read_body
from handlers.web.problems import Problem, later, problems, unauthorised

log = structlog.get_logger(__name__)

LIMIT_BYTES: Final = 5_000_000
_KEY_HEADER: Final = "X-Tocsin-Key"
_CHALLENGE: Final = 'Bearer realm="webhooks", Basic realm="webhooks"'


def add_webhooks(
    app: web.Application,
    *,
    keyring: Callable[[], Keyring],
    sources: Mapping[str, AlertSource],
    inbox: Inbox,
    clock: Clock,
    fetch: GuardedFetch,
    metrics: Metrics,
    admission: Admission,
) -> None:
    """Add the webhooks to an application, under `/webhooks`: the routes of the sources that have no others.

    `keyring` returns the keys now in force, `sources` are the parsers by kind. A kind that signs and has something to
    be checked against is refused with 401 when its signature is missing or wrong. An authenticated body within the limit
    is always taken, whatever it holds; the answer 202 comes after it is on disk. What went wrong here is 503, which
    senders retry: 429 they would not.
    """
    signed = {kind: source for kind, source in sources.items() if isinstance(source, SignedSource)}
    usual = frozenset(kind for kind, source in sources.items() if source.routes == USUAL_ROUTES)
    door = _Door(keyring, sources, inbox, clock, fetch, metrics, admission, signed, usual)
    webhooks = web.Application(middlewares=[problems(is_retried=True)])
    webhooks.router.add_post("/{source}", door.take)
    webhooks.router.add_post("/{source}/{key}", door.take)
    app.add_subapp("/webhooks/", webhooks)


@dataclass(frozen=True, slots=True)
class _Door:
    keyring: Callable[[], Keyring]
    sources: Mapping[str, AlertSource]
    inbox: Inbox
    clock: Clock
    fetch: GuardedFetch
    metrics: Metrics
    admission: Admission
    signed: Mapping[str, SignedSource]
    usual: Collection[str]

    async def take(self, request: web.Request) -> web.Response:
        """Authenticate, read, store, answer: in this order, and nothing else."""
        name = request.match_info["source"]
        if not self._is_usual(name) and not self.keyring().knows(name):
            raise Problem(404, "There is no source of this name; the names stand under `sources` in tocsin.yaml.")
        with self.admission.counted(name):
            keyed, key = self._opened(request, name)
        outcome = "failed"
        try:
            with self.admission.counted(keyed.name):
                body = await read_body(request, LIMIT_BYTES)
                await self._verify(request, keyed, body)
                self.admission.take_turn(keyed, key)
            delivery = NewDelivery(keyed.tenant, keyed.name, keyed.kind, body, self.clock.now())
            delivery_id = await self.inbox.take(delivery)
            outcome = "accepted"
        except Problem:
            outcome = "refused"
            raise
        except Overloaded as error:
            outcome = "overloaded"
            raise later("There is too much to do to take more now; send it again in a moment.") from error
        except ConnectionError as error:
            outcome = "unavailable"
            log.warning("delivery_not_stored", error=str(error))
            raise later("The database can't be reached, and nothing was taken; send it again in a moment.") from error
        finally:
            self.metrics.deliveries.labels(keyed.kind, outcome).inc()
        return web.Response(body=b'{"id":"%s"}' % delivery_id.encode(), status=202, content_type="application/json")

    def _opened(self, request: web.Request, name: str) -> tuple[KeyedSource, str | None]:
        keyring = self.keyring()
        # Where no key is needed, none may be shown.
        for presented in _presented(request) or (None,):
            keyed = keyring.find(name, presented)
            if keyed is not None and self._is_usual(keyed.kind):
                self.admission.check_network(request, keyed)
                return keyed, presented
        self.metrics.deliveries.labels("", "unauthorised").inc()
        raise unauthorised("The key of this source is missing or wrong.", _CHALLENGE)

    def _is_usual(self, kind: str) -> bool:
        """Say whether there is such a kind, and it has no routes of its own. One with a mapping may have come since."""
        return kind in self.usual or (kind.partition(":")[0] in self.usual and kind in self.sources)

    async def _verify(self, request: web.Request, keyed: KeyedSource, body: bytes) -> None:
        signed, trusted = self.signed.get(keyed.kind), keyed.trusted
        if signed is None:
            if trusted:
                raise unauthorised("This source signs nothing that could be checked; give it `keys`.", _CHALLENGE)
            return
        headers = {name.lower(): value for name, value in request.headers.items()}
        shown = WebhookRequest(request.method, request.path, headers, body, self.clock.now())
        try:
            is_genuine = await signed.verify(shown, trusted, self.fetch)
        except Unreachable as error:
            log.warning("signature_not_checked", source=keyed.name, error=str(error))
            detail = "The sender's signature can't be checked just now, and nothing was taken; send it again."
            raise later(detail) from error
        if not is_genuine:
            raise unauthorised("The sender's signature is missing or wrong.", _CHALLENGE)


def _presented(request: web.Request) -> Sequence[str]:
    """Return every key that the request shows. A proxy's own credentials may stand beside the one that is meant."""
    scheme, _, rest = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    found: list[str | None] = []
    if scheme.lower() == "bearer":
        found.append(rest.strip())
    elif scheme.lower() == "basic":
        found.append(_password(rest.strip()))
    found += [request.headers.get(_KEY_HEADER), request.match_info.get("key")]
    # Keys are ASCII; anything else could not even be compared in constant time.
    return [key for key in found if key and key.isascii()]


def _password(credentials: str) -> str | None:
    try:
        return b64decode(credentials, validate=True).decode("ascii").partition(":")[2]
    except (binascii.Error, ValueError):
        return None
