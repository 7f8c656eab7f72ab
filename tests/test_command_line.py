"""What the command line says when it can't do what it was told: a sentence with the remedy, and never a traceback."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from bot.clock import DatabaseClock
from bot.ports.records import SourceActivity, SourceRefusals
from bot.ports.store import DEFAULT_TENANT, Urgency
from storage.store import open_store
from tests.counterparts.postgres import PostgresServer
from tests.counterparts.program import free_port
from tests.counterparts.tocsin import REPOSITORY

VERBS_WITH_DATABASE = (["run"], ["migrate"], ["audit"], ["replay", "--quarantined"], ["export", "INC-1"])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("words", VERBS_WITH_DATABASE, ids=" ".join)
def test_a_database_that_does_not_answer_is_told_in_a_sentence(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"postgresql://tocsin:hidden@127.0.0.1:{free_port()}/tocsin")

    assert main(words) == 1

    said = capsys.readouterr().err
    assert said.startswith("The database can't be opened: Connection refused. See that it is there")
    assert "hidden" not in said


@pytest.mark.parametrize("words", VERBS_WITH_DATABASE, ids=" ".join)
def test_a_file_that_is_no_database_is_told_in_a_sentence_and_left_alone(
    words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = folder / "letter.txt"
    letter.write_text("Dear reader, " * 1000)
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{letter}")

    assert main(words) == 1

    assert "The database can't be opened: file is not a database." in capsys.readouterr().err
    assert letter.read_text() == "Dear reader, " * 1000


@pytest.mark.parametrize("words", [["run"], ["audit"], ["migrate"]], ids=" ".join)
def test_a_folder_that_can_not_be_made_is_named(
    words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "file").touch()
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{folder}/file/var/tocsin.sqlite3")

    assert main(words) == 1

    said = capsys.readouterr().err
    assert "Not a directory" in said
    assert "TOCSIN_DATABASE_URL" in said


def test_a_database_that_is_not_there_is_named(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", postgres_server.url("elsewhere"))

    assert main(["migrate"]) == 1

    assert 'database "elsewhere" does not exist' in capsys.readouterr().err


@pytest.mark.parametrize("words", [["audit"], ["replay", "--quarantined"], ["export", "INC-1"]], ids=" ".join)
def test_whoever_looks_in_the_wrong_folder_is_told_so_and_leaves_nothing_there(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 1

    assert f"There is no database at {folder}/var/tocsin.sqlite3. Run this in the folder" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("incident", "told"), [("INC-7", "There is no incident INC-7 in this database."), ("x", "'x' names no incident")]
)
def test_an_export_of_what_is_not_there_is_told_in_a_sentence(
    incident: str, told: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{folder}/tocsin.sqlite3")
    assert main(["migrate"]) == 0

    assert main(["export", incident]) == 1

    assert told in capsys.readouterr().err


@pytest.mark.parametrize("words", [["wording"], ["sources"], ["manifest"], ["check"], ["doctor"]], ids=" ".join)
def test_a_reader_that_has_had_enough_is_no_error(words: list[str], folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}"},
        cwd=folder,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr.decode()) == (141, "")


def test_the_demo_ends_quietly_when_nobody_reads_on(folder: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=folder
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        while demo.stdout.readline() != b"\n":
            pass
        demo.stdout.close()
        said = demo.stderr.read().decode()
    assert (demo.returncode, said) == (141, "")


def test_a_wrong_word_is_misuse_and_shows_the_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rum"])

    assert ended.value.code == 2
    assert "run" in capsys.readouterr().err


def test_sources_are_listed_without_a_database_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{folder}/not-there.sqlite3")

    assert main(["sources"]) == 0

    told = capsys.readouterr().out
    assert "POST http://127.0.0.1:8080/webhooks/alertmanager" in told
    assert "POST http://127.0.0.1:8080/v2/change/enqueue" in told
    assert "What has come can't be said without the database" in told
    assert not (folder / "not-there.sqlite3").exists()


def test_a_source_with_a_mapping_is_listed_as_well(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tocsin.yaml").write_text(
        "people: [{name: amira, access: admin}]\n"
        "policies: [{name: all, steps: [{page: ['person:amira']}]}]\n"
        "sources: [{name: jobs, kind: generic, mapping: {title: rule.name}}]\n"
    )

    assert main(["sources"]) == 0

    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("jobs ")]
    assert line.split() == ["jobs", "generic", "POST", "http://127.0.0.1:8080/webhooks/jobs"]


def test_sources_are_listed_with_what_has_come(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{folder}/tocsin.sqlite3"
    monkeypatch.setenv("TOCSIN_DATABASE_URL", url)
    assert main(["migrate"]) == 0
    asyncio.run(noted(url))

    assert main(["sources"]) == 0

    told = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert told["generic"].endswith(
        "last 2026-11-22T22:00:00Z, 7 deliveries, 2 errors (the last: the body is not JSON)"
        "; 3 refused (the last 2026-11-22T22:00:00Z, 401: the key is wrong)"
    )
    assert told["grafana"].endswith("  nothing yet; 1 refused (the last 2026-11-22T22:00:00Z, 401: the key is wrong)")
    assert told["gitlab"].endswith("  last 2026-11-22T22:00:00Z, 1 delivery, 1 error (the last: too deep)")
    assert told["sentry"].endswith("/webhooks/sentry")


async def noted(url: str) -> None:
    """Let there be something to tell of the source `generic`."""
    at = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    store = await open_store(url, DatabaseClock(), lambda topics: None)
    for deliveries, errors, error in ((5, 1, "too deep"), (1, 1, "the body is not JSON"), (1, 0, None)):
        async with store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
            await unit.deliveries.note(SourceActivity("generic", at, deliveries, errors, error))
    async with store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
        await unit.deliveries.note(SourceActivity("gitlab", at, 1, 1, "too deep"))
        for source, count in (("generic", 3), ("grafana", 1)):
            await unit.deliveries.note_refused(SourceRefusals(source, at, count, "401: the key is wrong"))
    await store.close()


READERS = (
    ["check"],
    ["doctor"],
    ["export", "INC-1"],
    ["manifest"],
    ["oncall"],
    ["replay", "--dry-run", "--since", "1h"],
    ["sources"],
)
"""Every verb that reads tocsin.yaml, but for `run`."""


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_every_verb_that_reads_the_file_knows_what_it_says_of_chats(
    words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "tocsin.yaml").write_text(
        "people: [{name: amira, access: admin, slack: U01AAA, telegram: 1111}]\n"
        "policies: [{name: all, steps: [{page: ['person:amira']}]}]\n"
        "chat: {slack: {announce: incidents}, telegram: {forum: -1001234567890}}\n"
    )
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{folder}/tocsin.sqlite3")
    monkeypatch.setenv("TOCSIN_LISTEN", "127.0.0.1:0")
    assert main(["migrate"]) == 0

    code = main(words)

    told = "".join(capsys.readouterr())
    assert "unknown key" not in told
    assert "configuration has errors" not in told
    # An incident that is not there can't be exported; all else can be done.
    assert code == (1 if words[0] == "export" else 0), told
