"""Tells whether the SQLite file that is open is still the one under its name."""

from pathlib import Path

from bot.ports.store import DatabaseMoved


class OpenFile:
    """A database's file as it was when it was opened.

    SQLite writes on into a file that was moved, removed or replaced, without an error, and the log beside the name is
    then another's or nobody's: the next start finds nothing of what came in meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._opened = _identity(self._path)

    def check(self) -> None:
        """Return when the file is still under its name; raises `DatabaseMoved` otherwise, until it is put back."""
        if _identity(self._path) != self._opened:
            raise DatabaseMoved(
                f"{self._path} is no longer the file that is open: it was moved, removed or replaced, and what comes "
                "in now is lost when Tocsin stops. Move it back; if it is gone, write down what the pages show, stop "
                "Tocsin and restore a copy."
            )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
