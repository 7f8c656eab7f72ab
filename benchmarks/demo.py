"""How long a newcomer waits: from typing `tocsin demo` to an incident that has called the second person."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.load import get_json


def measure_demo(folder: Path) -> None:
    """Print when the demo was ready, and when it had opened its incident and escalated it to the newcomer."""
    folder.mkdir()
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    begun_at = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "bot", "demo"], cwd=folder, env=env, stdout=subprocess.PIPE) as demo:
        try:
            assert demo.stdout is not None
            url = re.findall(r"http://[\d.:]+", demo.stdout.readline().decode())[0]
            ready_seconds = time.monotonic() - begun_at
            calls = [wait_for_calls(url, count) - begun_at for count in (1, 2)]
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate()
    print("tocsin demo, from the start of the process")
    print(f"  ready                             {ready_seconds:9.2f} s")
    print(f"  incident open, colleague called   {calls[0]:9.2f} s")
    print(f"  escalated to the newcomer         {calls[1]:9.2f} s wanted: under 10")


def wait_for_calls(url: str, count: int) -> float:
    """Return the moment (monotonic seconds) at which so many calls had gone out."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        pages = get_json(f"{url}/api/v1/incidents/INC-1").get("pages", [])
        if sum(page["sent_at"] is not None for page in pages) >= count:
            return time.monotonic()
        time.sleep(0.02)
    raise TimeoutError(f"{count} calls had not gone out within a minute")
