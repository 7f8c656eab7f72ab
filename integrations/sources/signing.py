"""Checks what vendors sign with secrets that both sides know, in constant time, whichever of the secrets it was."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from bot.ports.sources import GuardedFetch, WebhookRequest

SKEW: Final = timedelta(minutes=5)
"""How far a signed time may be from ours. What was signed earlier may be a request that somebody recorded."""


class BodySignature:
    """A kind whose sender puts the hexadecimal HMAC-SHA256 of the raw body into a header.

    A source inherits it and names its `header`; `prefix` stands before the digits. Where nothing but the body is
    signed, a request that somebody recorded can be sent again: it then says the same once more, and no other thing.
    """

    trusts: str = "signing"
    header: str
    prefix: str = ""

    async def verify(self, request: WebhookRequest, trusted: Sequence[str], fetch: GuardedFetch) -> bool:  # noqa: ARG002
        """Say whether one of the secrets made the header from the body; without secrets there is nothing to check."""
        return not trusted or is_signed(request.body, request.headers.get(self.header), trusted, prefix=self.prefix)


def is_signed(message: bytes, shown: str | None, secrets: Sequence[str], *, prefix: str = "") -> bool:
    """Say whether `shown` is the prefix and the hexadecimal HMAC-SHA256 of a message under one of the secrets."""
    expected = [
        prefix + hmac.new(secret.encode("utf-8", "surrogatepass"), message, sha256).hexdigest() for secret in secrets
    ]
    return is_one_of(shown, expected)


def is_one_of(shown: str | None, expected: Sequence[str]) -> bool:
    """Say whether a text is one of several, comparing with each of them, so that time tells nothing."""
    given = (shown or "").encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(given, one.encode("utf-8", "surrogatepass")) for one in expected]
    return any(matches)


def is_recent(at: datetime | None, now: datetime, skew: timedelta = SKEW) -> bool:
    """Say whether a signed time is close enough to ours."""
    return at is not None and abs(now - at) <= skew
