"""The guard around the tests' sockets."""

import asyncio
import socket

import pytest

from tests import loopback


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "169.254.169.254"])
def test_a_connection_beyond_this_machine_is_refused(address: str) -> None:
    with socket.socket() as outgoing, pytest.raises(loopback.LeftLoopback):
        outgoing.connect((address, 443))
    loopback.forgive()


@pytest.mark.parametrize("address", ["0.0.0.0", ""])
def test_a_server_for_the_whole_network_is_refused(address: str) -> None:
    with socket.socket() as listening, pytest.raises(loopback.LeftLoopback):
        listening.bind((address, 0))
    loopback.forgive()


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(loopback.LeftLoopback):
        socket.getaddrinfo("alerts.example", 443)
    loopback.forgive()


async def test_loopback_is_open() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"ready")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])

    assert await reader.read() == b"ready"
    writer.close()
    server.close()
