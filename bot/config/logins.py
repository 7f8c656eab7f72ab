"""The passwords for the built-in pages. Plain ones are not kept."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

from pydantic import SecretStr


class Logins:
    """Knows who may log in, by name, and checks passwords without telling by its time who exists."""

    def __init__(self, passwords: Mapping[str, SecretStr]) -> None:
        # A key of this process alone: what is kept can't be looked up in anyone's list of hashes.
        self._pepper = secrets.token_bytes(32)
        self._kept = {name: self._digest(password.get_secret_value()) for name, password in passwords.items()}

    def __bool__(self) -> bool:
        return bool(self._kept)

    @property
    def names(self) -> frozenset[str]:
        """The people who may log in."""
        return frozenset(self._kept)

    def check(self, name: str, password: str) -> bool:
        """Say whether this is the person's password; False for a person who has none."""
        presented = self._digest(password)
        return hmac.compare_digest(self._kept.get(name, b"\0" * 32), presented)

    def _digest(self, password: str) -> bytes:
        return hmac.digest(self._pepper, password.encode("utf-8", "surrogatepass"), hashlib.sha256)
