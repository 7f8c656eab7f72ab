"""Draw what Tocsin sends to Slack: the JSON of an incident's channel, as Slack lays Block Kit out.

Run `.venv/bin/python docs/pictures/take_slack.py` after `make test`; Chromium has to be installed. `CHROMIUM` names another.
The Slack is the one of the tests, so no account is needed, and what is drawn is what was sent.
"""

import asyncio
import html
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright
from take import HERE, REPOSITORY, running, send

sys.path.insert(0, str(REPOSITORY))

from tests.counterparts.program import until
from tests.fakes.slack.people import People, button
from tests.fakes.slack.server import SlackServer, slack
from tests.fakes.slack.workspace import BOT_TOKEN, BOT_USER, SIGNING_SECRET, Channel, Message, User

AMIRA, OMAR = User("U01AAA", "amira"), User("U02BBB", "omar")
STYLE = """
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.46 "Lato", "DejaVu Sans", "Noto Color Emoji", sans-serif; color: #1d1c1d; width: 860px; background: #fff }
.bar { padding: 14px 20px 10px; border-bottom: 1px solid #ddd }
.bar b { font-size: 18px } .bar p { color: #616061; font-size: 13px }
.marks { padding: 6px 20px; border-bottom: 1px solid #ddd; font-size: 13px; color: #1d1c1d }
.marks span { margin-right: 18px }
.message { display: grid; grid-template-columns: 36px 1fr; gap: 0 10px; padding: 8px 20px }
.pinned { background: #fef9ed } .pin { grid-column: 2; color: #616061; font-size: 12px }
.face { width: 36px; height: 36px; border-radius: 6px; color: #fff; font-weight: 700; text-align: center; line-height: 36px }
.who b { font-size: 15px } .who span { color: #616061; font-size: 12px; margin-left: 6px }
.app { background: #ddd; border-radius: 2px; font-size: 10px !important; padding: 1px 3px; font-weight: 700 }
h2 { font-size: 18px; font-weight: 900; margin: 4px 0 8px }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 24px; margin-bottom: 8px }
.text { white-space: pre-wrap; margin-bottom: 4px } a { color: #1264a3; text-decoration: none }
.actions { display: flex; gap: 8px; flex-wrap: wrap; margin: 8px 0 4px }
button { font: 700 13px/1 inherit; font-family: inherit; padding: 8px 12px; border-radius: 4px; border: 1px solid #bbb; background: #fff }
.primary { background: #007a5a; color: #fff; border-color: #007a5a } .danger { background: #e01e5a; color: #fff; border-color: #e01e5a }
"""


async def main() -> None:
    """Write slack.png beside this script."""
    async with slack() as server:
        for user in (AMIRA, OMAR):
            server.workspace.add_user(user)
        env = {
            "TOCSIN_SLACK_BOT_TOKEN": BOT_TOKEN,
            "TOCSIN_SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "TOCSIN_SLACK_API_URL": server.api_url,
        }
        with tempfile.TemporaryDirectory() as folder:
            tocsin = running(Path(folder), env)
            # Tocsin is waited for in a thread: this one answers for Slack.
            url = await asyncio.to_thread(tocsin.__enter__)
            try:
                await asyncio.to_thread(send, url)
                channel = await talked(server, People(server, url))
            finally:
                await asyncio.to_thread(tocsin.__exit__, None, None, None)
        await draw(page(channel, server))


async def talked(server: SlackServer, people: People) -> Channel:
    """Let two people take the incident in hand; returns its channel."""

    async def is_open() -> bool:
        return any(channel.pins for channel in server.workspace.incident_channels())

    await until(is_open)
    [channel] = server.workspace.incident_channels()
    card = next(message for message in channel.messages if message.ts in channel.pins)
    await people.press(AMIRA.id, button({"blocks": card.blocks}, "Acknowledge"), channel.id, card.ts)
    await people.say(OMAR.id, "Two of the eight GPUs left the pool after the driver update.", channel)
    await people.command(AMIRA.id, "sev 2 customers see timeouts", channel.id)
    await people.command(AMIRA.id, "lead", channel.id)
    await people.command(AMIRA.id, "update The driver update is being taken back", channel.id)

    async def is_told() -> bool:
        return "Commander\namira" in card.words and "taken back" in channel.messages[-1].words

    await until(is_told)
    return channel


async def draw(text: str) -> None:
    """Take the picture of a page."""
    async with async_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        drawn = await browser.new_page(viewport={"width": 860, "height": 200}, device_scale_factor=1.5)
        await drawn.set_content(text)
        await drawn.screenshot(path=HERE / "slack.png", full_page=True)
        await browser.close()


def page(channel: Channel, server: SlackServer) -> str:
    """Return a channel as Slack shows it."""
    marks = "".join(f"<span>🔖 {html.escape(one['title'])}</span>" for one in channel.bookmarks)
    messages = "".join(message(one, server, is_pinned=one.ts in channel.pins) for one in channel.messages)
    return (
        f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>"
        f"<div class=bar><b># {channel.name}</b><p>{html.escape(channel.topic)}</p></div>"
        f"<div class=marks>{marks}</div>{messages}"
    )


def message(one: Message, server: SlackServer, *, is_pinned: bool) -> str:
    """Return a message."""
    user = server.workspace.users[one.user]
    is_app = one.user == BOT_USER
    colour = "#1d2a44" if is_app else f"hsl({sum(map(ord, user.name)) % 360} 45% 45%)"
    name = "Tocsin" if is_app else user.name
    app = " <span class=app>APP</span>" if is_app else ""
    body = "".join(block(each) for each in one.blocks) or f"<div class=text>{html.escape(one.text)}</div>"
    pin = "<div class=pin>📌 Pinned by Tocsin</div>" if is_pinned else ""
    return (
        f"<div class='message {'pinned' if is_pinned else ''}'>{pin}"
        f"<div class=face style='background:{colour}'>{name[0].upper()}</div>"
        f"<div><div class=who><b>{name}</b>{app}</div>{body}</div></div>"
    )


def block(one: Mapping[str, Any]) -> str:
    """Return a block."""
    match one["type"]:
        case "header":
            return f"<h2>{html.escape(one['text']['text'])}</h2>"
        case "section":
            fields = "".join(f"<div>{mrkdwn(field['text'])}</div>" for field in one.get("fields", ()))
            text = f"<div class=text>{mrkdwn(one['text']['text'])}</div>" if "text" in one else ""
            return text + (f"<div class=fields>{fields}</div>" if fields else "")
        case "rich_text":
            parts = [part for section in one["elements"] for part in section["elements"]]
            return f"<div class=text>{rich(parts)}</div>"
        case _:
            return f"<div class=actions>{''.join(press(each) for each in one['elements'])}</div>"


def rich(parts: Sequence[Mapping[str, Any]]) -> str:
    """Return literal text with its links."""
    return "".join(
        f"<a>{html.escape(part['url'])}</a>" if part["type"] == "link" else html.escape(part["text"]) for part in parts
    )


def mrkdwn(text: str) -> str:
    """Return Slack's own markup, as far as Tocsin writes it: bold labels and bare links."""
    text = re.sub(r"<(https?://[^>]+)>", r"<a>\1</a>", text)
    return re.sub(r"^\*(.+)\*$", r"<b>\1</b>", text, flags=re.MULTILINE).replace("\n", "<br>")


def press(element: Mapping[str, Any]) -> str:
    """Return a button."""
    return f"<button class='{element.get('style', '')}'>{html.escape(element['text']['text'])}</button>"


if __name__ == "__main__":
    asyncio.run(main())
