"""People at their Slack: what they do becomes Slack's own signed requests, and what they are shown is kept for them."""

import asyncio
import hashlib
import hmac
import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack import kit
from tests.fakes.slack.server import SlackServer
from tests.fakes.slack.workspace import APP, SIGNING_SECRET, TEAM, Channel, Message, View

PATIENCE_SECONDS: Final = 10.0
FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"


@dataclass
class Answered:
    """What Tocsin answered in the very response."""

    status: int
    body: dict[str, Any]


@dataclass
class Sent:
    """A request as it was sent, so that it can be sent once more."""

    kind: str
    payload: Mapping[str, Any]


@dataclass
class People:
    """Everyone in a workspace, at the app that `url` leads to; over the socket when `by_socket`."""

    server: SlackServer
    url: str = ""
    by_socket: bool = False
    last: dict[str, Sent] = field(default_factory=dict)

    async def command(self, user: str, text: str, channel: str = "", **more: str) -> Answered:
        """Give the slash command."""
        payload = {
            "command": "/inc",
            "text": text,
            "team_id": TEAM,
            "user_id": user,
            "user_name": self.server.workspace.users[user].name,
            "channel_id": channel or self.server.workspace.direct(user).id,
            "channel_name": "somewhere",
            "api_app_id": APP,
            "trigger_id": self.server.workspace.trigger(user),
            "response_url": self.server.answer_url(user),
            **more,
        }
        return await self.send(user, Sent("slash_commands", payload))

    async def press(self, user: str, element: Mapping[str, Any], channel: str = "", message: str = "") -> Answered:
        """Press a button of a message."""
        workspace = self.server.workspace
        payload = {
            "type": "block_actions",
            "api_app_id": APP,
            "team": {"id": TEAM, "domain": "acme"},
            "user": {"id": user, "team_id": TEAM},
            "container": {"type": "message", "message_ts": message or workspace.stamp(), "channel_id": channel},
            "channel": {"id": channel, "name": "somewhere"},
            "trigger_id": workspace.trigger(user),
            "response_url": self.server.answer_url(user),
            "actions": [{**element, "block_id": "b1", "action_ts": workspace.stamp()}],
        }
        return await self.send(user, Sent("interactive", payload))

    async def submit(self, user: str, view: View, answers: Mapping[str, str]) -> Answered:
        """Send a form off; `answers` by question's id, a choice by its value. What is left out stays as it was."""
        values = {}
        for block in view.drawn["blocks"]:
            if block["type"] == "input":
                values[block["block_id"]] = {"answer": _state(block["element"], answers.get(block["block_id"]))}
        payload = {
            "type": "view_submission",
            "api_app_id": APP,
            "team": {"id": TEAM, "domain": "acme"},
            "user": {"id": user, "team_id": TEAM},
            "trigger_id": self.server.workspace.trigger(user),
            "view": {**view.drawn, "id": view.id, "hash": view.hash, "state": {"values": values}},
        }
        return await self.send(user, Sent("interactive", payload))

    async def close_form(self, user: str, view: View) -> Answered:
        """Close a form without sending it."""
        payload = {
            "type": "view_closed",
            "api_app_id": APP,
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "view": {**view.drawn, "id": view.id, "hash": view.hash},
        }
        return await self.send(user, Sent("interactive", payload))

    async def say(self, user: str, text: str, channel: Channel, *, thread: str = "", **more: Any) -> list[Answered]:
        """Say something; who mentions the bot causes two events, as with the real one."""
        message = Message(self.server.workspace.stamp(), user, text, thread=thread)
        channel.messages.append(message)
        event = {
            "type": "message",
            "channel": channel.id,
            "channel_type": "im" if channel.owner else "channel",
            "user": user,
            "text": text,
            "ts": message.ts,
            **({"thread_ts": thread} if thread else {}),
            **more,
        }
        events = [event]
        if "<@U0TOCSIN" in text and not channel.owner:
            events.append({name: value for name, value in event.items() if name != "channel_type"})
            events[1]["type"] = "app_mention"
        return [await self.event(user, one) for one in events]

    async def event(self, user: str, event: Mapping[str, Any]) -> Answered:
        """Let Slack report an event."""
        payload = {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "event_id": f"Ev{self.server.workspace.next():08d}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": TEAM, "user_id": "U0TOCSIN", "is_bot": True}],
        }
        return await self.send(user, Sent("events_api", payload))

    async def send(self, user: str, sent: Sent, *, retry: int = 0) -> Answered:
        """Send a request of Slack, and remember it."""
        self.last[user] = sent
        if self.by_socket:
            return Answered(200, await self.server.by_socket(sent.kind, sent.payload))
        match sent.kind:
            case "slash_commands":
                body, kind = urlencode(dict(sent.payload)), FORM
            case "interactive":
                body, kind = urlencode({"payload": json.dumps(sent.payload)}), FORM
            case _:
                body, kind = json.dumps(sent.payload), JSON
        headers = signed(body) | {"Content-Type": kind}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return await self.post(body.encode(), headers)

    async def again(self, user: str) -> Answered:
        """Let Slack deliver once more what a person did last."""
        return await self.send(user, self.last[user], retry=1)

    async def post(self, body: bytes | io.BytesIO, headers: Mapping[str, str]) -> Answered:
        """Post to Tocsin whatever it is."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/slack/events", data=body, headers=headers) as response,
        ):
            text = await response.text()
            is_json = response.content_type == JSON and text.startswith("{")
            return Answered(response.status, json.loads(text) if is_json else {"text": text} if text else {})

    async def shown(self, user: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Return the next thing that a person is shown alone; raises `TimeoutError`."""
        queue = self.server.shown.setdefault(user, asyncio.Queue())
        return await asyncio.wait_for(queue.get(), seconds)


def signed(body: str, secret: str = SIGNING_SECRET, at: int | None = None) -> dict[str, str]:
    """Return the headers by which Slack proves that it sent a body."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def button(message: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    """Return the button of this label from the JSON of a message."""
    for element in kit.buttons(message["blocks"]):
        if element["text"]["text"] == label:
            return element
    raise LookupError(f"there is no button {label!r}")


def _state(element: Mapping[str, Any], answer: str | None) -> dict[str, Any]:
    """Return what a field of a form holds when it is sent."""
    if element["type"] == "static_select":
        chosen = element.get("initial_option")
        if answer is not None:
            chosen = next(one for one in element["options"] if answer in {one["value"], one["text"]["text"]})
        return {"type": "static_select", "selected_option": chosen}
    value = element.get("initial_value") if answer is None else answer
    return {"type": "plain_text_input", "value": value or None}
