"""Sockets of the tests reach loopback only: whatever tries to go elsewhere fails, and so does its test."""

import ipaddress
import sys
from collections.abc import Iterator

import pytest

LOCAL_NAMES = {"", "localhost"}

_attempts: list[str] = []


class LeftLoopback(Exception):
    """Code under test tried to reach, or to be reached from, beyond this machine.

    Not an OSError, so that code which forgives a broken network does not forgive this.
    """


def _watch(event: str, args: tuple[object, ...]) -> None:
    """Hear of every socket call before it happens; an audit hook needs no patching and misses no library of Python's."""
    if event in {"socket.connect", "socket.bind", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else "localhost"  # a Unix socket, or netlink
        if event == "socket.bind" and host == "":
            host = "0.0.0.0"  # that is what an empty name means to bind()
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if not _is_loopback(host):
        _attempts.append(f"{event} {host!r}")
        raise LeftLoopback(f"{event} to {host!r}: tests reach loopback only")


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def forgive() -> None:
    """Forget the attempts so far: for a test that expects them."""
    _attempts.clear()


@pytest.fixture(autouse=True)
def _only_loopback() -> Iterator[None]:
    """Fail the test whose code tried to leave, even if something swallowed the error."""
    forgive()
    yield
    if _attempts:
        pytest.fail(f"left loopback: {', '.join(_attempts)}", pytrace=False)


sys.addaudithook(_watch)
