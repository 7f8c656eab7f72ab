"""Every kind of source opens to its keys and secrets, the new and the old at once, to nobody else's, and keeps none."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
import pytest_asyncio

from bot.app import running
from bot.config.settings import Settings
from bot.ports.sources import USUAL_ROUTES, AlertSource, SignedSource
from integrations.sources.discovery import discover
from tests.counterparts.program import free_port
from tests.counterparts.tocsin import ORGANISATION
from tests.sources.reading import hmac_of

SOURCES = discover()
NOBODYS = "a-key-of-nobody"
TRIGGER: Final = {
    "event_action": "trigger",
    "dedup_key": "gw",
    "payload": {"summary": "Slow", "source": "gw-3", "severity": "info"},
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Sent:
    """A request to Tocsin."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


DROP_INS: Final[Mapping[str, Callable[[str], Sent]]] = {
    "pagerduty": lambda key: Sent("/v2/enqueue", json.dumps({**TRIGGER, "routing_key": key}).encode()),
    "opsgenie": lambda key: Sent("/v2/alerts", b'{"message": "Slow"}', {"Authorization": f"GenieKey {key}"}),
}
"""How each source with routes of its own is shown a key."""

SIGNATURES: Final[Mapping[str, Callable[[str, bytes], Mapping[str, str]]]] = {
    "github": lambda secret, body: {"X-Hub-Signature-256": f"sha256={hmac_of(secret, body)}"},
    "gitlab": lambda secret, _body: {"X-Gitlab-Token": secret},
    "grafana": lambda secret, body: {"X-Grafana-Alerting-Signature": hmac_of(secret, body)},
    "sentry": lambda secret, body: {"Sentry-Hook-Signature": hmac_of(secret, body)},
}
"""How each vendor signs. Amazon does so with a certificate: see `test_sns`."""

every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
every_signed_source = pytest.mark.parametrize(
    "source",
    [source for source in SOURCES.values() if isinstance(source, SignedSource) and source.trusts == "signing"],
    ids=lambda source: source.name,
)
each_age = pytest.mark.parametrize("age", ["NEW", "OLD"])


def key_of(source: AlertSource, age: str) -> str:
    return f"{age}-key-of-{source.name}"


def secret_of(source: AlertSource, age: str) -> str:
    return f"{age}-secret-of-{source.name}"


def variable(word: str) -> str:
    return word.upper().replace("-", "_")


def with_key(source: AlertSource, key: str | None) -> Sent:
    if source.routes != USUAL_ROUTES:
        return DROP_INS[source.name](key or "")
    return Sent(f"/webhooks/{source.name}-keyed", source.sample, {"Authorization": f"Bearer {key}"} if key else {})


def signed(source: AlertSource, secret: str, *, body: bytes | None = None) -> Sent:
    """A request with the sample as its body, signed as if it were another one."""
    headers = SIGNATURES[source.name](secret, source.sample if body is None else body)
    return Sent(f"/webhooks/{source.name}-signed", source.sample, headers)


@dataclass(frozen=True)
class House:
    """A running Tocsin in which every source has two keys and, where it signs, a namesake with two secrets."""

    session: aiohttp.ClientSession
    folder: Path

    async def send(self, sent: Sent) -> int:
        headers = {"Content-Type": "application/json", **sent.headers}
        async with self.session.post(sent.path, data=sent.body, headers=headers) as response:
            return response.status

    async def stored(self) -> list[Any]:
        async with self.session.get("/api/v1/deliveries?state=all&limit=500") as response:
            return [item["id"] for item in (await response.json())["items"]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("rotation")
    env: dict[str, str] = {}
    lines = ["sources:"]
    for source in SOURCES.values():
        words = [key_of(source, age) for age in ("NEW", "OLD")]
        env |= {variable(word): word for word in words}
        named = ", ".join(f'"env:{variable(word)}"' for word in words)
        lines.append(f"  - {{name: {source.name}-keyed, kind: {source.name}, keys: [{named}]}}")
    for name in SIGNATURES:
        words = [secret_of(SOURCES[name], age) for age in ("NEW", "OLD")]
        env |= {variable(word): word for word in words}
        named = ", ".join(f'"env:{variable(word)}"' for word in words)
        lines.append(f"  - {{name: {name}-signed, kind: {name}, signing: [{named}]}}")
    (folder / "tocsin.yaml").write_text(ORGANISATION + "\n".join(lines))
    env |= {
        "TOCSIN_CONFIG": str(folder / "tocsin.yaml"),
        "TOCSIN_DATABASE_URL": f"sqlite:///{folder}/rotation.db",
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
    }
    async with running(Settings.from_environment(env), env=env) as tocsin, aiohttp.ClientSession(tocsin.url) as session:
        yield House(session, folder)


@every_source
@each_age
async def test_the_new_key_and_the_old_one_open_it_at_once(house: House, source: AlertSource, age: str) -> None:
    before = await house.stored()
    assert await house.send(with_key(source, key_of(source, age))) == 202
    assert len(await house.stored()) == len(before) + 1


@every_source
@pytest.mark.parametrize("whose", ["no key", "nobody's", "another source's"])
async def test_any_other_key_is_refused_and_nothing_is_stored(house: House, source: AlertSource, whose: str) -> None:
    another = next(other for other in SOURCES.values() if other is not source)
    key = {"no key": None, "nobody's": NOBODYS, "another source's": key_of(another, "NEW")}[whose]
    before = await house.stored()
    # PagerDuty calls an event with a wrong key an invalid one.
    assert await house.send(with_key(source, key)) == (400 if source.name == "pagerduty" else 401)
    assert await house.stored() == before


@every_signed_source
@each_age
async def test_the_new_secret_and_the_old_one_sign_at_once(house: House, source: AlertSource, age: str) -> None:
    before = await house.stored()
    assert await house.send(signed(source, secret_of(source, age))) == 202
    assert len(await house.stored()) == len(before) + 1


@every_signed_source
async def test_a_forged_request_is_refused_and_nothing_is_stored(house: House, source: AlertSource) -> None:
    secret = secret_of(source, "NEW")
    another = next(other for other in SIGNATURES if other != source.name)
    path = f"/webhooks/{source.name}-signed"
    forged = [
        Sent(path, source.sample),
        Sent(path, source.sample, {"Authorization": f"Bearer {secret}"}),
        Sent(path, source.sample, {"Authorization": f"Bearer {key_of(source, 'NEW')}"}),
        Sent(f"{path}/{secret}", source.sample),
        signed(source, NOBODYS),
        signed(source, secret_of(SOURCES[another], "NEW")),
    ]
    if source.name != "gitlab":  # whose token says nothing of the body
        forged.append(signed(source, secret, body=source.sample + b" "))
    before = await house.stored()
    assert [await house.send(one) for one in forged] == [401] * len(forged)
    assert await house.stored() == before


async def test_neither_a_key_nor_a_secret_stands_in_the_database(house: House) -> None:
    for source in SOURCES.values():
        await house.send(with_key(source, key_of(source, "NEW")))
        if source.name in SIGNATURES:
            await house.send(signed(source, secret_of(source, "NEW")))
    kept = b"".join(path.read_bytes() for path in house.folder.glob("rotation.db*"))
    assert b"inference-gateway" in kept, "the bodies are not there, so this proves nothing"
    assert b"-key-of-" not in kept
    assert b"-secret-of-" not in kept
