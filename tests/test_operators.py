"""What is done to a Tocsin from its machine is in its audit, with the user who did it."""

import json
import os
import signal
from pathlib import Path

import pytest

from bot.cli import main
from bot.config.settings import Settings
from bot.operator import operator
from bot.process import Alone


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


def test_a_reload_is_audited_with_who_asked_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    heard = []
    before = signal.signal(signal.SIGHUP, lambda number, _frame: heard.append(number))
    try:
        with Alone(Settings.from_environment(os.environ)):
            assert main(["reload"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [signal.SIGHUP]
    assert [(entry["actor"], entry["action"]) for entry in audited(capsys)] == [(operator(), "Reload")]


def test_a_reload_where_nothing_runs_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reload"]) == 1
    assert audited(capsys) == []
