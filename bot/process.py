"""This process among others: its process id for `tocsin reload`, and the lock that keeps a SQLite file to one process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from sqlalchemy import make_url

from bot.config.settings import Settings
from bot.startup import StartupError


def pid_file(settings: Settings) -> Path:
    """Return where a running Tocsin leaves its process id."""
    return state_folder(settings) / "tocsin.pid"


def key_file(settings: Settings) -> Path:
    """Return where Tocsin keeps the key that it made by itself, where none is set."""
    return state_folder(settings) / "secret.key"


class Alone:
    """Holds a lock while Tocsin runs on a SQLite file, and leaves its process id; on PostgreSQL only the latter."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock: int | None = None

    def __enter__(self) -> None:
        folder = made_folder(self._settings)
        with _writable(folder):
            if self._settings.uses_sqlite:
                self._lock = os.open(folder / "tocsin.lock", os.O_RDWR | os.O_CREAT, 0o600)
                _take(self._lock, folder)
            pid_file(self._settings).write_text(f"{os.getpid()}\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pid_file(self._settings).unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)


def state_folder(settings: Settings) -> Path:
    """Return where this process keeps what is its own: beside the SQLite database, else `var`."""
    if settings.uses_sqlite:
        return Path(make_url(settings.database_url).database or "var/tocsin").parent
    return Path("var")


def must_have_database(settings: Settings) -> None:
    """Refuse where there is no SQLite file: whoever only looks into a database must not make one in a wrong folder."""
    if not settings.uses_sqlite:
        return
    file = Path(make_url(settings.database_url).database or "")
    with suppress(OSError):  # what else is wrong with it shows when it is opened
        try:
            file.stat()
        except FileNotFoundError:
            raise StartupError(
                f"There is no database at {file.absolute()}. Run this in the folder in which Tocsin runs, or set "
                "TOCSIN_DATABASE_URL as it is set there; `tocsin run` or `tocsin migrate` makes a new one."
            ) from None


def made_folder(settings: Settings) -> Path:
    """Return `state_folder`, made for its owner only unless it is there; `StartupError` when it can't be."""
    folder = state_folder(settings)
    with _writable(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _take(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StartupError(
            f"Another Tocsin runs on the database in {folder}; stop it first, or use PostgreSQL, which serves many."
        ) from None


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StartupError(
            f"Tocsin keeps files in the folder {folder}, and can't write there ({error.strerror}); let it, or start it "
            "in another folder. With SQLite it is the folder that TOCSIN_DATABASE_URL names."
        ) from error
