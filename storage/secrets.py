"""Secrets at rest, encrypted under TOCSIN_SECRET_KEY; the newest key encrypts, any listed one decrypts."""

import base64
from collections.abc import Callable, Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from bot.clock import Clock
from bot.ports.store import Urgency
from storage.database import Database
from storage.engine import UnusableDatabase
from storage.tables import SecretRow

_SECRETS: Final = SecretRow.__table__
_PURPOSE: Final = b"tocsin secrets at rest"


class Secrets:
    """Keeps secrets of tenants. `keys` are passphrases, newest first."""

    def __init__(self, database: Database, clock: Clock, keys: Sequence[str]) -> None:
        self._database = database
        self._clock = clock
        self._boxes = [Fernet(_derived(key)) for key in keys]

    async def get(self, tenant: str, name: str, make: Callable[[], bytes]) -> bytes:
        """Return a secret, making and storing it at first; one under an older key is encrypted anew.

        Raises `UnusableDatabase` when none of the keys opens it.
        """
        mine = (_SECRETS.c.tenant == tenant, _SECRETS.c.name == name)
        async with self._database.write(tenant, Urgency.COMMAND) as work:
            row = await work.row(select(_SECRETS.c.ciphertext).where(*mine))
            if row is None:
                fresh = {"name": name, "ciphertext": self._newest.encrypt(make()), "created_at": self._clock.now()}
                await work.put_new(_SECRETS, {**fresh, "rotated_at": None})
                # Another replica may have been first: what is stored counts.
                row = await work.row(select(_SECRETS.c.ciphertext).where(*mine))
                assert row is not None
            secret = self._opened(name, row["ciphertext"])
            if not self._is_newest(row["ciphertext"]):
                values = {"ciphertext": self._newest.encrypt(secret), "rotated_at": self._clock.now()}
                await work.change(_SECRETS.update().where(*mine).values(**values))
            return secret

    @property
    def _newest(self) -> Fernet:
        if not self._boxes:
            raise UnusableDatabase("TOCSIN_SECRET_KEY is not set, so no secret can be kept; set it.")
        return self._boxes[0]

    def _opened(self, name: str, ciphertext: bytes) -> bytes:
        try:
            return MultiFernet(self._boxes).decrypt(ciphertext)
        except (InvalidToken, ValueError):
            raise UnusableDatabase(
                f"The secret {name!r} was encrypted under another TOCSIN_SECRET_KEY; put that key at the end of the "
                "list, and give every replica the same list."
            ) from None

    def _is_newest(self, ciphertext: bytes) -> bool:
        try:
            self._newest.decrypt(ciphertext)
        except InvalidToken:
            return False
        return True


def _derived(passphrase: str) -> bytes:
    """Return the Fernet key of a passphrase; HKDF, since what is listed is a random key and no human's password."""
    material = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(passphrase.encode())
    return base64.urlsafe_b64encode(material)
