"""`make bench`: every figure in one run, each beside what it is held against."""

import argparse
import json
import sqlite3
import tempfile
import time
from datetime import datetime
from pathlib import Path

from benchmarks.chats import measure_chats
from benchmarks.demo import measure_demo
from benchmarks.history import measure_history
from benchmarks.load import Figures, flood, get_json, post, steady, webhook_body
from benchmarks.programs import Program, alertmanager, tocsin
from benchmarks.storm import measure_storm

BATCH = 50


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="length of each load (default: 10)")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theirs = measure_alertmanager(folder / "alertmanager", seconds)
        measure_start(folder / "tocsin")
        ours = measure_intake(folder / "tocsin", seconds)
        print(f"  ratio to Alertmanager             {ours.per_second / theirs.per_second:9.2f}   wanted: 1.50 or more")
        single = measure_single(folder, seconds)
        print(f"  ratio to Alertmanager             {single:9.2f}   wanted: 0.25 or more")
        print("Tocsin, at half of what Alertmanager takes")
        measure_steady(folder / "half", theirs.per_second / 2, seconds, wanted="wanted: under 50")
        print("Tocsin, at half of what it takes itself")
        measure_steady(folder / "half-own", ours.per_second / 2, seconds)
        measure_page(folder / "page")
        measure_storm(folder / "storm")
        measure_history(folder / "history")
        measure_chats(folder, seconds)
        measure_demo(folder / "demo")


def measure_alertmanager(folder: Path, seconds: int) -> Figures:
    """Alertmanager's own API, which keeps alerts in memory only."""
    folder.mkdir()
    with alertmanager(folder) as program:
        figures = flood(f"{program.url}/api/v2/alerts", "api", per_batch=BATCH, seconds=seconds, run="a")
    print("Alertmanager, POST /api/v2/alerts, in memory")
    print_load(figures)
    return figures


def measure_start(folder: Path) -> None:
    """From the start of the process to ready, the second time; and the memory then."""
    folder.mkdir()
    with tocsin(folder):
        pass
    with tocsin(folder) as program:
        time.sleep(2)
        print("Tocsin, started again on its database")
        print(f"  ready after                       {program.ready_seconds:9.2f} s wanted: under 2")
        print(f"  memory at idle                    {program.memory_mb:9.0f} MB wanted: under 150")


def measure_intake(folder: Path, seconds: int) -> Figures:
    """Deliveries on disk before the answer, with processing going on; then the time until all is processed."""
    with tocsin(folder) as program:
        begun_at = time.monotonic()
        figures = flood(f"{program.url}/webhooks/alertmanager", "webhook", per_batch=BATCH, seconds=seconds, run="b")
        print("Tocsin, POST /webhooks/alertmanager, durable, processing on, one alert of five new")
        print_load(figures)
        while get_json(f"{program.url}/api/v1/deliveries?state=pending&limit=1")["items"]:
            time.sleep(0.1)
        drained = (time.monotonic() - begun_at) / figures.seconds
        print(f"  drained after, in load lengths    {drained:9.2f}   wanted: 2 or less")
        print(f"  memory after it                   {program.memory_mb:9.0f} MB")
    count(folder, figures)
    return figures


def measure_single(folder: Path, seconds: int) -> float:
    """Return Tocsin's deliveries a second of one alert each, durable, in ratio to Alertmanager's."""
    (folder / "single-alertmanager").mkdir()
    with alertmanager(folder / "single-alertmanager") as program:
        theirs = flood(f"{program.url}/api/v2/alerts", "api", per_batch=1, seconds=seconds, run="s")
    (folder / "single").mkdir()
    with tocsin(folder / "single") as program:
        ours = flood(f"{program.url}/webhooks/alertmanager", "webhook", per_batch=1, seconds=seconds, run="s")
    print("One alert a request")
    print(f"  Alertmanager, in memory           {theirs.per_second:9.0f}   a second")
    print(f"  Tocsin, durable, processing on    {ours.per_second:9.0f}   a second, p99 {ours.p99_ms:.1f} ms")
    return ours.per_second / theirs.per_second


def count(folder: Path, figures: Figures) -> None:
    """Compare what was answered 202 with what the database holds."""
    with sqlite3.connect(folder / "var" / "tocsin.sqlite3") as database:
        (reports,) = database.execute(
            "SELECT sum(count) FROM alerts JOIN alert_reports USING (tenant, id) WHERE fingerprint LIKE 'b%'"
        ).fetchone()
        (alerts,) = database.execute("SELECT count(*) FROM alerts WHERE fingerprint LIKE 'b%'").fetchone()
    print(f"  reports counted in alerts         {reports:9d}   at least {figures.requests * BATCH} were taken")
    print(f"  alerts                            {alerts:9d}")


def measure_steady(folder: Path, per_second: float, seconds: int, *, wanted: str = "") -> None:
    """How long a sender waits for the 202 when deliveries come in at a pace."""
    folder.mkdir()
    bodies = [webhook_body("h", number) for number in range(2000)]
    with tocsin(folder) as program:
        figures = steady(f"{program.url}/webhooks/alertmanager", bodies, per_second, seconds)
    print(f"  deliveries/s                      {per_second:9.0f}   of {BATCH} alerts each")
    print(f"  p50 of the 202                    {figures.p50_ms:9.1f} ms")
    print(f"  p99 of the 202                    {figures.p99_ms:9.1f} ms {wanted}".rstrip())


def measure_page(folder: Path) -> None:
    """From the receipt of an alert at idle to its page handed to the chat."""
    folder.mkdir()
    with tocsin(folder) as program:
        taken = sorted(one_page(program, number) for number in range(20))
    print("Tocsin, at idle")
    print(f"  alert to page handed over, median {taken[len(taken) // 2] * 1e3:9.0f} ms wanted: under 300")
    print(f"  alert to page handed over, worst  {taken[-1] * 1e3:9.0f} ms")


def one_page(program: Program, number: int) -> float:
    """Post one alert; return the seconds from its receipt to its page."""
    name = f"Page{number}"
    labels = {"alertname": name, "severity": "critical"}
    body = {"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": labels, "fingerprint": name}]}
    post(f"{program.url}/webhooks/alertmanager", json.dumps(body).encode())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for incident in get_json(f"{program.url}/api/v1/incidents?limit=1")["items"]:
            whole = get_json(f"{program.url}/api/v1/incidents/{incident['ref']}")
            sent = [page["sent_at"] for page in whole["pages"] if page["sent_at"]]
            if name in whole["title"] and sent:
                received = get_json(f"{program.url}/api/v1/deliveries?state=all&limit=1")["items"][0]["received_at"]
                return (datetime.fromisoformat(sent[0]) - datetime.fromisoformat(received)).total_seconds()
        time.sleep(0.02)
    raise TimeoutError(f"no page for {name} within 10 s")


def print_load(figures: Figures) -> None:
    """Print what a load met."""
    print(f"  deliveries/s                      {figures.per_second:9.0f}   of {BATCH} alerts each")
    print(f"  alerts/s                          {figures.per_second * BATCH:9.0f}")
    print(f"  p99                               {figures.p99_ms:9.1f} ms")
    if figures.refused or figures.broken:
        print(f"  refused {figures.refused}, broken {figures.broken}")


if __name__ == "__main__":
    main()
