"""Secrets at rest, encrypted under TOCSIN_SECRET_KEY; the newest key encrypts, any listed one decrypts."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import inspect, select

from bot.clock import Clock
from bot.ports.store import Urgency
from storage.database import Database
from storage.engine import UnusableDatabase
from storage.tables import SecretRow

_SECRETS: Final = SecretRow.__table__
_PURPOSE: Final = b"tocsin secrets at rest"


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """Passphrases, newest first. `file` holds the one that was made by itself; None: TOCSIN_SECRET_KEY lists them."""

    passphrases: Sequence[str] = ()
    file: Path | None = None


NO_KEYS: Final = SecretKeys()


class SealedSecret(UnusableDatabase):
    """None of the keys opens a secret; `what` says which, and `remedy` what to do."""

    def __init__(self, name: str, file: Path | None) -> None:
        if file is None:
            self.what = f"the secret {name!r} was encrypted under another TOCSIN_SECRET_KEY"
            self.remedy = "put that key at the end of the list, and give every replica the same list"
        else:
            self.what = (
                f"the secret {name!r} was encrypted under another key than the one in {file}, "
                "which counts since TOCSIN_SECRET_KEY is not set"
            )
            self.remedy = (
                "set TOCSIN_SECRET_KEY, the same for every replica, to the key under which Tocsin first ran on this "
                f"database (if none was set there either, it is in the {file} of that place)"
            )
        super().__init__(f"T{self.what[1:]}; {self.remedy}.")


class Secrets:
    """Keeps secrets of tenants."""

    def __init__(self, database: Database, clock: Clock, keys: SecretKeys) -> None:
        self._database = database
        self._clock = clock
        self._file = keys.file
        self._boxes = [Fernet(_derived(key)) for key in keys.passphrases]

    async def get(self, tenant: str, name: str, make: Callable[[], bytes]) -> bytes:
        """Return a secret, making and storing it at first; one under an older key is encrypted anew.

        Raises `SealedSecret` when none of the keys opens it.
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

    async def try_all(self, tenant: str) -> None:
        """Open every secret that a tenant has, of a database migrated or not, and change nothing.

        Raises `SealedSecret` for the first that none of the keys opens.
        """
        async with self._database.read(tenant) as work:
            if not await work.connection.run_sync(lambda connection: inspect(connection).has_table(_SECRETS.name)):
                return
            stored = select(_SECRETS.c.name, _SECRETS.c.ciphertext).where(work.mine(_SECRETS))
            for row in await work.rows(stored.order_by(_SECRETS.c.name)):
                self._opened(row["name"], row["ciphertext"])

    @property
    def _newest(self) -> Fernet:
        if not self._boxes:
            raise UnusableDatabase("TOCSIN_SECRET_KEY is not set, so no secret can be kept; set it.")
        return self._boxes[0]

    def _opened(self, name: str, ciphertext: bytes) -> bytes:
        try:
            return MultiFernet(self._boxes).decrypt(ciphertext)
        except (InvalidToken, ValueError):
            raise SealedSecret(name, self._file) from None

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
