"""What the tests of the webhooks stand on: keys, sources and an inbox of their own, behind the real door."""

import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from aiohttp import ClientSession, web

from bot.domain.alert import AlertEvent
from bot.metrics import Metrics
from bot.ports.records import NewDelivery
from bot.ports.sources import USUAL_ROUTES, GuardedFetch, KeyedSource, Parsed, Route, Unreachable, WebhookRequest
from handlers.refusals import Refusals
from handlers.web.admission import Admission
from handlers.web.webhooks import add_webhooks
from tests.handlers.web.serving import served

NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
BODY = b'{"alerts": []}'
KEY = "the-key-of-prom"
BEARER = {"Authorization": f"Bearer {KEY}"}


@dataclass(frozen=True)
class Source:
    tenant: str
    name: str
    kind: str
    trusted: Sequence[str] = ()
    networks: Sequence[IPv4Network | IPv6Network] = ()
    per_minute: int | None = None


class Keys:
    """One named source with a key, and two that are known by what they sign; with `is_open`, a kind needs nothing."""

    def __init__(self) -> None:
        self.is_open = False
        self.networks: Sequence[IPv4Network | IPv6Network] = ()
        self.per_minute: int | None = None

    def knows(self, name: str) -> bool:
        return name in {"prom", "hub", "plain"}

    def find(self, name: str, presented: str | None) -> KeyedSource | None:
        if self.is_open and name == "signed":
            return Source("acme", "signed", "signed")
        if name == "prom" and hmac.compare_digest(presented or "", KEY):
            return Source("acme", "prom", "signed", networks=self.networks, per_minute=self.per_minute)
        if name in {"hub", "plain"}:
            return Source("acme", name, "signed" if name == "hub" else "unsigned", ("new", "old"))
        return None


class Signed:
    """A source whose sender signs by a header: one of the secrets, and how long the body is."""

    name = "signed"
    sample = b""
    routes: Sequence[Route] = USUAL_ROUTES
    trusts = "signing"
    certificate_is_away = False

    async def verify(self, request: WebhookRequest, trusted: Sequence[str], fetch: GuardedFetch) -> bool:
        assert request.received_at >= NOW
        if self.certificate_is_away:
            raise Unreachable("no certificate")
        return not trusted or request.headers.get("x-signature") in {f"{one} {len(request.body)}" for one in trusted}

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        return Parsed([AlertEvent("f", True, {}, "t")])


class Unsigned:
    """A source that has no signatures."""

    name = "unsigned"
    sample = b""
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        return Parsed([])


@dataclass
class Shelf:
    """An inbox that keeps what it takes, or fails as told."""

    kept: list[NewDelivery] = field(default_factory=list)
    error: Exception | None = None
    taken: int = 0

    async def take(self, delivery: NewDelivery) -> str:
        if self.error is not None:
            raise self.error
        self.kept.append(delivery)
        return f"id-{len(self.kept)}"

    async def pending(self, *_: Any, **__: Any) -> Sequence[Any]:
        return ()


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return NOW + self.ahead


async def no_fetch(url: str, *, hosts: Sequence[str], limit_bytes: int) -> bytes:
    raise PermissionError(url)


@dataclass
class House:
    client: ClientSession
    shelf: Shelf
    keys: Keys
    source: Signed
    metrics: Metrics
    clock: Clock
    refusals: Refusals

    def refused(self) -> dict[str, tuple[int, str]]:
        """What was counted as refused, by source: how often, and why the last time."""
        return {name: (one.count, one.last_why) for name, one in self.refusals.counted().items()}

    async def post(
        self, path: str = "/webhooks/prom", body: Any = BODY, headers: Mapping[str, str] = BEARER
    ) -> tuple[int, Any]:
        data = BytesIO(body) if isinstance(body, bytes) else body
        async with self.client.post(path, data=data, headers=headers) as response:
            if response.status >= 400:
                assert response.content_type == "application/problem+json"
            return response.status, await response.json(content_type=None)


@asynccontextmanager
async def opened() -> AsyncIterator[House]:
    """Open the door until the block is left."""
    app, shelf, keys, source, metrics = web.Application(), Shelf(), Keys(), Signed(), Metrics()
    clock, refusals = Clock(), Refusals()
    add_webhooks(
        app,
        keyring=lambda: keys,
        sources={"signed": source, "unsigned": Unsigned()},
        inbox=shelf,
        clock=clock,
        fetch=no_fetch,
        metrics=metrics,
        admission=Admission(clock, refusals),
    )
    async with served(app) as client:
        yield House(client, shelf, keys, source, metrics, clock, refusals)
