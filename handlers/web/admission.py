"""What a source must keep to although its key is right: where it sends from, and how often; and what was refused."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from aiohttp import hdrs, web

from bot.clock import Clock
from bot.ports.dropins import Refused
from bot.ports.sources import KeyedSource
from handlers.refusals import Refusals
from handlers.web.callers import CALLER
from handlers.web.problems import Problem

_MOST_BUCKETS: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    """Tokens, of which each request takes one; they come back evenly, up to a minute's worth."""

    tokens: float
    at: datetime


@dataclass(slots=True)
class Admission:
    """Holds sources to their networks and rates. The rates are counted in this process: each replica grants them anew."""

    clock: Clock
    refusals: Refusals = field(default_factory=Refusals)
    _buckets: OrderedDict[tuple[str, str, bytes], _Bucket] = field(default_factory=OrderedDict)

    @contextmanager
    def counted(self, source: str) -> Iterator[None]:
        """Count what is refused within the block as this source's, a name that the file knows or a kind's."""
        try:
            yield
        except Problem as problem:
            self.refusals.count(source, f"{problem.status}: {problem.detail}", self.clock.now())
            raise
        except Refused as refused:
            status = refused.reply.status
            # That there is no such alert is an answer.
            if status != 404:
                why = f"{status}: the request is not what this API takes; its answer says why"
                self.refusals.count(source, why, self.clock.now())
            raise

    def check_network(self, request: web.Request, keyed: KeyedSource) -> None:
        """Return when the caller may send for this source; raises the problem 403 otherwise."""
        if not keyed.networks:
            return
        caller = request.get(CALLER)
        try:
            address = ip_address(caller.address if caller is not None else request.remote or "")
        except ValueError:
            address = None
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if address is None or not any(address in network for network in keyed.networks):
            detail = "This source may not send from this address; its `networks` in tocsin.yaml say from where."
            raise Problem(403, detail)

    def take_turn(self, keyed: KeyedSource, key: str | None) -> None:
        """Count a request; raises the problem 503 with `Retry-After` when it is one too many.

        Not 429: Alertmanager and others drop what was answered so, and send again what was answered with 503.
        """
        if keyed.per_minute is None:
            return
        now, limit = self.clock.now(), float(keyed.per_minute)
        name = (keyed.tenant, keyed.name, sha256((key or "").encode("utf-8", "surrogatepass")).digest())
        bucket = self._buckets.setdefault(name, _Bucket(limit, now))
        self._buckets.move_to_end(name)
        if len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        gained = max(0.0, (now - bucket.at).total_seconds()) * limit / 60
        bucket.tokens, bucket.at = min(limit, bucket.tokens + gained), now
        if bucket.tokens < 1:
            seconds = ceil((1 - bucket.tokens) * 60 / limit)
            detail = f"With this key {keyed.per_minute} requests a minute are taken; send it again in {seconds} s."
            raise Problem(503, detail, headers={hdrs.RETRY_AFTER: str(seconds)})
        bucket.tokens -= 1
