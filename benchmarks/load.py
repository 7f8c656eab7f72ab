"""Load from another process: as fast as the server answers (wrk), or at a steady pace."""

import asyncio
import http.client
import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a load met: requests answered, seconds, and latencies in milliseconds."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int
    broken: int

    @property
    def per_second(self) -> float:
        """Requests answered a second."""
        return self.requests / self.seconds


def flood(url: str, shape: str, *, per_batch: int, seconds: int, run: str, connections: int = 32) -> Figures:
    """Post batches as fast as they are answered, from one thread."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise FileNotFoundError("wrk is not installed: apt-get install wrk")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(SCRIPT), url]
    answer = subprocess.run(  # noqa: S603 - our own words
        [*command, "--", shape, str(per_batch), run], capture_output=True, text=True, check=True
    )
    line = next(line for line in answer.stdout.splitlines() if line.startswith("FIGURES"))
    requests, duration_us, p50_us, p99_us, refused, broken = (int(word) for word in line.split()[1:])
    return Figures(requests, duration_us / 1e6, p50_us / 1e3, p99_us / 1e3, refused, broken)


def steady(url: str, bodies: list[bytes], per_second: float, seconds: float) -> Figures:
    """Post bodies in turn at a pace, whatever the server's speed; latency counts from when a request was to begin."""
    return asyncio.run(_steady(url, bodies, per_second, seconds))


async def _steady(url: str, bodies: list[bytes], per_second: float, seconds: float) -> Figures:
    parts = urlsplit(url)
    queue: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()
    taken: list[float] = []
    refused = 0
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n".encode()

    async def connection() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while (next_one := await queue.get()) is not None:
            number, begun_at = next_one
            body = bodies[number % len(bodies)]
            writer.write(head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            refused += not answer.startswith(b"HTTP/1.1 2")
            taken.append(time.perf_counter() - begun_at)
        writer.close()

    connections = [asyncio.create_task(connection()) for _ in range(32)]
    begun_at = time.perf_counter()
    for number in range(int(per_second * seconds)):
        due_at = begun_at + number / per_second
        if (ahead := due_at - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        queue.put_nowait((number, due_at))
    for _ in connections:
        queue.put_nowait(None)
    await asyncio.gather(*connections)
    taken.sort()
    last = len(taken) - 1
    p50, p99 = taken[last // 2] * 1e3, taken[int(last * 0.99)] * 1e3
    return Figures(len(taken), time.perf_counter() - begun_at, p50, p99, refused, 0)


def webhook_body(run: str, number: int, alerts: int = 50, fresh: int = 10) -> bytes:
    """Return an Alertmanager delivery of which `fresh` alerts are new and the rest come from a pool of 2,000."""

    def alert(place: int) -> dict[str, Any]:
        is_fresh = place < fresh
        serial = number * fresh + place if is_fresh else (number * alerts + place) % 2000
        fingerprint = f"{run}{'f' if is_fresh else '0'}{serial:011x}"
        labels = {
            "alertname": f"Bench{serial % 20}",
            "cluster": "bench",
            "instance": fingerprint,
            "job": "inference-gateway",
            "severity": "warning",
            "team": "ml-platform",
        }
        annotations = {
            "summary": "The queue of this endpoint is longer than it should be",
            "description": "More than 200 requests have waited for 5 minutes; callers see timeouts.",
            "runbook_url": "https://runbooks.example/queue",
        }
        return {
            "status": "firing",
            "labels": labels,
            "annotations": annotations,
            "startsAt": "2026-11-22T22:01:14.682Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph?g0.expr=up",
            "fingerprint": fingerprint,
        }

    body = {"version": "4", "status": "firing", "receiver": "bench", "groupKey": "{}:{}", "truncatedAlerts": 0}
    return json.dumps({**body, "alerts": [alert(place) for place in range(alerts)]}).encode()


def get_json(url: str) -> dict[str, Any]:
    """Fetch a JSON object from loopback."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def post(url: str, body: bytes) -> int:
    """Post a body to loopback; returns the status."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("POST", parts.path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status
