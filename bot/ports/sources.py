"""What Tocsin asks of an alert source: know its sender, read its body."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol, runtime_checkable

from bot.domain.alert import AlertEvent
from bot.domain.said import Said


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One request as it came: header names in lower case, the body's raw bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Broken:
    """One part of a delivery that could not be read, where the rest could."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a body held: alert events in the sender's order, and the parts that could not be read.

    `said` is what else was said, before the events: a note on an alert that the same body ends still finds it.
    """

    events: Sequence[AlertEvent]
    broken: Sequence[Broken] = field(default_factory=tuple)
    said: Sequence[Said] = field(default_factory=tuple)


class Unreadable(Exception):
    """A body that holds nothing that can be read. `shape` groups bodies that are wrong in the same way.

    The delivery is quarantined: kept, announced once for a source and shape, replayed after a fix.
    """

    def __init__(self, why: str, shape: str) -> None:
        super().__init__(why)
        self.why = why
        self.shape = shape


class Unreachable(Exception):
    """What a signature can't be checked without was not to be had now; the sender should try again."""


class GuardedFetch(Protocol):
    """Fetches from named hosts over https only: no redirects, no private addresses."""

    async def __call__(self, url: str, *, hosts: Sequence[str], limit_bytes: int) -> bytes:
        """Return the body.

        Raises `PermissionError` for a URL that is not allowed or that its host refuses (4xx), `Unreachable` for what may
        be had later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """An HTTP route of a source: the usual one is `POST /webhooks/{name}`."""

    method: str
    path: str


USUAL_ROUTES: Sequence[Route] = (Route("POST", "/webhooks/{source}"),)
"""The routes of a source that has none of its own: by the source's name, with or without the key behind it."""


class KeyedSource(Protocol):
    """A source whose key was shown: whose it is, what it is called, and which parser reads it."""

    @property
    def tenant(self) -> str:
        """The tenant that its alerts belong to."""
        ...

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        ...

    @property
    def kind(self) -> str:
        """The name of its parser."""
        ...

    @property
    def trusted(self) -> Sequence[str]:
        """What its signatures are checked against (`SignedSource.trusts`); empty: they are not, its key is enough."""
        ...

    @property
    def networks(self) -> Sequence[IPv4Network | IPv6Network]:
        """Where it may send from; empty: from anywhere."""
        ...

    @property
    def per_minute(self) -> int | None:
        """How many requests a minute are taken with each of its keys; None: as many as come."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """A source as an operator looks at it. `addresses` are methods and URLs; `is_named`: it stands in the file."""

    name: str
    kind: str
    addresses: Sequence[str]
    is_named: bool


class Keyring(Protocol):
    """Knows which sources there are and which keys open them."""

    def knows(self, name: str, /) -> bool:
        """Say whether the configuration names such a source, whatever its key."""
        ...

    def find(self, name: str, presented: str | None, /) -> KeyedSource | None:
        """Return the source that this key opens, or None when the key is missing or wrong.

        A source that signs opens without a key, unless it has keys beside: its signature is still to be checked.
        `name` is a configured source's, or a kind's where one key serves every source (or none is needed, on
        loopback). Compares in constant time, so that a key can't be found letter by letter.
        """
        ...


class AlertSource(Protocol):
    """A kind of alert sender. Adding one is adding one file with its sample."""

    name: str
    sample: bytes
    routes: Sequence[Route]

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        """Read a body. Raises `Unreadable` when nothing in it can be; never anything else, whatever the bytes."""
        ...


@runtime_checkable
class SignedSource(Protocol):
    """A kind whose sender signs. `trusts` is the key of `sources` that says whom to believe: `signing` or `topics`."""

    trusts: str

    async def verify(self, request: WebhookRequest, trusted: Sequence[str], fetch: GuardedFetch) -> bool:
        """Say whether the sender signed the request with one of the secrets, or speaks for one of the topics.

        Without anything that is trusted there is nothing to check against, and the key that was shown is enough. Keys
        (bearer, basic, header, path) were checked before. Raises `Unreachable` when it can't be said now.
        """
        ...


@runtime_checkable
class MappedSource(Protocol):
    """A kind that reads bodies of any shape, once it is told where in them everything stands."""

    def mapped(self, mapping: Mapping[str, str]) -> AlertSource:
        """Return the source that reads by this mapping, which was found right when the configuration was read."""
        ...


def options(source: AlertSource) -> frozenset[str]:
    """Return the keys of `sources` that only some kinds have a use for, as far as this one has."""
    found = {source.trusts} if isinstance(source, SignedSource) else set()
    return frozenset(found | ({"mapping"} if isinstance(source, MappedSource) else set()))
