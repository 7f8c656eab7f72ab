"""A right key lets a source in from its networks only, and only as often as agreed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_network

import pytest

from tests.handlers.web.door import BEARER, House, opened


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as open_house:
        yield open_house


async def test_from_another_network_the_right_key_is_refused_and_nothing_is_stored(house: House) -> None:
    house.keys.networks = (ip_network("192.0.2.0/24"),)
    status, problem = await house.post()
    assert status == 403
    assert "networks" in problem["detail"]
    assert not house.shelf.kept


async def test_from_its_own_network_the_source_is_let_in(house: House) -> None:
    house.keys.networks = (ip_network("192.0.2.0/24"), ip_network("127.0.0.0/8"))
    assert (await house.post())[0] == 202


async def test_one_request_too_many_is_to_be_sent_again_when_there_is_room(house: House) -> None:
    house.keys.per_minute = 2
    assert [(await house.post())[0] for _ in range(3)] == [202, 202, 503]
    async with house.client.post("/webhooks/prom", data=b"{}", headers=BEARER) as response:
        assert response.headers["Retry-After"] == "30"
    house.clock.ahead = timedelta(seconds=30)
    assert [(await house.post())[0] for _ in range(2)] == [202, 503]


async def test_forged_requests_use_up_nothing_of_a_sources_rate(house: House) -> None:
    house.keys.per_minute = 1
    for _ in range(5):
        assert (await house.post(headers={"Authorization": "Bearer wrong"}))[0] == 401
    assert (await house.post())[0] == 202
