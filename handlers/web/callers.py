"""Who is at the other end of a request: the address and scheme, as far as a trusted proxy vouches for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp import hdrs, web

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Caller:
    """The other end: its address ("" when it has none, as on a Unix socket), and `http` or `https`."""

    address: str
    scheme: str

    @property
    def neighbourhood(self) -> str:
        """The address for counting attempts: of IPv6 the /64, since one person owns all of it."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, IPv6Address):
            return str(IPv6Network((int(address) >> 64 << 64, 64)))
        return str(address)


CALLER: Final = web.RequestKey("caller", Caller)
"""Where the guard leaves the caller for the handlers behind it."""


def caller_of(request: web.Request, trusted: Sequence[Network]) -> Caller:
    """Return who calls. Forwarding headers count only when the peer is a trusted proxy.

    Of `X-Forwarded-For` the last address that no trusted proxy has is the caller: everything before it, the caller
    may have made up.
    """
    peer = request.remote or ""
    if not _is_trusted(peer, trusted):
        return Caller(peer, request.scheme)
    address = peer
    forwarded = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, ())).split(",")
    for hop in reversed([hop.strip() for hop in forwarded if hop.strip()]):
        address = hop
        if not _is_trusted(hop, trusted):
            break
    schemes = ",".join(request.headers.getall(hdrs.X_FORWARDED_PROTO, ())).lower().split(",")
    scheme = schemes[-1].strip()
    return Caller(address, scheme if scheme in {"http", "https"} else request.scheme)


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in trusted)
