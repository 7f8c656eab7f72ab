"""Where the file says that a source signs, the running Tocsin takes what is signed and nothing else."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.app import running
from bot.config.settings import Settings
from integrations.sources.cloudwatch import SOURCE as CLOUDWATCH
from integrations.sources.github import SOURCE as GITHUB
from tests.counterparts.program import free_port
from tests.counterparts.tocsin import ORGANISATION
from tests.sources.reading import hmac_of

SOURCES = """\
sources:
  - {name: hub, kind: github, signing: ["env:HUB", "env:OLD_HUB"]}
  - {name: strict, kind: github, signing: ["env:HUB"], keys: ["env:KEY"]}
  - {name: alarms, kind: cloudwatch, topics: ["arn:aws:sns:eu-west-1:123456789012:alarms"]}
  - {name: drift, kind: generic, keys: ["env:KEY"], mapping: {title: rule.name, key: rule.id, status: state}}
"""
HUB, OLD_HUB, KEY = "the-secret-of-today", "the-secret-of-yesterday", "the-key-of-a-source"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tocsin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[aiohttp.ClientSession]:
    folder: Path = tmp_path_factory.mktemp("signed")
    (folder / "tocsin.yaml").write_text(ORGANISATION + SOURCES)
    env = {
        "TOCSIN_CONFIG": str(folder / "tocsin.yaml"),
        "TOCSIN_DATABASE_URL": f"sqlite:///{folder}/signed.db",
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
        "HUB": HUB,
        "OLD_HUB": OLD_HUB,
        "KEY": KEY,
    }
    async with (
        running(Settings.from_environment(env), env=env) as started,
        aiohttp.ClientSession(started.url) as session,
    ):
        yield session


async def send(session: aiohttp.ClientSession, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    async with session.post(f"/webhooks/{path}", data=body, headers=headers) as response:
        return response.status


async def stored(session: aiohttp.ClientSession) -> list[dict[str, Any]]:
    async with session.get("/api/v1/deliveries?state=all&limit=500") as response:
        items: list[dict[str, Any]] = (await response.json())["items"]
        return items


def signed(secret: str, **more: str) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={hmac_of(secret, GITHUB.sample)}", **more}


@pytest.mark.parametrize("secret", [HUB, OLD_HUB])
async def test_a_signature_with_any_of_the_secrets_opens(tocsin: aiohttp.ClientSession, secret: str) -> None:
    before = len(await stored(tocsin))
    assert await send(tocsin, "hub", GITHUB.sample, signed(secret)) == 202
    assert len(await stored(tocsin)) == before + 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("hub", {}),
        ("hub", signed("another-secret-of-nobody")),
        ("hub", {"Authorization": f"Bearer {KEY}"}),
        ("hub", {"Authorization": f"Bearer {HUB}"}),
        (f"hub/{HUB}", {}),
        ("github", {}),
        ("github", signed(HUB)),
        ("strict", signed(HUB)),
        ("strict", {"Authorization": f"Bearer {KEY}"}),
        ("strict", signed(OLD_HUB, Authorization=f"Bearer {KEY}")),
    ],
)
async def test_all_else_is_refused_and_nothing_stored(
    tocsin: aiohttp.ClientSession, path: str, headers: dict[str, str]
) -> None:
    before = len(await stored(tocsin))
    assert await send(tocsin, path, GITHUB.sample, headers) == 401
    assert len(await stored(tocsin)) == before


async def test_a_source_with_both_wants_both(tocsin: aiohttp.ClientSession) -> None:
    assert await send(tocsin, "strict", GITHUB.sample, signed(HUB, Authorization=f"Bearer {KEY}")) == 202


async def test_an_alarm_that_amazon_did_not_sign_is_refused(tocsin: aiohttp.ClientSession) -> None:
    # SNS says that its JSON is plain text.
    headers = {"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification"}
    before = len(await stored(tocsin))
    assert await send(tocsin, "alarms", CLOUDWATCH.sample, headers) == 401
    assert await send(tocsin, "cloudwatch", CLOUDWATCH.sample, headers) == 401
    assert len(await stored(tocsin)) == before


async def test_a_body_of_any_shape_is_read_by_its_mapping(tocsin: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "text/plain"}
    body = b'{"rule": {"name": "PSI of amount", "id": "psi-7"}, "state": "bad"}'
    assert await send(tocsin, "drift", body, headers) == 202
    assert await send(tocsin, "generic", body, headers) == 401
    async with tocsin.get("/api/v1/deliveries?state=all&limit=500") as response:
        assert "drift" in {item["source"] for item in (await response.json())["items"]}
