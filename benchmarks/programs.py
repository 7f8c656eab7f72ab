"""The programs that are measured: Tocsin and Alertmanager, each on loopback in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ORGANISATION = """\
organisation: {name: Bench, timezone: UTC}
people:
  - {name: amira, access: admin}
  - {name: omar, access: responder}
schedules:
  - name: primary
    timezone: UTC
    layers:
      - {name: weekly, people: [amira, omar], every: 7d, handoff: 2026-01-05T09:00}
policies:
  - name: bench
    steps:
      - {page: [schedule:primary]}
      - {after: 30m, page: [person:omar]}
routes:
  - {policy: bench}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs and answers."""

    url: str
    pid: int
    ready_seconds: float

    @property
    def memory_mb(self) -> float:
        """Its resident memory now, in MB."""
        return self._status("VmRSS:")

    @property
    def peak_memory_mb(self) -> float:
        """The most that its resident memory has been, in MB."""
        return self._status("VmHWM:")

    @property
    def processor_seconds(self) -> float:
        """How long it has kept processors busy, by itself and in the kernel."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
        return 0.0


def free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def tocsin(
    folder: Path,
    database_url: str | None = None,
    *,
    organisation: str = ORGANISATION,
    more: Mapping[str, str] | None = None,
) -> Iterator[Program]:
    """Run Tocsin in a folder, on SQLite unless another database is named, and yield it when it is ready.

    `more` adds to its environment.
    """
    (folder / "tocsin.yaml").write_text(organisation)
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    env["TOCSIN_LISTEN"] = f"127.0.0.1:{port}"
    env |= more or {}
    if database_url is not None:
        env["TOCSIN_DATABASE_URL"] = database_url
    env["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    command = [sys.executable, "-m", "bot", "run"]
    with _running(command, folder, env, f"http://127.0.0.1:{port}", "/readyz") as program:
        yield program


@contextmanager
def alertmanager(folder: Path) -> Iterator[Program]:
    """Run Alertmanager with a receiver that goes nowhere, and yield it when it is ready."""
    binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        raise FileNotFoundError("Alertmanager is not installed: apt-get install prometheus-alertmanager")
    config = folder / "alertmanager.yml"
    config.write_text("route: {receiver: nowhere}\nreceivers: [{name: nowhere}]\n")
    port = free_port()
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    with _running(command, folder, dict(os.environ), f"http://127.0.0.1:{port}", "/-/ready") as program:
        yield program


@contextmanager
def _running(command: list[str], folder: Path, env: dict[str, str], url: str, ready_path: str) -> Iterator[Program]:
    begun_at = time.monotonic()
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)  # noqa: S603 - our own words
    try:
        _wait(url + ready_path, process, folder)
        yield Program(url, process.pid, time.monotonic() - begun_at)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended: {(folder / 'log.txt').read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - loopback, our own program
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.01)
    raise TimeoutError(f"{url} did not become ready within a minute")
