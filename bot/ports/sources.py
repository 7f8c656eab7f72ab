"""What Tocsin asks of an alert source: know its sender, read its body."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.alert import AlertEvent


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One request as it came: header names in lower case, the body's raw bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """One part of a delivery that could not be read, where the rest could."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a body held: alert events in the sender's order, and the parts that could not be read."""

    events: Sequence[AlertEvent]
    broken: Sequence[Broken] = field(default_factory=tuple)


class Unreadable(Exception):
    """A body that holds nothing that can be read. `shape` groups bodies that are wrong in the same way.

    The delivery is quarantined: kept, announced once for a source and shape, replayed after a fix.
    """

    def __init__(self, why: str, shape: str) -> None:
        super().__init__(why)
        self.why = why
        self.shape = shape


class GuardedFetch(Protocol):
    """Fetches from named hosts over https only: no redirects, no private addresses."""

    async def __call__(self, url: str, *, hosts: Sequence[str], limit_bytes: int) -> bytes:
        """Return the body; raises `PermissionError` for a URL that is not allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """An HTTP route of a source: the usual one is `POST /webhooks/{name}`."""

    method: str
    path: str


class AlertSource(Protocol):
    """A kind of alert sender. Pure but for `verify`'s fetch; adding one is adding one file with its sample."""

    name: str
    sample: bytes
    routes: Sequence[Route]

    async def verify(self, request: WebhookRequest, secrets: Sequence[str], fetch: GuardedFetch) -> bool:
        """Say whether the sender signed the request with one of the secrets; sources without signatures say True.

        Keys (bearer, basic, header, path) were checked before; this is for vendors' own signatures.
        """
        ...

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        """Read a body. Raises `Unreadable` when nothing in it can be; never anything else, whatever the bytes."""
        ...
