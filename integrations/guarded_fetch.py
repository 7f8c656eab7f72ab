"""Fetches what a sender's message points at, without letting the message choose whom this machine talks to."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from bot.ports.sources import GuardedFetch, Unreachable

TIMEOUT_SECONDS: Final = 5.0
_PASSING: Final = frozenset({408, 425, 429})
"""Refusals that are no longer so in a while: too slow, too early, too often."""

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the internet's, whichever way it is wrapped in another."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


class HttpsFetch(GuardedFetch):
    """Fetches over https from the hosts that the caller names, to public addresses only, following nothing.

    The addresses that were looked at are those that are connected to: a name can't point elsewhere in between. In
    tests, `resolver`, `allows` and `trust` put a server on this machine in the place of the internet.
    """

    def __init__(
        self,
        *,
        resolver: AbstractResolver | None = None,
        allows: Callable[[str], bool] = is_public,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._resolver = resolver
        self._allows = allows
        self._trust = trust

    async def __call__(self, url: str, *, hosts: Sequence[str], limit_bytes: int) -> bytes:
        address = _checked(url, hosts)
        resolver = _PublicOnly(self._resolver or ThreadedResolver(), self._allows)
        connector = aiohttp.TCPConnector(
            resolver=resolver, ssl=self._trust or True, use_dns_cache=False, force_close=True, limit=1
        )
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
                session.get(address, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as response,
            ):
                if 400 <= response.status < 500 and response.status not in _PASSING:
                    raise PermissionError(f"{address.host} answered {response.status}")
                if response.status != 200:
                    raise Unreachable(f"{address.host} answered {response.status}")
                return await _read(response, limit_bytes)
        except PermissionError:
            raise
        except (aiohttp.ClientError, OSError) as error:  # a timeout is an OSError
            if resolver.refused:
                raise PermissionError(f"{address.host} leads to an address that is not public") from None
            raise Unreachable(f"{address.host} can't be reached ({type(error).__name__})") from None


def _checked(url: str, hosts: Sequence[str]) -> URL:
    try:
        address = URL(url)
        port = address.port
    except ValueError:
        raise PermissionError("this is no URL") from None
    if address.scheme != "https" or port != 443 or address.user is not None or address.password is not None:
        raise PermissionError("only https on its usual port, without credentials, may be fetched")
    host = address.host or ""
    if host not in hosts or _is_ip(host):
        raise PermissionError(f"{host[:200]!r} is not one of the hosts that may be fetched from")
    return address


def _is_ip(host: str) -> bool:
    # An address written as a host is connected to without being resolved, so nothing would look at it.
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _read(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    body = b""
    async for part in response.content.iter_chunked(16_384):
        body += part
        if len(body) > limit_bytes:
            raise PermissionError(f"the answer is larger than {limit_bytes} bytes")
    return body


class _PublicOnly(AbstractResolver):
    """Resolves names, and forgets every address that is not allowed."""

    def __init__(self, inner: AbstractResolver, allows: Callable[[str], bool]) -> None:
        self._inner = inner
        self._allows = allows
        self.refused = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        self.refused = not all(self._allows(one["host"]) for one in found)
        if self.refused:
            # One private address among public ones is an attack or a mistake: neither is followed.
            raise OSError("a private address")
        if not found:
            raise OSError("no address")
        return found

    async def close(self) -> None:
        await self._inner.close()
