"""A storm: two hundred services fail within ten seconds, and a few of them critically."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.load import Figures, get_json, steady
from benchmarks.programs import Program, tocsin
from tests.contracts.chat import slack_world
from tests.contracts.chat.organisation import organisation

SERVICES: Final = 200
CRITICAL: Final = (20, 60, 100, 140, 180)
ALERTS_A_SERVICE: Final = 100
PER_BATCH: Final = 50
DELIVERIES: Final = 2_000
SECONDS: Final = 10
FIRST_MINUTE: Final = 60.0


def measure_storm(folder: Path) -> None:
    """Print how a storm is borne, with Slack to be told of it."""
    folder.mkdir()
    asyncio.run(_measure(folder))


async def _measure(folder: Path) -> None:
    bodies = [_body(number) for number in range(DELIVERIES)]
    async with slack_world.open_world(folder) as world:
        assert isinstance(world, slack_world.SlackWorld)
        with ExitStack() as stack:
            file = json.loads(organisation(world))
            file["services"] = [{"name": _service(number)} for number in range(SERVICES)]
            # All but the first group gather: with the usual limit, twenty rooms would open before it is a storm.
            file["storm"] = {"groups": 1}
            running = tocsin(folder, organisation=json.dumps(file), more=world.env)
            program = await asyncio.to_thread(stack.enter_context, running)
            await world.connect(program.url)
            calls_before = len(world.server.calls)
            begun_at, begun_on = time.monotonic(), time.time()
            load = asyncio.create_task(asyncio.to_thread(_load, program, bodies))
            drained = asyncio.create_task(asyncio.to_thread(_drained, program))
            await asyncio.sleep(FIRST_MINUTE)
            calls = world.server.calls[calls_before:]
            figures = await load
            processed_seconds = await drained - begun_at
            late = await asyncio.to_thread(_lateness, program, begun_on)
            memory_mb = program.peak_memory_mb
    methods: dict[str, int] = {}
    for call in calls:
        methods[call.method] = methods.get(call.method, 0) + 1
    _print(figures, processed_seconds, late, methods)
    print(f"  memory at its most                {memory_mb:9.0f} MB wanted: under 400")
    _count(folder)


def _load(program: Program, bodies: list[bytes]) -> Figures:
    return steady(f"{program.url}/webhooks/alertmanager", bodies, DELIVERIES / SECONDS, SECONDS)


def _drained(program: Program) -> float:
    """Return the moment (monotonic seconds) at which all was processed."""
    time.sleep(SECONDS)
    done = 0
    while done < DELIVERIES:
        time.sleep(0.1)
        sources = get_json(f"{program.url}/api/v1/sources")["items"]
        done = sum(source["deliveries"] for source in sources if source["name"] == "alertmanager")
    return time.monotonic()


def _lateness(program: Program, begun_on: float) -> list[float]:
    """Return for each critical service how many seconds after its first delivery its first page was handed over."""
    late = []
    incidents = get_json(f"{program.url}/api/v1/incidents?limit=100")["items"]
    for number in CRITICAL:
        [ref] = [one["ref"] for one in incidents if one["service"] == _service(number)]
        pages = get_json(f"{program.url}/api/v1/incidents/{ref}")["pages"]
        sent = min(datetime.fromisoformat(page["sent_at"]).timestamp() for page in pages if page["sent_at"])
        late.append(sent - begun_on - number * SECONDS / DELIVERIES)
    return late


def _print(figures: Figures, processed_seconds: float, late: list[float], methods: Mapping[str, int]) -> None:
    events = DELIVERIES * PER_BATCH
    print(f"A storm: {events} reports of {SERVICES * ALERTS_A_SERVICE} alerts in {SERVICES} services, {SECONDS} s")
    print(f"  first to all processed            {processed_seconds:9.1f} s  wanted: 15 or less")
    print(f"  p99 of the 202                    {figures.p99_ms:9.1f} ms wanted: under 100")
    print(f"  rooms opened                      {methods.get('conversations.create', 0):9d}    wanted: 7 or fewer")
    print(f"  chat calls in the first minute    {sum(methods.values()):9d}    wanted: 80 or fewer")
    print(f"    of which                        {', '.join(f'{n} {name}' for name, n in sorted(methods.items()))}")
    print(f"  slowest page of a critical alert  {max(late):9.2f} s  wanted: 2 or less")
    if figures.refused:
        print(f"  refused {figures.refused}")


def _count(folder: Path) -> None:
    """Compare what was sent with what the database holds."""
    with sqlite3.connect(folder / "var" / "tocsin.sqlite3") as database:
        (reports,) = database.execute("SELECT sum(count) FROM alert_reports").fetchone()
        (alerts,) = database.execute("SELECT count(*) FROM alerts WHERE incident IS NOT NULL").fetchone()
        (tally,) = database.execute("SELECT sum(alerts_total) FROM incidents").fetchone()
    print(f"  reports counted in alerts         {reports:9d}    sent: {DELIVERIES * PER_BATCH}")
    print(f"  alerts with an incident           {alerts:9d}    sent: {SERVICES * ALERTS_A_SERVICE}")
    print(f"  alerts that incidents count       {tally:9d}    sent: {SERVICES * ALERTS_A_SERVICE}")


def _service(number: int) -> str:
    return f"service-{number:03d}"


def _body(number: int) -> bytes:
    """Return half of a service's alerts, as Alertmanager delivers a group."""
    service, half = number % SERVICES, number // SERVICES % 2
    severity = "critical" if service in CRITICAL else "warning"

    def alert(place: int) -> dict[str, Any]:
        labels = {
            "alertname": "TooSlow",
            "cluster": f"cluster-{service % 4}",
            "instance": f"{_service(service)}-{place:03d}",
            "service": _service(service),
            "severity": severity,
        }
        return {
            "status": "firing",
            "labels": labels,
            "annotations": {"summary": "Requests take longer than they may", "description": "See the dashboard."},
            "startsAt": "2026-11-22T22:01:14.682Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph?g0.expr=up",
            "fingerprint": f"{service:08x}{place:08x}",
        }

    alerts = [alert(half * PER_BATCH + place) for place in range(PER_BATCH)]
    envelope = {"version": "4", "status": "firing", "receiver": "bench", "groupKey": "{}:{}", "truncatedAlerts": 0}
    return json.dumps({**envelope, "alerts": alerts}).encode()
