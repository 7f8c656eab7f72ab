"""Where secrets at rest can't be opened, `tocsin run` says which key is wanted, and `tocsin doctor` has said it before."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.ports.store import DEFAULT_TENANT
from bot.verbs.database import opened_store
from tests.counterparts.postgres import PostgresServer

ANOTHER = "problem  secret key: the secret 'session-key' was encrypted under another"
Enter = Callable[[str], Path]


@pytest.fixture
def enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Go into a folder, of which each is a replica's own."""

    def entered(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        monkeypatch.chdir(folder)
        return folder

    monkeypatch.setenv("TOCSIN_LISTEN", "127.0.0.1:0")
    entered("first")
    return entered


@pytest.fixture
def on_postgres(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", postgres_server.url(finished(postgres_server.create_database())))


def finished(work: Awaitable[str]) -> str:
    async def awaited() -> str:
        return await work

    return asyncio.run(awaited())


def starts_once() -> None:
    """Leave the secret that a start leaves."""

    async def start() -> str:
        async with opened_store() as store:
            return str(await store.secret(DEFAULT_TENANT, "session-key", lambda: b"signing"))

    assert main(["migrate"]) == 0
    finished(start())


def about_the_key(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What the doctor ends with, and its line about the key."""
    capsys.readouterr()
    code = main(["doctor"])
    [line] = [line for line in capsys.readouterr().out.splitlines() if " secret key: " in line]
    return code, line


@pytest.mark.usefixtures("on_postgres")
def test_a_replica_with_a_key_of_its_own_is_told_whose_it_needs(
    enter: Enter, capsys: pytest.CaptureFixture[str]
) -> None:
    starts_once()
    second = enter("second")

    code, line = about_the_key(capsys)
    assert (code, line.startswith(ANOTHER)) == (1, True)
    assert "var/secret.key" in line
    assert list(second.iterdir()) == []  # whoever only looks makes no key

    assert main(["run"]) == 1
    said = capsys.readouterr().err
    assert "The secret 'session-key' was encrypted under another key than the one in var/secret.key" in said
    assert "set TOCSIN_SECRET_KEY, the same for every replica," in said


@pytest.mark.usefixtures("on_postgres")
def test_a_key_made_by_itself_is_doubtful_where_replicas_may_come(
    enter: Enter, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    starts_once()
    code, line = about_the_key(capsys)
    assert (code, line.partition(": ")[0]) == (0, "warning  secret key")

    monkeypatch.setenv("TOCSIN_SECRET_KEY", Path("var/secret.key").read_text())
    enter("second")
    assert about_the_key(capsys) == (0, "ok       secret key: TOCSIN_SECRET_KEY opens what is stored")


@pytest.mark.usefixtures("enter")
def test_on_sqlite_a_key_made_by_itself_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert about_the_key(capsys)[0] == 0
    starts_once()
    assert about_the_key(capsys) == (0, "ok       secret key: var/secret.key opens what is stored")


@pytest.mark.usefixtures("enter")
def test_a_database_that_was_restored_without_its_key_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    starts_once()
    Path("var/secret.key").unlink()
    code, line = about_the_key(capsys)
    assert (code, line.startswith(ANOTHER)) == (1, True)
    assert not Path("var/secret.key").exists()


@pytest.mark.usefixtures("enter")
def test_a_variable_that_holds_another_key_is_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    starts_once()
    monkeypatch.setenv("TOCSIN_SECRET_KEY", key := secrets.token_urlsafe(32))
    code, line = about_the_key(capsys)
    assert (code, line.startswith(f"{ANOTHER} TOCSIN_SECRET_KEY; put that key at the end of the list")) == (1, True)

    monkeypatch.setenv("TOCSIN_SECRET_KEY", f"{key},{Path('var/secret.key').read_text()}")
    assert about_the_key(capsys)[0] == 0
    # Looking put nothing under the new key: that is for a start to do.
    monkeypatch.setenv("TOCSIN_SECRET_KEY", key)
    assert about_the_key(capsys)[0] == 1


@pytest.mark.usefixtures("enter")
def test_before_the_first_migration_there_is_nothing_to_open(capsys: pytest.CaptureFixture[str]) -> None:
    assert about_the_key(capsys)[0] == 0
