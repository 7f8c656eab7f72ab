"""What is done to a Tocsin from its machine is in its audit, with the user who did it."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import main
from bot.config.settings import Settings
from bot.domain.access import Access
from bot.operator import operator
from bot.ports.records import AuditEntry
from bot.ports.store import DEFAULT_TENANT, PersonEntry, Urgency
from bot.process import Alone
from bot.verbs.database import opened_store
from tests.builders import NOW


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{tmp_path}/tocsin.sqlite3")
    monkeypatch.setenv("TOCSIN_LISTEN", "127.0.0.1:0")
    assert main(["migrate"]) == 0
    return tmp_path


def audited(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What `tocsin audit` prints, newest first."""
    capsys.readouterr()
    assert main(["audit"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_replay_is_audited(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--quarantined", "--source", "prom"]) == 0
    [entry] = audited(capsys)
    assert (entry["actor"], entry["action"]) == (operator(), "Replay")
    assert entry["after"] == {"source": "prom", "count": 0}


def test_a_backup_and_a_restore_are_audited_in_the_database_that_is_then_in_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(folder / "copy")]) == 0
    assert [entry["action"] for entry in audited(capsys)] == ["Backup"]

    assert main(["restore", str(folder / "copy")]) == 0
    [entry] = audited(capsys)
    assert (entry["actor"], entry["action"]) == (operator(), "Restore")
    assert entry["after"] == {"path": str(folder / "copy")}


def test_the_audit_names_people_also_those_who_have_left(capsys: pytest.CaptureFixture[str]) -> None:
    async def page_two() -> None:
        async with opened_store() as store, store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
            people = [PersonEntry(name, Access.RESPONDER, "UTC", "en", None, ()) for name in ('o"mar', "noor")]
            ids = await unit.people.sync(people, NOW)
            await unit.people.sync(people[1:], NOW)
            after = {"called": list(ids.values()), "roles": [["scribe", ids["noor"]]], "id": "f" * 32}
            await unit.audit.add([AuditEntry(NOW, f"person:{ids['noor']}", "", "PagePeople", "INC-1", after=after)])

    asyncio.run(page_two())

    [entry] = audited(capsys)
    assert (entry["at"], entry["actor"]) == ("2026-01-06T23:00:00Z", "person:noor")
    assert entry["after"] == {"called": ['o"mar', "noor"], "roles": [["scribe", "noor"]], "id": "f" * 32}


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """Let a Tocsin run here, and give the signals that it gets."""
    signals: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _frame: signals.append(number))
    try:
        with Alone(Settings.from_environment(os.environ)):
            yield signals
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_reload_is_audited_with_who_asked_for_it(heard: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reload"]) == 0
    assert heard == [signal.SIGHUP]
    assert [(entry["actor"], entry["action"]) for entry in audited(capsys)] == [(operator(), "Reload")]


def test_a_reload_of_a_bad_file_tells_its_faults_and_is_none(
    folder: Path, heard: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "tocsin.yaml").write_text("people: [{name: amira, acess: admin}]\nbogus: 1\n")

    assert main(["reload"]) == 1

    told = capsys.readouterr().err.splitlines()
    assert "tocsin.yaml:1:24: unknown key 'acess'; did you mean 'access'?" in told
    assert [line for line in told if line.startswith("tocsin.yaml:2:1: unknown key 'bogus'")]
    assert told[-1].endswith("problems: what is in force stays in force.")
    assert heard == []
    assert audited(capsys) == []


def test_a_reload_takes_a_file_whose_variables_are_set_where_tocsin_was_started_and_not_here(
    folder: Path, heard: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "tocsin.yaml").write_text(
        "people: [{name: amira, access: admin, login: 'env:AMIRA_PASSWORD'}]\n"
        "policies: [{name: all, steps: [{page: ['person:amira']}]}]\n"
        "sources: [{name: jobs, kind: generic, keys: ['env:JOBS_KEY']}]\n"
        "heartbeats: [{name: backup, every: 1d, key: 'env:BACKUP_KEY'}]\n"
        "chat: {slack: {announce: incidents}}\n"
    )
    monkeypatch.setenv("TOCSIN_LISTEN", "0.0.0.0:8080")

    assert main(["reload"]) == 0
    assert heard == [signal.SIGHUP]


def test_a_reload_where_nothing_runs_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reload"]) == 1
    assert audited(capsys) == []
