"""Values that we hand out and want back unchanged: signed, for one purpose, until an hour."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with HMAC-SHA256. What is signed can be read by everyone, but made only with the key."""

    key: bytes

    def sign(self, purpose: str, values: Sequence[str], until: datetime, *, bound_to: str = "") -> str:
        """Return the values as text for a URL or a cookie, valid for this purpose until an instant.

        `bound_to` is something secret that both sides know: when it changes, what was signed with it is void.
        """
        payload = _encode(json.dumps([*values, int(until.timestamp())], separators=(",", ":")).encode())
        return f"{payload}.{self._signature(purpose, payload, bound_to)}"

    def read(self, purpose: str, text: str, now: datetime, *, bound_to: str = "") -> tuple[str, ...] | None:
        """Return the values; None for what we did not sign for this purpose, or whose time is over."""
        payload, _, signature = text.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(purpose, payload, bound_to).encode()):
            return None
        values = self.peek(text)
        if values is None or datetime.fromtimestamp(int(values[-1]), UTC) <= now:
            return None
        return values[:-1]

    @staticmethod
    def peek(text: str) -> tuple[str, ...] | None:
        """Return the values and the expiry unchecked, for finding what they are bound to; None when it is garbage."""
        if len(text) > _LONGEST:
            return None
        try:
            values = json.loads(base64.urlsafe_b64decode(text.partition(".")[0] + "=="))
        except (binascii.Error, ValueError, RecursionError):
            return None
        if not isinstance(values, list) or not values or not isinstance(values[-1], int):
            return None
        return tuple(str(value) for value in values)

    def _signature(self, purpose: str, payload: str, bound_to: str) -> str:
        parts = [purpose.encode(), payload.encode("utf-8", "surrogatepass"), bound_to.encode()]
        framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return _encode(hmac.digest(self.key, framed, hashlib.sha256))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
