"""Tests that run side by side get out of one another's way."""

import socket

from tests.counterparts.program import PORTS, free_port


def test_no_port_is_given_twice_nor_one_that_a_client_may_get_meanwhile() -> None:
    given = [free_port() for _ in range(500)]

    assert len(set(given)) == len(given)
    assert set(given) <= set(PORTS)


def test_a_port_that_somebody_holds_is_left_out() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", free_port() + 1))
        assert free_port() != held.getsockname()[1]
