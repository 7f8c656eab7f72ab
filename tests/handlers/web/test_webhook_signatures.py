"""Where a sender signs, its signature decides; what can't be checked just now is to be sent again."""

from collections.abc import AsyncIterator

import pytest

from bot.ports.records import NewDelivery
from tests.handlers.web.door import BEARER, BODY, NOW, House, opened


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as open_house:
        yield open_house


@pytest.mark.parametrize("signature", [None, "", "new", "lost 14", f"new {len(BODY) + 1}", "schlüssel"])
async def test_without_the_right_signature_nothing_is_stored(house: House, signature: str | None) -> None:
    headers = {} if signature is None else {"X-Signature": signature}
    assert (await house.post("/webhooks/hub", headers=headers))[0] == 401
    assert (await house.post("/webhooks/hub", headers={**headers, **BEARER}))[0] == 401
    assert not house.shelf.kept


@pytest.mark.parametrize("secret", ["new", "old"])
async def test_a_signature_with_any_of_the_secrets_stands_for_the_key(house: House, secret: str) -> None:
    status, _ = await house.post("/webhooks/hub", headers={"X-Signature": f"{secret} {len(BODY)}"})
    assert status == 202
    assert house.shelf.kept == [NewDelivery("acme", "hub", "signed", BODY, NOW)]


async def test_a_source_with_secrets_but_without_signatures_lets_nobody_in(house: House) -> None:
    assert (await house.post("/webhooks/plain", headers={"X-Signature": f"new {len(BODY)}", **BEARER}))[0] == 401
    assert not house.shelf.kept


async def test_a_signature_that_cannot_be_checked_now_is_to_be_sent_again(house: House) -> None:
    house.source.certificate_is_away = True
    async with house.client.post("/webhooks/hub", data=BODY) as response:
        assert response.status == 503
        assert response.headers["Retry-After"]
    assert not house.shelf.kept
