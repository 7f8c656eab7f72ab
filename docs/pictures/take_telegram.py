"""Take the picture of Telegram: what Tocsin writes there, drawn as a phone would, from a Bot API server of our own.

Run `PYTHONPATH=. .venv/bin/python docs/pictures/take_telegram.py` after `make test`; Chromium has to be installed.
"""

import asyncio
import html
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.async_api import async_playwright

from tests.contracts.chat.house import House, at_work
from tests.contracts.chat.telegram_world import NUMBERS, TelegramWorld
from tests.fakes.telegram.server import FakeTelegram, serving
from tests.fakes.telegram.state import BOT, Message

HERE = Path(__file__).resolve().parent
WORDS = {
    "alertname": "QueueLong",
    "summary": "412 requests wait for ranker-large on gpu-east; the target is below 50",
}
STYLE = """
body { margin: 0; font: 15px/1.38 system-ui, sans-serif; display: flex; gap: 24px; background: #fff; padding: 24px }
section { width: 392px; background: #d5e3c8; border-radius: 18px; overflow: hidden; align-self: flex-start }
h1 { font-size: 16px; margin: 0; background: #517da2; color: #fff; padding: 12px 16px; font-weight: 600 }
h1 small { display: block; font-weight: 400; opacity: .85 }
ol { list-style: none; margin: 0; padding: 12px 10px }
li { margin: 0 40px 10px 0 } li.other { margin: 0 0 10px 40px }
.words { background: #fff; border-radius: 12px; padding: 7px 11px; white-space: pre-wrap; overflow-wrap: anywhere }
.other .words { background: #effdde } .words b.name { color: #c4562c; display: block; font-size: 14px }
.keys { display: flex; gap: 4px; margin-top: 4px }
.keys span { flex: 1; background: #7d9a6cbb; color: #fff; border-radius: 8px; text-align: center; padding: 7px 4px; font-size: 14px }
blockquote { margin: 0; border-left: 3px solid #517da2; padding-left: 8px; max-height: 78px; overflow: hidden }
.pin { color: #517da2; font-size: 13px } a { color: #2678b6; text-decoration: none }
"""


async def main() -> None:
    """Write telegram.png beside this script."""
    fake = FakeTelegram()
    for name, number in NUMBERS.items():
        fake.people.join(name, number)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(fake):
            world = TelegramWorld(fake)
            async with at_work(world, Path(folder), f"sqlite:///{folder}/tocsin.db") as house:
                await run(house, world)
        topic = next(iter(fake.everything.topics.values()))
        amira = NUMBERS["amira"]
        pages = (
            _phone(fake, topic.name, "Ops · topic", fake.everything.in_topic(topic.id)),
            _phone(fake, "Tocsin", "bot", fake.everything.in_private(amira)),
        )
    await _take("".join(pages))


async def run(house: House, world: TelegramWorld) -> None:
    """Let an alert ring, and people do what they would."""
    await house.alert(
        "Requests wait for ranker-large", labels={"alertname": WORDS["alertname"]}, summary=WORDS["summary"]
    )
    room = await house.room()
    (call,) = await world.direct("amira")
    await world.press("amira", call, "Acknowledge")
    await world.talk("omar", "Two of the eight GPUs left the pool after the driver update.", room)
    await world.command("omar", "note draining both nodes", room)
    asked = await world.command("amira", "followup INC-1")
    what, when, _ = asked.form
    await world.fill("amira", {what: "Alert when GPUs leave the pool", when: "some day"})
    await world.fill("amira", {when: "tomorrow 17:00"})
    await house.settled_card("Acknowledged by\namira")


def _phone(fake: FakeTelegram, name: str, below: str, messages: Sequence[Message]) -> str:
    bubbles = "".join(_bubble(fake, message) for message in messages)
    return f"<section><h1>{html.escape(name)}<small>{html.escape(below)}</small></h1><ol>{bubbles}</ol></section>"


def _bubble(fake: FakeTelegram, message: Message) -> str:
    someone = fake.everything.person(message.sender)
    name = "Tocsin" if message.sender == BOT or someone is None else someone.name
    words = "".join(_words(part.text, part.tag, part.href) for part in message.parts)
    rows = (message.keyboard or {}).get("inline_keyboard", [])
    keys = "".join(map(_keys, rows))
    pin = "<div class=pin>📌 pinned</div>" if message.is_pinned else ""
    kind = "" if message.sender == BOT else " class=other"
    return f"<li{kind}><div class=words><b class=name>{html.escape(name)}</b>{words}{pin}</div>{keys}</li>"


def _keys(row: Sequence[Mapping[str, str]]) -> str:
    labels = "".join(f"<span>{html.escape(button['text'])}</span>" for button in row)
    return f"<div class=keys>{labels}</div>"


def _words(text: str, tag: str, href: str) -> str:
    inside = html.escape(text)
    if tag == "a":
        return f'<a href="{html.escape(href)}">{inside}</a>'
    return f"<{tag}>{inside}</{tag}>" if tag else inside


async def _take(body: str) -> None:
    async with async_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 860, "height": 600}, device_scale_factor=1.5)
        await page.set_content(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}")
        await page.screenshot(path=HERE / "telegram.png", full_page=True)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
