"""What the tests of sources share: a sample to change, and a request that is signed."""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.domain.alert import AlertEvent
from bot.ports.sources import AlertSource, SignedSource, WebhookRequest
from tests.sources.endings import Change, changed

NOW = datetime(2026, 11, 22, 22, 5, tzinfo=UTC)
SECRETS = ("the secret of today", "the secret of yesterday")


def sample(source: AlertSource, change: Change | None = None) -> Any:
    """Return a source's sample with the values at these paths replaced."""
    return changed(json.loads(source.sample), change or {})


def read(source: AlertSource, document: Any) -> list[AlertEvent]:
    """Return what a source reads from a document, of which nothing may be broken."""
    parsed = source.parse(json.dumps(document).encode(), NOW)
    assert not parsed.broken
    return list(parsed.events)


def hmac_of(secret: str, message: bytes) -> str:
    """Return what a vendor would write as the signature of a message."""
    return hmac.new(secret.encode(), message, sha256).hexdigest()


async def no_fetch(url: str, *, hosts: Sequence[str], limit_bytes: int) -> bytes:
    """Fetch nothing."""
    raise PermissionError(url)


async def is_let_in(
    source: AlertSource, headers: Mapping[str, str], body: bytes | None = None, secrets: Sequence[str] = SECRETS
) -> bool:
    """Say whether a source believes a request with these headers."""
    assert isinstance(source, SignedSource)
    shown = source.sample if body is None else body
    return await source.verify(WebhookRequest("POST", "/webhooks/any", headers, shown, NOW), secrets, no_fetch)
