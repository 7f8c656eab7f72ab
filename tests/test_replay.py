"""`tocsin replay`: history is rehearsed under other rules; what happened is left as it is, and nobody is told."""

import asyncio
import json
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.cli import main
from bot.config.settings import Settings
from bot.domain.hush import Silence
from bot.ports.records import Delivery
from bot.ports.store import DEFAULT_TENANT, Urgency
from bot.verbs.rehearsal import FollowingClock, rehearsal_on
from storage.store import open_store
from tests.counterparts.tocsin import ORGANISATION

BEGAN_AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
MINUTE = timedelta(minutes=1)


def delivery(minutes: int, *alerts: dict[str, Any], body: bytes | None = None) -> Delivery:
    """What Alertmanager sent so many minutes after the beginning."""
    sent = {"version": "4", "status": "firing", "alerts": list(alerts)}
    given = json.dumps(sent).encode() if body is None else body
    return Delivery(0, "", DEFAULT_TENANT, "prom", "alertmanager", given, BEGAN_AT + minutes * MINUTE)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """Put the log back as it was: a rehearsal sets up its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def alert(name: str, severity: str = "critical", *, status: str = "firing") -> dict[str, Any]:
    labels = {"alertname": name, "severity": severity, "service": "inference-gateway"}
    return {"status": status, "labels": labels, "annotations": {}, "startsAt": "2026-01-01T00:00:00Z"}


HISTORY = (
    delivery(0, alert("Slow"), alert("Chatty", "warning"), alert("Hint", "info")),
    delivery(1, body=b"{not JSON"),
    delivery(5, alert("Slow", status="resolved")),
    delivery(30, alert("Slow")),
)
"""Slow fires, is over, and fires again 25 minutes later; two milder alerts fire all the while."""


async def silenced(service: str) -> None:
    """Note that somebody had silenced a service from before the beginning until now and longer."""
    settings = Settings.from_environment(os.environ)
    store = await open_store(settings.database_url, FollowingClock(BEGAN_AT), lambda _topics: None)
    since, until = BEGAN_AT - 90 * MINUTE, BEGAN_AT + timedelta(days=1)
    try:
        async with store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
            await unit.silences.save(Silence(1, (), service, "", "test", since, since, until), {})
    finally:
        await store.close()


async def happened(*deliveries: Delivery) -> None:
    """Let the history happen in the real database, by the rules of the real file."""
    settings = Settings.from_environment(os.environ)
    clock = FollowingClock(BEGAN_AT)
    store = await open_store(settings.database_url, clock, lambda _topics: None)
    try:
        real = await rehearsal_on(store, clock, settings, os.environ)
        await real.hear(deliveries)
    finally:
        await store.close()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{tmp_path}/tocsin.sqlite3")
    (tmp_path / "tocsin.yaml").write_text(ORGANISATION)
    assert main(["migrate"]) == 0
    asyncio.run(happened(*HISTORY))
    return tmp_path


@pytest.fixture
def other(folder: Path) -> Path:
    """Other rules: only severe alerts open incidents, all of them are SEV1 then, and omar is called first."""
    path = folder / "other.yaml"
    text = ORGANISATION.replace('{page: ["schedule:ml-primary"]}', '{page: ["person:omar"]}')
    path.write_text(
        f"{text}incidents: {{open_from: SEV3}}\nseverities: {{critical: SEV1, warning: SEV4, info: SEV5}}\n"
    )
    return path


def rehearse(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a rehearsal of the last three hours finds, as programs read it."""
    capsys.readouterr()
    assert main(["replay", "--since", "3h", "--dry-run", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def contents(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "tocsin.sqlite3")) as connection:
        return list(connection.iterdump())


def short(one: dict[str, Any], side: str = "now") -> tuple[Any, ...] | None:
    """The only incident of a side, or None where there is none."""
    if not one[side]:
        return None
    [incident] = one[side]
    return incident["title"], incident["severity"], incident["service"], *incident["called_first"]


def test_under_the_same_rules_everything_is_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    found = rehearse(capsys)
    assert (found["deliveries"], found["unreadable"]) == (4, 1)
    assert [(short(one), one["differs"]) for one in found["incidents"]] == [
        (("Slow", "SEV2", "inference-gateway", "amira"), []),
        (("Chatty", "SEV4", "inference-gateway", "amira"), []),
        (("Slow", "SEV2", "inference-gateway", "amira"), []),
    ]
    assert [(one["rule"], one["now"], one["then"]) for one in found["recorded_only"]] == [("Hint", 1, 1)]


def test_what_was_silenced_is_silenced_in_a_rehearsal_too(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(silenced("inference-gateway"))
    found = rehearse(capsys)
    assert {short(one) for one in found["incidents"]} == {None}
    assert {one["rule"] for one in found["recorded_only"]} == {"Slow", "Chatty", "Hint"}


def test_other_rules_show_what_they_would_have_changed(capsys: pytest.CaptureFixture[str], other: Path) -> None:
    found = rehearse(capsys, "--config", str(other))
    told = {(short(one), short(one, "then"), *one["differs"]) for one in found["incidents"]}
    assert told == {
        (None, ("Chatty", "SEV4", "inference-gateway", "amira"), "incidents"),
        (
            ("Slow", "SEV1", "inference-gateway", "omar"),
            ("Slow", "SEV2", "inference-gateway", "amira"),
            "severity",
            "people",
        ),
    }
    assert len(found["incidents"]) == 3
    assert {(one["rule"], one["now"], one["then"]) for one in found["recorded_only"]} == {
        ("Chatty", 1, 0),
        ("Hint", 1, 1),
    }


def test_people_read_the_difference_in_sentences(capsys: pytest.CaptureFixture[str], other: Path) -> None:
    assert main(["replay", "--since", "3h", "--dry-run", "--config", str(other)]) == 0
    said = capsys.readouterr().out
    assert "4 deliveries from " in said
    assert ", 1 of which can't be read." in said
    assert "Incidents that would be as they were: 0; that would not: 3; that there were not: 0." in said
    assert "Would differ: INC-" in said
    assert "SEV1  Slow (inference-gateway, ml-oncall); calls omar" in said
    assert "Would not open: INC-" in said
    assert "  1 instead of 0: Chatty · inference-gateway · prom" in said


def test_what_happened_is_left_as_it_is(capsys: pytest.CaptureFixture[str], folder: Path, other: Path) -> None:
    before = contents(folder)
    rehearse(capsys, "--config", str(other))
    assert contents(folder) == before
    assert not (folder / "var").exists()


def test_a_heartbeat_that_was_missed_is_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    report = {"name": "backup", "is_missed": True, "beat_at": None, "service": "inference-gateway", "severity": "sev2"}
    at = BEGAN_AT + 40 * MINUTE
    missed = Delivery(0, "", DEFAULT_TENANT, "heartbeat", "heartbeat", json.dumps(report).encode(), at)
    asyncio.run(happened(missed))
    found = rehearse(capsys, "--source", "heartbeat")
    assert (found["deliveries"], found["unreadable"]) == (1, 0)
    assert [(short(one), one["differs"]) for one in found["incidents"]] == [
        (("backup was not heard", "SEV2", "inference-gateway", "amira"), [])
    ]


def test_incidents_that_would_be_new_are_named(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    mild = folder / "mild.yaml"
    mild.write_text(f"{ORGANISATION}incidents: {{open_from: SEV5}}\n")
    assert main(["replay", "--since", "3h", "--dry-run", "--config", str(mild)]) == 0
    said = capsys.readouterr().out
    assert "Would open, and did not:" in said
    assert "SEV5  Hint (inference-gateway, ml-oncall); calls amira" in said


def test_incidents_that_would_be_one_are_named_together(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    joined = folder / "joined.yaml"
    joined.write_text(f"{ORGANISATION}incidents: {{group_by: [service]}}\n")
    assert main(["replay", "--since", "3h", "--dry-run", "--config", str(joined)]) == 0
    assert "Would be one incident instead of 3: INC-1, INC-2, INC-3" in capsys.readouterr().out


def test_an_incident_that_would_be_several_is_told_of_once(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    file = folder / "tocsin.yaml"
    file.write_text(f"{ORGANISATION}incidents: {{group_by: [service]}}\n")
    asyncio.run(happened(delivery(60, alert("One"), alert("Two"), alert("Three"))))
    file.write_text(ORGANISATION)
    capsys.readouterr()
    assert main(["replay", "--since", "3h", "--dry-run"]) == 0
    heading, *parts = capsys.readouterr().out.split("\n\n")
    assert "Incidents that would be as they were: 3; that would not: 1; that there were not: 0." in heading
    [split] = [part for part in parts if part.startswith("Would be")]
    assert split.splitlines()[0] == "Would be 3 incidents instead of one: INC-4"
    assert [line.split()[0] for line in split.splitlines()[1:]] == ["then", "now", "now", "now"]


def test_a_time_and_a_source_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert rehearse(capsys, "--until", "1h50m ago")["deliveries"] == 3
    assert rehearse(capsys, "--source", "grafana")["deliveries"] == 0
    assert rehearse(capsys, "--source", "prom")["deliveries"] == 4


def test_without_dry_run_nothing_is_replayed_that_was_processed(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    before = contents(folder)
    assert main(["replay", "--since", "3h"]) == 2
    assert "--since needs --dry-run: these deliveries were processed already" in capsys.readouterr().err
    assert main(["replay", "--quarantined", "--dry-run"]) == 2
    assert "--quarantined goes with --source alone" in capsys.readouterr().err
    assert contents(folder) == before


def test_what_was_set_aside_is_read_again_and_a_source_of_which_nothing_was_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["replay", "--quarantined", "--source", "prmo"]) == 0
    assert main(["replay", "--quarantined", "--source", "prom"]) == 0
    assert main(["replay", "--quarantined"]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "set aside" in line]
    assert [line.partition(". ")[0].rstrip(".") for line in told] == [
        "Nothing of the source 'prmo' is set aside",
        "1 set aside before will be read again",
        "Nothing is set aside",
    ]
    assert "without another notice" in told[1], "whoever waits for a notice would take silence for success"


@pytest.mark.parametrize(
    ("words", "told"), [(["--since", "whenever"], "whenever"), (["--since", "in 2h"], ""), (["--since", ""], "")]
)
def test_a_time_that_is_not_understood_is_refused(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(["replay", "--dry-run", *words]) == 1
    said = capsys.readouterr().err
    assert said.strip()
    assert told in said
    assert "Traceback" not in said


def test_rules_that_are_wrong_are_refused_with_their_line(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "wrong.yaml").write_text(f"{ORGANISATION}incidents: {{open_form: SEV5}}\n")
    assert main(["replay", "--since", "3h", "--dry-run", "--config", str(folder / "wrong.yaml")]) == 1
    assert "open_form" in capsys.readouterr().err
    assert main(["replay", "--since", "3h", "--dry-run", "--config", str(folder / "nowhere.yaml")]) == 1
    assert "nowhere.yaml" in capsys.readouterr().err
