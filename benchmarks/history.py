"""What one more alert costs when many are stored already."""

import sqlite3
import time
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.load import get_json, post, webhook_body
from benchmarks.programs import Program, tocsin

STORED: Final = (10_000, 100_000, 1_000_000)
ROUNDS: Final = 9
DELIVERIES: Final = 40
PER_BATCH: Final = 50
USUAL: Final = 100
"""The deliveries that bring the alerts which are reported again and again, before anything is measured."""

# Half of them fire, half have ended; each is like one that came in the usual way.
_FILL: Final = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
INSERT INTO alerts (tenant, id, source, fingerprint, state, severity, title, labels, first_at, service, incident,
    group_key, summary, url, reason, resolved_at)
SELECT tenant, printf('00000000-0000-7000-8000-%012x', n), source, printf('old%013x', n),
    iif(n % 2, 'firing', 'resolved'), severity, title, labels, first_at, service, incident, group_key, summary, url,
    reason, iif(n % 2, NULL, first_at)
FROM numbers, (SELECT * FROM alerts LIMIT 1)
"""
_FILL_REPORTS: Final = """
INSERT INTO alert_reports (tenant, id, count, last_at)
SELECT tenant, id, 1, first_at FROM alerts WHERE fingerprint LIKE 'old%'
"""


def measure_history(folder: Path) -> None:
    """Print the processor's time that an alert takes, by how many are stored."""
    folder.mkdir()
    costs = {}
    for stored in STORED:
        (folder / str(stored)).mkdir()
        costs[stored] = _cost(folder / str(stored), stored)
    print("Tocsin, the processor's time of one more alert, taken and processed, one of five new")
    for stored, cost_us in costs.items():
        times = f"{cost_us / costs[STORED[0]]:.2f} times that of the fewest; wanted: 1.20 or less"
        print(f"  {stored:9d} alerts stored          {cost_us:9.1f} µs {times if stored != STORED[0] else ''}".rstrip())


def _cost(folder: Path, stored: int) -> float:
    with tocsin(folder) as program:
        for number in range(USUAL):
            post(f"{program.url}/webhooks/alertmanager", webhook_body("u", number))
        _drain(program, USUAL)
    with sqlite3.connect(folder / "var" / "tocsin.sqlite3") as database:
        database.execute(_FILL, {"count": stored})
        database.execute(_FILL_REPORTS)
    database.close()
    with tocsin(folder) as program:
        return median(_round(program, number) for number in range(ROUNDS))


def _round(program: Program, number: int) -> float:
    """Return the microseconds of the processor that an alert took in one round of deliveries."""
    first = USUAL + number * DELIVERIES
    bodies = [webhook_body("u", first + place) for place in range(DELIVERIES)]
    before = program.processor_seconds
    for body in bodies:
        post(f"{program.url}/webhooks/alertmanager", body)
    _drain(program, first + DELIVERIES)
    return (program.processor_seconds - before) / (DELIVERIES * PER_BATCH) * 1e6


def _drain(program: Program, deliveries: int) -> None:
    done = 0
    while done < deliveries:
        time.sleep(0.25)
        sources = get_json(f"{program.url}/api/v1/sources")["items"]
        done = sum(source["deliveries"] for source in sources if source["name"] == "alertmanager")
