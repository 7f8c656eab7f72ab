"""Take the pictures of the documents: in a Tocsin that was sent an alert as Alertmanager would, and in the demo.

Run `.venv/bin/python docs/pictures/take.py` after `make test`; Chromium has to be installed. `CHROMIUM` names another.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from bot.demo.house import ME

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
KEY = "the-key-of-this-source"
READY_SECONDS = 30

ALERT = {
    "version": "4",
    "status": "firing",
    "receiver": "tocsin",
    "groupKey": '{}:{alertname="QueueLong"}',
    "truncatedAlerts": 0,
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "QueueLong",
                "team": "ml",
                "severity": "error",
                "cluster": "gpu-east",
                "model": model,
            },
            "annotations": {
                "summary": f"Requests wait for {model}",
                "description": f"{waiting} requests wait for {model} on gpu-east; the target is below 50.",
                "runbook_url": "https://runbooks.example/gateway",
            },
            "startsAt": "2026-01-07T09:12:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": fingerprint,
        }
        for model, waiting, fingerprint in (("ranker-large", 412, "5ad0c1b7e3f29a40"), ("ranker-small", 96, "9e41f0"))
    ],
}

TALK = (
    ("amira", "/ack", "amira has it"),
    ("amira", "/lead", "amira is commander"),
    ("omar", "Two of the eight GPUs left the pool after the driver update.", "Two of the eight"),
    ("amira", "/sev 2 customers see timeouts", "customers see timeouts"),
    ("omar", "Draining both nodes and taking the update back.", "Draining both"),
    ("amira", "/update The driver update is being taken back; the queue is getting shorter", "Update by amira"),
    ("amira", "/followup tomorrow 09:00 Alert when GPUs leave the pool --owner omar", "Follow-up for omar"),
)
"""Who writes what, and what is seen in the room then."""


def main() -> None:
    """Write room.png, phone.png and demo.png beside this script."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as url:
        send(url)
        asyncio.run(picture(url))
    with demonstrating() as url:
        asyncio.run(picture_demo(url))


@contextmanager
def running(folder: Path, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run Tocsin with the example's organisation on an empty database; gives its address. `more` are variables."""
    shutil.copy(REPOSITORY / "tocsin.example.yaml", folder / "tocsin.yaml")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    env |= {"TOCSIN_LISTEN": address, "PYTHONPATH": str(REPOSITORY), "PROM_KEY": KEY, **(more or {})}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=folder, env=env, stderr=log)
        try:
            wait_until_ready(f"http://{address}/readyz", folder / "log")
            yield f"http://{address}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


@contextmanager
def demonstrating() -> Iterator[str]:
    """Run the demo; gives the address that it tells."""
    command = [sys.executable, "-m", "bot", "demo"]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
    try:
        assert process.stdout is not None
        yield re.findall(r"http://[\d.:]+", process.stdout.readline())[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def wait_until_ready(url: str, log: Path) -> None:
    """Return as soon as Tocsin can work; what it wrote is shown when it can't."""
    for _ in range(READY_SECONDS * 10):
        try:
            urllib.request.urlopen(url).close()  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"Tocsin did not become ready:\n{log.read_text()}")


def send(url: str) -> None:
    """Send the alert to the source that the example names `prom`."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    request = urllib.request.Request(f"{url}/webhooks/prom", json.dumps(ALERT).encode(), headers)  # noqa: S310
    urllib.request.urlopen(request).close()  # noqa: S310 - our own address


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Give a browser."""
    async with async_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def picture(url: str) -> None:
    """Talk in the incident's room as two people, then look at it on a desk and on a phone."""
    async with chromium() as browser:
        pages = {name: await visit(browser, url, name, 1280, 800) for name in ("amira", "omar")}
        for name, line, seen in TALK:
            await pages[name].locator("#text").fill(line)
            await pages[name].locator("#text").press("Enter")
            await expect(pages["amira"].locator("#messages")).to_contain_text(seen)
        await expect(pages["amira"].locator("#pinned")).to_contain_text("SEV2")
        await save(pages["amira"], "room.png")
        phone = await visit(browser, url, "omar", 390, 844)
        await save(phone, "phone.png")


async def picture_demo(url: str) -> None:
    """Look at the demo when it has called its visitor."""
    async with chromium() as browser:
        page = await visit(browser, url, ME, 1280, 720)
        await expect(page.locator("#messages")).to_contain_text("Hint:")
        await expect(page.get_by_role("link", name="My calls")).to_contain_text("1 call")
        await page.screenshot(path=HERE / "demo.png")


async def visit(browser: Browser, url: str, name: str, width: int, height: int) -> Page:
    """Open the incident's room as one of the people."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce", color_scheme="light"
    )
    page = await context.new_page()
    await page.goto(url)
    if await page.locator("#acting").is_visible():
        await page.locator("#acting").select_option(label=name)
    await page.wait_for_load_state("networkidle")
    link = page.get_by_role("link", name="INC-1").first
    await expect(link).to_be_visible()
    await link.click()
    await expect(page.locator("#messages")).to_contain_text("opened this incident")
    return page


async def save(page: Page, name: str) -> None:
    """Write what is seen once nothing changes any more."""
    await page.wait_for_timeout(6000)
    await page.reload()
    await page.wait_for_timeout(500)
    await page.screenshot(path=HERE / name)


if __name__ == "__main__":
    main()
