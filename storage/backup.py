"""Copies of the database: made while it is written to, and put back when it is not."""

import asyncio
import os
import secrets
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from storage.engine import UnusableDatabase, is_sqlite, read_url
from storage.migrate import revisions

_KEY_REMINDER: Final = "The secrets in it are encrypted: keep TOCSIN_SECRET_KEY as well, and elsewhere."


async def backup(url: str, target: Path) -> str:
    """Copy a SQLite database to `target` as it is at one moment, while others write to it; returns what to tell.

    The copy is complete and checked before it stands under its name, where it takes the place of an older one; only
    its owner may read it. For PostgreSQL nothing is done: what is told is the command that does it, without the
    password. Raises `UnusableDatabase` when there is nothing to copy, no place for it, or the copy is damaged, and
    when `target` is the database itself, one that a Tocsin has open, or no database of Tocsin's at all.
    """
    source = read_url(url)
    if not is_sqlite(source):
        dump = ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", _without_password(source)]
        return _told("pg_dump", f"(umask 077 && {shlex.join(dump)})")
    await asyncio.to_thread(_back_up, Path(source.database or ""), target)
    return f"The copy is {target}. {_KEY_REMINDER}"


async def restore(source: Path, url: str) -> str:
    """Put the copy `source` where the SQLite database of `url` is; returns what to tell.

    What was there is kept beside it. An older copy is migrated at the next start. For PostgreSQL nothing is done: what
    is told is the command that does it, without the password. Raises `UnusableDatabase`, with nothing changed, when
    the copy is damaged, none of ours or newer than this program, or the database is in use.
    """
    target = read_url(url)
    if not is_sqlite(target):
        load = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction"]
        return _told("pg_restore", shlex.join([*load, f"--dbname={_without_password(target)}", str(source)]))
    kept = await asyncio.to_thread(_restore, source, Path(target.database or ""))
    return f"{source} is in place." + ("" if kept is None else f" What was there before is {kept}.")


def _back_up(source: Path, target: Path) -> None:
    if not source.is_file():
        raise UnusableDatabase(
            f"There is no database at {source}, so there is nothing to copy; see TOCSIN_DATABASE_URL."
        )
    if any(_is_same(target, file) for file in _files_of(source)):
        raise UnusableDatabase(f"{target} is the database itself, or belongs to it; name another file for the copy.")
    if target.exists() and _revision(target) is None:
        raise UnusableDatabase(f"{target} is there and is no copy of a Tocsin database; name another file.")
    with _copied(source, target) as copy, _alone(target):
        copy.replace(target)
    _sync(target.parent)


def _files_of(database: Path) -> list[Path]:
    """Return a database and the files that SQLite keeps beside it, there or not."""
    file = database.resolve()  # SQLite, too, follows links before it names the others
    return [file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm", "-journal"))]


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names lead, or would lead, to one file."""
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def _restore(source: Path, target: Path) -> Path | None:
    if not source.is_file():
        raise UnusableDatabase(f"There is no copy at {source}.")
    if target.exists() and source.samefile(target):
        raise UnusableDatabase(f"{source} is the database itself; name a copy of it.")
    _check_revision(source)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _copied(source, target) as copy, _alone(target):
        kept = _keep(target)
        copy.replace(target)
    _sync(target.parent)
    return kept


@contextmanager
def _copied(source: Path, target: Path) -> Iterator[Path]:
    """Copy a database into a new file beside `target`, on the disk and checked; it is removed unless it was moved."""
    copy = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise UnusableDatabase(f"No file can be made in {target.parent}: {error.strerror}.") from error
    try:
        with closing(_open(source)) as original, closing(_open(copy)) as copied:
            # All in one step: it sees one moment, keeps no writer waiting, and never has to begin again.
            original.backup(copied)
            # Out of write-ahead mode, so that the copy is one file, also where it can't be written to.
            copied.execute("PRAGMA journal_mode=DELETE")
            found = [row[0] for row in copied.execute("PRAGMA integrity_check(5)")]
            if found != ["ok"]:
                raise UnusableDatabase(f"{source} is damaged: {'; '.join(found)}.")
        _sync(copy)
        yield copy
    except sqlite3.DatabaseError as error:
        raise UnusableDatabase(f"{source} can't be copied: {error}.") from error
    finally:
        copy.unlink(missing_ok=True)


def _check_revision(source: Path) -> None:
    revision = _revision(source)
    if revision is None:
        raise UnusableDatabase(f"{source} is not a copy of a Tocsin database.")
    if revision not in revisions():
        raise UnusableDatabase(
            f"{source} was written by a newer Tocsin (schema {revision}, known here up to {revisions()[-1]}); "
            "restore it with that version."
        )


def _revision(path: Path) -> str | None:
    """Return the schema of a Tocsin database, also of a newer one; None when it is anything else."""
    # Other programs have an alembic_version, too.
    asked = "SELECT version_num, (SELECT count(*) FROM tenants) FROM alembic_version"
    try:
        with closing(_open(path)) as connection:
            [(revision, _)] = connection.execute(asked).fetchall()
    except (sqlite3.DatabaseError, ValueError):
        return None
    return str(revision)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Make sure that nobody has the database open, and keep everyone out; moves what is in its write-ahead log into it.

    A file that is no database, or a damaged one, is nobody's: replacing it is what a restore is for.
    """
    if not target.exists():
        yield
        return
    with closing(_open(target)) as connection:
        try:
            # Only the last connection to a database may take it out of write-ahead mode.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise UnusableDatabase(f"{target} is in use; stop Tocsin first.") from error
        except sqlite3.DatabaseError:
            pass
        yield


def _keep(target: Path) -> Path | None:
    """Give what is there a second name beside the first, which it then loses to the copy: at no moment is there none."""
    for number in count(1):
        kept = target.with_name(f"{target.name}.before-restore-{number}")
        try:
            if was_there := target.exists():
                kept.hardlink_to(target)
        except FileExistsError:
            continue
        except OSError as error:
            raise UnusableDatabase(
                f"{target} can't be kept beside the copy: {error.strerror}; move it away."
            ) from error
        for ending in ("-wal", "-shm"):  # left behind by a crash; SQLite would take them for the copy's
            if (beside := target.with_name(target.name + ending)).exists():
                beside.rename(kept.with_name(kept.name + ending))
        return kept if was_there else None
    raise AssertionError("there is always a next number")


def _open(path: Path) -> sqlite3.Connection:
    """Open a file that is there."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=1)


def _sync(path: Path) -> None:
    """Have what a file holds, or which names a folder holds, on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _without_password(url: URL) -> str:
    query = {"sslmode" if name == "ssl" else name: value for name, value in url.query.items()}
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string(hide_password=False)


def _told(tool: str, command: str) -> str:
    return (
        f"PostgreSQL is looked after by its own tools. Run:\n\n  {command}\n\n"
        f"{tool} asks for the password, or takes it from PGPASSWORD. {_KEY_REMINDER}"
    )
