"""Take the README's picture: run it beside a Tocsin on http://127.0.0.1:8080 that has no incident yet.

`pip install playwright`, have Chromium, and run `python docs/pictures/take.py docs/pictures/room.png`.
"""

import asyncio
import json
import shutil
import sys
import urllib.request

from playwright.async_api import async_playwright

TOCSIN = "http://127.0.0.1:8080"
ALERT = {
    "title": "Requests queue in front of the model",
    "status": "firing",
    "severity": "critical",
    "key": "gateway-queue",
    "labels": {"alertname": "InferenceQueueLong", "model": "llama-guard"},
}
LINES = (
    "ack INC-1",
    "lead INC-1",
    "sev INC-1 1 customers see timeouts",
    "update INC-1 Rolling the gateway back to the last build",
    "followup INC-1 tomorrow 09:00 Alert on queue length before customers notice",
)


def post(path: str, body: object) -> None:
    """Post JSON to Tocsin."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        TOCSIN + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).read()  # noqa: S310 - our own address


async def main() -> None:
    """Make an incident and look at its room."""
    post("/webhooks/generic", ALERT)
    await asyncio.sleep(2)
    for line in LINES:
        post("/api/v1/commands", {"actor": "amira", "room": None, "text": line})
    await asyncio.sleep(6)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{TOCSIN}/incidents/INC-1")
        await page.wait_for_timeout(800)
        await page.screenshot(path=sys.argv[1])
        await browser.close()


asyncio.run(main())
