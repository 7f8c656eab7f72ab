"""What Tocsin asks of a source that stands in for a vendor: the vendor's routes, keys, bodies and status codes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from bot.domain.alert import Alert
from bot.ports.records import Delivery
from bot.ports.sources import Route


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a route of the source. `parts` are what stands in the path's braces; headers are in lower case."""

    route: Route
    parts: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in the vendor's words: the status, the JSON document, and headers that the vendor's clients look at."""

    status: int
    document: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The vendor would refuse this request, in these words; nothing of it is kept."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Taken:
    """What is stored of a request, for the source's `parse` to read later; the key that was shown is not in it.

    `reply` makes the answer from the id of the delivery, once it is on disk.
    """

    body: bytes
    reply: Callable[[str], Reply]


@dataclass(frozen=True, slots=True)
class Known:
    """An alert that is asked for, and whether somebody has its incident."""

    alert: Alert
    is_acknowledged: bool


class Recall(Protocol):
    """What one source has told before; it sees nothing of other sources."""

    async def alert(self, fingerprint: str) -> Known | None:
        """Return the alert with this fingerprint: the live one, else the latest that ended within a week."""
        ...

    async def alert_by_id(self, alert_id: str) -> Known | None:
        """Return the alert with Tocsin's own id."""
        ...

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """Return a delivery with its body."""
        ...


@runtime_checkable
class DropIn(Protocol):
    """A source that answers as its vendor does. Each of its `routes` is mounted as it stands."""

    name: str
    routes: Sequence[Route]

    def keys(self, call: Call) -> Sequence[str]:
        """Return the keys that the request shows, where the vendor's clients put them. Raises `Refused`."""
        ...

    async def answer(self, call: Call, recall: Recall) -> Taken | Reply:
        """Say what is stored of a request whose key was right, or answer a question. Raises `Refused`.

        Whatever the bytes, it raises nothing else.
        """
        ...

    def refusal(self, status: int, why: str) -> Reply:
        """Return how the vendor says no; `status` may become the one that its clients expect."""
        ...
