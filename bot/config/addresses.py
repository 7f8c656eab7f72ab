"""Read the addresses of the environment: where to listen, which URL is public, which proxies to trust."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network


class Unfit(ValueError):
    """A value can't be used; says what is wrong with it and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Listen:
    """A host (without brackets) and a port; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def is_everywhere(self) -> bool:
        """Whether it means every address of this machine, which no link can carry."""
        return self.host in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound


def is_loopback(host: str) -> bool:
    """Say whether a host name or address means this very machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def leads_here_only(url: str) -> bool:
    """Say whether a URL leads to whichever machine it is opened on."""
    return is_loopback(urlsplit(url).hostname or "")


def read_listen(text: str) -> Listen:
    """Read `host:port` or `[IPv6]:port`; raises `Unfit`."""
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise Unfit(f"{text!r} is not host:port", "write for example 127.0.0.1:8080, or 0.0.0.0:8080 for every address")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise Unfit(f"{port!r} is not a port", "write a number from 1 to 65535 after the last colon")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if not _is_address(host) or ":" not in host:
            raise Unfit(f"{host!r} is not an IPv6 address", "write for example [::1]:8080")
    elif ":" in host:
        raise Unfit(f"{text!r} could be read in two ways", f"put the IPv6 address in brackets: [{host}]:{port}")
    elif any(letter.isspace() or letter in "/@?#" for letter in host):
        raise Unfit(f"{host!r} is not a host", "write a name or an address without a scheme or a path")
    return Listen(host, int(port))


def read_public_url(text: str) -> str:
    """Read the public URL; returns scheme, host and port without a slash at the end. Raises `Unfit`."""
    parts = split_url(text, "https://tocsin.example.com")
    if parts.path not in {"", "/"}:
        raise Unfit("it has a path, and Tocsin's pages live at the root", "give Tocsin a host name of its own")
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{parts.port}" if parts.port is not None else "")


def read_api_url(text: str, example: str) -> str:
    """Read the address of a chat's API; returns it without a slash at the end. Raises `Unfit`."""
    parts = split_url(text, example)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def split_url(text: str, example: str) -> SplitResult:
    """Split an http(s) URL that names a host and carries no password, query or fragment. Raises `Unfit`."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise Unfit("it is not a URL", f"write for example {example}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(letter.isspace() for letter in text):
        raise Unfit("it is not a URL that starts with http:// or https://", f"write for example {example}")
    if parts.username is not None or parts.password is not None:
        raise Unfit("it holds a user name or a password", "leave out all that stands before the @")
    if parts.query or parts.fragment:
        raise Unfit("it has a part after ? or #", "leave that part out")
    return parts


def read_networks(words: Sequence[str]) -> tuple[Network, ...]:
    """Read addresses and networks; raises `Unfit` for the first that is none, or that is the whole internet."""
    found = []
    for word in words:
        try:
            network = ip_network(word)
        except ValueError:
            raise Unfit(*_why_no_network(word)) from None
        if network.prefixlen == 0:
            raise Unfit(f"{word} means everyone, who could then claim any address", "name your proxies alone")
        found.append(network)
    return tuple(found)


def _why_no_network(word: str) -> tuple[str, str]:
    try:
        meant = ip_network(word, strict=False)
    except ValueError:
        return f"{word!r} is not an address or a network", "write for example 10.0.0.5 or 172.16.0.0/12"
    return f"{word!r} names one address and a network's size", f"write {meant} for the network"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
